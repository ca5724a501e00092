import type { InvitationStatus } from '../../domain/invitation.ts';
import type { MemberState } from '../../domain/member.ts';
import type {
  EmployeeType,
  InvitationMode,
  LetterKind,
  LetterStatus,
} from '../../domain/vocabulary.ts';
import type { RowResult } from '../../invitations/import/row-result.ts';
import type { Texts } from './en.ts';

const statuses: Readonly<Record<InvitationStatus, string>> = {
  issuing: 'en création',
  issued: 'émise',
  open: 'ouverte',
  registered: 'inscription faite',
  activated: 'compte activé',
  welcomed: 'accueil envoyé',
  failed: 'en échec',
  gone: 'départ',
  revoked: 'révoquée',
  expired: 'expirée',
};

const states: Readonly<Record<MemberState, string>> = {
  waiting: 'en attente',
  ready: 'à envoyer',
  sending: 'envoi en cours',
  welcomed: 'accueil envoyé',
  skipped: 'sans envoi',
  gone: 'départ',
  failed: 'en échec',
  unknown: 'à clarifier',
};

const stateMeanings: Readonly<Record<MemberState, string>> = {
  waiting: 'compte pas encore actif dans le portail',
  ready: 'compte actif, message d’accueil à envoyer',
  sending: 'message d’accueil en cours d’envoi',
  welcomed: 'message d’accueil envoyé',
  skipped: 'ne reçoit pas de message d’accueil ; le motif est indiqué',
  gone: 'a quitté le portail avant le message d’accueil',
  failed: 'message d’accueil refusé pour cette personne',
  unknown: 'on ne sait pas si le message d’accueil est arrivé',
};

const types: Readonly<Record<EmployeeType, string>> = {
  Guest: 'Invité',
  User: 'Utilisateur',
  RoomAdmin: 'Admin de salle',
  DocSpaceAdmin: 'Admin DocSpace',
};

const modes: Readonly<Record<InvitationMode, string>> = {
  link: 'lien',
  email: 'e-mail du portail',
  smtp: 'e-mail de ce service',
};

const letters: Readonly<Record<LetterStatus, string>> = {
  pending: 'lettre en attente',
  sent: 'lettre envoyée',
  refused: 'lettre refusée',
  unknown: 'lettre : issue inconnue',
};

const letterKinds: Readonly<Record<LetterKind, string>> = {
  invitation: 'Invitation',
  reminder: 'Rappel',
};

const rowResults: Readonly<Record<RowResult['result'], string>> = {
  invited: 'invitation émise',
  'already invited': 'invitation déjà émise',
  'already a user': 'déjà dans le portail',
  disabled: 'compte désactivé',
  'duplicate in the file': 'en double',
  'not valid': 'non valide',
  refused: 'refus du portail',
  failed: 'en échec',
  'not reached': 'non traitée',
};

export const fr: Texts = {
  language: 'Français',
  words: {
    statuses,
    states,
    stateMeanings,
    types,
    modes,
    letters,
    letterKinds,
    rowResults,
    shows: {
      activated: 'compte actif',
      not_active: 'compte non actif',
      terminated: 'compte désactivé',
    },
  },
  frame: {
    skip: 'Aller au contenu',
    overview: 'Synthèse',
    invitations: 'Invitations',
    invite: 'Inviter',
    health: 'Service',
    signOut: 'Se déconnecter',
    admin: 'Administration',
    session: (name, role) => `${name} (${role === 'viewer' ? 'lecture seule' : 'gestion'})`,
    timesIn: (zone) => `Heures du fuseau ${zone}.`,
    updated: 'Mise à jour :',
    live: 'Cette page s’actualise automatiquement.',
    stopLive: 'Arrêter l’actualisation',
    goOnLive: 'Reprendre l’actualisation',
    lost: 'Le service ne répond pas. Ce que vous voyez n’est peut-être plus à jour.',
    languages: 'Langue',
    documentation: 'API HTTP',
    people: 'Personnes',
  },
  signIn: {
    title: 'Connexion',
    intro:
      'Le journal des invitations de votre portail : qui a été invité, qui s’est inscrit et qui a reçu le message d’accueil.',
    token: 'Jeton',
    hint: 'La valeur de ADMIN_TOKEN dans les réglages de ce service, ou un jeton créé pour vous.',
    button: 'Se connecter',
    wrong: 'Ce jeton n’est pas valable.',
    textKept:
      'Votre session est terminée. Connectez-vous : le formulaire réapparaîtra avec votre texte.',
    textTooLong:
      'Votre session est terminée, et votre texte est trop long pour être conservé ici. Revenez en arrière dans le navigateur et copiez-le avant de vous connecter.',
  },
  common: {
    nobody: 'Personne.',
    none: 'Aucune entrée.',
    show: 'Afficher',
    openLink: 'Lien ouvert',
    figures: 'Afficher sous forme de tableau',
    older: 'Plus anciennes',
    newest: 'Revenir aux plus récentes',
    copy: 'Copier le lien',
    copied: 'Copié',
    notFound: 'Page introuvable',
    notFoundHint: 'L’adresse est peut-être incomplète, ou l’élément n’existe plus.',
    failed: 'Cette page n’a pas pu être affichée',
    failedHint: 'Réessayez. Si l’erreur persiste, les logs du service en indiquent la cause.',
    noForm: 'Le formulaire est arrivé incomplet',
    noFormHint: 'Rien n’a été modifié. Rouvrez la page et envoyez de nouveau le formulaire.',
    readOnly: 'Vous pouvez seulement consulter',
    readOnlyHint:
      'Rien n’a été modifié. Votre jeton a le rôle « viewer ». Demandez à une personne qui a le rôle « operator ».',
    crossSite: 'Le formulaire ne vient pas de ce site',
    crossSiteHint:
      'Rien n’a été modifié. Ouvrez la page ici et envoyez le formulaire depuis celle-ci.',
    tooLarge: 'C’est trop volumineux pour un seul envoi',
    tooLargeHint: 'Procédez en plusieurs envois. Personne n’est invité deux fois.',
    storeDown: 'La base de données est actuellement inutilisable',
    storeDownHint:
      'Rien n’a été modifié. Réessayez dans un instant. La page « Service » indique ce qui ne va pas.',
    hostChanged: (origin, host) =>
      `Votre navigateur a ouvert ${origin}, mais la requête est arrivée pour l’hôte ${host}. S’il y a un proxy entre les deux, faites-lui transmettre l’en-tête Host sans le modifier (nginx : proxy_set_header Host $http_host;), ou réglez PUBLIC_URL sur ${origin} et redémarrez le service.`,
  },
  overview: {
    title: 'Synthèse',
    nothing: 'Rien à traiter pour le moment.',
    unknown: (n, one) =>
      one
        ? 'On ne sait pas si un message d’accueil est arrivé. Demandez à la personne, puis décidez.'
        : `On ne sait pas si ${n} messages d’accueil sont arrivés. Demandez aux personnes, puis décidez.`,
    settle: 'Examiner',
    failed: (n, one) =>
      one
        ? 'Le message d’accueil a été refusé pour une personne.'
        : `Le message d’accueil a été refusé pour ${n} personnes.`,
    lettersRefused: (n, one) =>
      one
        ? 'La lettre à une personne invitée a été refusée.'
        : `Les lettres à ${n} personnes invitées ont été refusées.`,
    lettersUnknown: (n, one) =>
      one
        ? 'On ignore si une lettre d’invitation est arrivée.'
        : `On ignore si ${n} lettres d’invitation sont arrivées.`,
    seeInvitations: 'Afficher les invitations',
    see: 'Afficher les personnes',
    paused: 'Les envois sont en pause :',
    look: 'Ouvrir la page Service',
    funnel: 'De l’invitation à l’accueil',
    funnelSteps: {
      issued: 'Invitation émise',
      registered: 'Inscription faite',
      activated: 'Compte activé',
      welcomed: 'Accueil envoyé',
    },
    funnelNote:
      'Montre l’étape que les personnes invitées ont atteinte. Les liens ouverts ne sont pas comptés.',
    funnelEmpty: 'Personne n’a encore été invité.',
    inviteFirst: 'Inviter des personnes',
    byOpenLink: (came, welcomed) =>
      `Inscriptions par liens ouverts : ${came}, dont ${welcomed} avec message d’accueil envoyé.`,
    expired: (n, one) =>
      one
        ? 'Une invitation a expiré sans inscription.'
        : `${n} invitations ont expiré sans inscription.`,
    apart: 'Non comptées ci-dessus :',
    days: 'Jour par jour',
    range: 'Période',
    lastDays: (n) => `${n} jours`,
    kinds: { invited: 'Invitations', activated: 'Activations', welcomed: 'Messages d’accueil' },
    daysLabel: (kind, total, days) => `${kind} : ${total} sur les ${days} derniers jours`,
    most: (n, day) => `jour le plus chargé : ${day} (${n})`,
    day: 'Jour',
    toActivation: 'De l’invitation à l’activation',
    toWelcome: 'De l’activation à l’accueil',
    half: (half, nine) =>
      `Au plus ${half} pour la moitié des personnes, au plus ${nine} pour neuf sur dix.`,
    noDurations: 'Personne n’est encore arrivé à cette étape.',
    span: 'Durée',
    people: 'Personnes',
    spans: [
      'moins de 10 s',
      '10 à 60 s',
      '1 à 10 min',
      '10 à 60 min',
      '1 à 24 h',
      '1 à 7 jours',
      'davantage',
    ],
    state: 'État',
    means: 'Signification',
    total: 'Total',
    attention: 'À traiter',
    addressNotInvited: (n, one) =>
      one
        ? 'Une personne s’est inscrite par un lien d’invitation de ce compte, avec une adresse que personne n’a invitée.'
        : `${n} personnes se sont inscrites par des liens d’invitation de ce compte, avec des adresses que personne n’a invitées.`,
    byState: 'Personnes par état',
    byStateNote:
      'Tous les utilisateurs du portail que suit ce service ; chacun est dans un seul état.',
    pausedByOperator: 'Un administrateur a mis les envois en pause.',
  },
  next: {
    issuing: 'L’invitation est en cours de demande auprès du portail.',
    issuedLink: 'Transmettez le lien à la personne. Elle l’ouvre et s’inscrit.',
    letter: {
      pending: 'La lettre part dès que l’envoi est possible.',
      sent: 'La personne ouvre le lien de la lettre et s’inscrit.',
      refused: 'Le serveur de messagerie a refusé la lettre. Corrigez la cause, puis renvoyez-la.',
      unknown: 'On ignore si la lettre est arrivée. Demandez à la personne, ou renvoyez-la.',
      none: 'Aucune lettre n’est envoyée. L’historique dit pourquoi.',
    },
    reminder: (when) => `Prochain rappel prévu : ${when}.`,
    issuedEmail: 'La personne ouvre l’e-mail du portail et s’inscrit.',
    open: 'Toute personne qui a le lien peut s’inscrire.',
    registered:
      'La personne s’est inscrite. Le message d’accueil suivra dès que le compte sera actif.',
    welcomed: 'La personne a reçu son message d’accueil. Il n’y a plus rien à faire.',
    failedInvitation: 'Corrigez la cause, puis invitez de nouveau.',
    revoked:
      'L’invitation a été révoquée. Le lien lui-même s’ouvre peut-être encore : le portail ne peut pas l’annuler.',
    expired:
      'Le lien ne s’ouvre plus. Invitez de nouveau la personne si elle doit encore s’inscrire.',
    waiting: (when) =>
      `Le compte n’est pas encore actif. Prochaine vérification : ${when}, ou dès que le portail signale un changement.`,
    waitingNow: 'Le portail est interrogé pour savoir si le compte est actif.',
    ready: 'Le message d’accueil est à envoyer. Il part dès que l’envoi est possible.',
    sending: 'Le message d’accueil est en cours d’envoi.',
    skipped: 'Aucun message d’accueil n’est envoyé, sauf si vous le demandez.',
    gone: 'La personne a quitté le portail. Si elle revient, elle sera de nouveau vérifiée.',
    failed: 'Le message d’accueil a été refusé. Corrigez la cause, puis réessayez.',
    unknown: 'Demandez à la personne si le message d’accueil est arrivé, puis décidez.',
  },
  actions: {
    resend: 'Renvoyer',
    resendLink: 'Créer un nouveau lien',
    resendLetter: 'Renvoyer',
    resendLetterSays:
      'Ce service envoie de nouveau la lettre. Si le lien expire en moins d’un jour, la lettre en contient un nouveau.',
    resendSays:
      'Le portail envoie de nouveau l’invitation par e-mail. Cela compte dans sa limite quotidienne.',
    resendLinkSays:
      'Le portail crée un nouveau lien pour la même invitation. L’ancien lien reste valable jusqu’à son expiration.',
    revoke: 'Révoquer',
    revokeSays:
      'L’invitation est close, et toute personne qui s’inscrit par elle ne reçoit pas de message d’accueil. Le portail ne peut pas annuler le lien : il s’ouvre jusqu’à son expiration.',
    revokeYes: 'Révoquer l’invitation',
    retry: 'Réessayer',
    retrySays:
      'Le portail est interrogé sur cette personne. Si son compte est actif, le message d’accueil est envoyé de nouveau.',
    retrySkipped: 'Accueillir quand même',
    retrySkippedSays:
      'Cette personne est traitée comme une personne invitée et reçoit le message d’accueil dès que son compte est actif.',
    resolveSent: 'Marquer comme arrivé',
    resolveSentSays:
      'Le message d’accueil compte comme envoyé. Rien d’autre n’est envoyé à cette personne.',
    resolveRetry: 'Envoyer de nouveau',
    resolveRetrySays:
      'Le message d’accueil est envoyé de nouveau. Si le premier est tout de même arrivé, la personne le reçoit deux fois.',
    retryFailed: 'Tout réessayer',
    retryFailedSays:
      'Le portail est interrogé sur chacune de ces personnes. Celles dont le compte est actif reçoivent de nouveau le message d’accueil.',
    reconcile: 'Lancer le rapprochement',
    reconcileSays:
      'Le portail est interrogé maintenant sur les changements que le webhook n’a pas signalés. Seuls partent les messages d’accueil qui seraient envoyés de toute façon.',
    pause: 'Mettre les envois en pause',
    pauseSays:
      'Aucun message d’accueil et aucune lettre ne sont envoyés tant que vous ne reprenez pas les envois. Les nouvelles invitations et les notifications du portail sont toujours acceptées.',
    resume: 'Reprendre les envois',
    resumeSays:
      'Lève toutes les pauses, remet à zéro la limite horaire et envoie aussitôt les messages d’accueil en attente.',
    replay: 'Relire',
    replaySays: 'La notification est traitée de nouveau, comme si elle venait d’arriver.',
    check: 'Vérifier maintenant',
    checkSays:
      'Le portail est interrogé maintenant sur cette personne. Le message d’accueil n’est envoyé que si son compte est actif.',
    stop: 'Arrêter',
    stopSays:
      'Les demandes commencées se terminent ; les autres ne sont pas faites. Envoyez de nouveau la même liste pour continuer.',
  },
  done: {
    letterAgain: 'La lettre est de nouveau en cours d’envoi.',
    resent: 'Le portail a de nouveau envoyé l’invitation par e-mail.',
    freshLink: 'Un nouveau lien est prêt.',
    revoked: 'L’invitation a été révoquée. Son lien s’ouvre jusqu’à son expiration.',
    retried: 'Le portail est interrogé sur cette personne.',
    resolvedSent: 'Le message d’accueil compte comme envoyé.',
    resolvedRetry: 'Le message d’accueil est envoyé de nouveau.',
    retriedAll: (n, one) =>
      one ? 'Une personne est de nouveau vérifiée.' : `${n} personnes sont de nouveau vérifiées.`,
    reconciled: (checked, found) =>
      `Personnes et entrées vérifiées : ${checked}. Changements trouvés : ${found}.`,
    interrupted: (reason) =>
      `Le rapprochement s’est arrêté avant la fin : ${reason}. Le prochain passage le reprendra.`,
    paused: 'Les envois sont en pause.',
    resumed: 'Les envois ont repris.',
    replayed: 'La notification a été relue.',
  },
  invitations: {
    title: 'Invitations',
    download: 'Télécharger en CSV',
    search: 'Recherche',
    searchHint: 'adresse ou note, 3 caractères au moins',
    status: 'Statut',
    type: 'Rôle',
    letter: 'Lettre',
    mode: 'Mode d’envoi',
    since: 'Invitations du',
    until: 'Invitations au',
    any: 'tous',
    filter: 'Filtrer',
    clear: 'Effacer le filtre',
    who: 'Adresse e-mail',
    invitedAt: 'Date',
    link: 'Lien',
    none: 'Aucune invitation ne correspond à ce filtre.',
    noneYet: 'Personne n’a encore été invité.',
    members: (n) => `inscriptions : ${n}`,
    badFilter: (fields) =>
      `Rien n’est affiché, car ces champs du filtre ne sont pas valides : ${fields}. Corrigez-les et filtrez de nouveau.`,
    step: (step) => `Étape atteinte : ${step}`,
  },
  invite: {
    title: 'Inviter',
    people: 'Adresses e-mail',
    peopleHint:
      'Une adresse par ligne, ou séparées par des virgules. Laissez vide pour obtenir un lien ouvert que plusieurs personnes peuvent utiliser.',
    type: 'Rôle',
    typeHint:
      'Le portail ne peut pas envoyer d’invitation par e-mail à un invité : choisissez un autre mode d’envoi.',
    mode: 'Mode d’envoi',
    byLetter: 'Une lettre : un e-mail envoyé par ce service',
    noMail: 'Ce service peut envoyer des lettres dès que SMTP_URL et WELCOME_FROM sont définis.',
    language: 'Langue de la lettre',
    languageHint: 'Par exemple de ou pt-BR. Vide : la langue du portail.',
    badLanguage: 'La langue n’est pas valide. Écrivez-la comme « de » ou « pt-BR ».',
    byLink: 'Un lien que vous transmettez vous-même',
    byEmail: 'Un e-mail envoyé par le portail',
    note: 'Note',
    noteHint:
      'Visible seulement dans ce journal : par exemple le projet ou l’auteur de la demande.',
    button: 'Inviter',
    fromFile: 'Inviter à partir d’un fichier',
    file: 'Fichier CSV',
    fileHint:
      'La première ligne contient les en-têtes email, type, mode, note et language, dans n’importe quel ordre ; seul email est nécessaire. Une ligne sans adresse n’est pas valide, sauf si son mode est open-link. Importer de nouveau le même fichier n’invite personne deux fois.',
    fileDefaults: 'Valeurs par défaut des cellules vides :',
    upload: 'Importer et inviter',
    noFile: 'Choisissez d’abord un fichier.',
    noRows: 'Le fichier n’a aucune ligne sous ses en-têtes.',
    tooMany: (n) => `Vous pouvez envoyer au plus ${n} invitations à la fois. Divisez la liste.`,
    unreadable: (reason) => `Le fichier ${reason}.`,
    notValid: 'Personne n’a été invité. Corrigez d’abord :',
    restored:
      'Votre session était terminée avant l’envoi du formulaire. Vérifiez-le, puis envoyez-le de nouveau.',
    badAddress: (address) => `${address} n’est pas une adresse e-mail.`,
    linkOnly: (address) =>
      `Le portail n’envoie pas d’invitation à ${address}. Choisissez le lien ou un autre mode d’envoi.`,
    noGuestMail:
      'Le portail ne peut pas envoyer d’invitation par e-mail à un invité. Choisissez un autre mode d’envoi ou un autre rôle.',
    mailNeedsAddress:
      'Un e-mail demande au moins une adresse. Saisissez-en une, ou choisissez le lien.',
    noteTooLong: 'La note dépasse 500 caractères. Raccourcissez-la.',
  },
  run: {
    title: (n, one) => (one ? 'Invitation d’une personne' : `Invitation de ${n} personnes`),
    done: (n, all) => `${n} sur ${all} traitées`,
    waiting: (until, reason) => `Le portail demande d’attendre jusqu’à ${until} : ${reason}`,
    finished: 'Terminé.',
    interrupted:
      'Arrêté. Envoyez de nouveau la même liste pour continuer ; personne n’est invité deux fois.',
    stopped: (reason) =>
      `Arrêté : ${reason}. Envoyez de nouveau la même liste pour continuer ; personne n’est invité deux fois.`,
    download: 'Télécharger tous les résultats avec leurs liens',
    results: 'Résultats',
    needing: 'Lignes à traiter',
    row: 'Ligne',
    result: 'Résultat',
    reason: 'Motif',
    first: (n) => `Les ${n} premières lignes. Le fichier téléchargé les contient toutes.`,
    again: 'Inviter d’autres personnes',
    gone: 'Cette liste n’est plus conservée. Les invitations figurent ici.',
    failed:
      'Un incident imprévu a arrêté l’opération : voir les logs du service. Envoyez de nouveau la même liste pour continuer ; personne n’est invité deux fois.',
  },
  person: {
    name: 'Nom',
    address: 'Adresse e-mail',
    type: 'Rôle',
    mode: 'Mode d’envoi',
    note: 'Note',
    id: 'ID d’invitation',
    userId: 'ID dans le portail',
    invitedAt: 'Invitation',
    registeredAt: 'Inscription',
    activatedAt: 'Activation',
    welcomedAt: 'Accueil',
    absent: (at) => `a quitté le portail le ${at}`,
    next: 'Prochaine étape',
    timeline: 'Chronologie',
    letters: 'Lettres',
    language: 'Langue',
    attempts: 'Tentatives d’envoi du message d’accueil',
    channel: 'Canal',
    started: 'Début',
    outcome: 'Résultat',
    underWay: 'en cours',
    outcomes: {
      sent: 'envoyé',
      not_sent: 'non envoyé',
      refused: 'refusé',
      unknown: 'issue inconnue',
    },
    welcome: 'Message d’accueil',
    preview: 'Afficher le message',
    wouldSend: (channel) => `Il serait envoyé maintenant par le canal ${channel}.`,
    wouldNotSend: 'Il ne serait pas envoyé maintenant :',
    subject: 'Objet',
    from: 'De',
    to: 'À',
    text: 'Version texte',
    letter: 'Le message tel que la personne le voit',
    members: 'Personnes inscrites par ce lien',
    linkTitle: 'Lien d’invitation',
    linkWorks: (until) => `Le lien est valable jusqu’au ${until}.`,
    noInvitation: 'Cette personne n’est pas venue par une invitation de ce service.',
    seeInvitation: 'Afficher l’invitation',
    allMembers: (all) => `Afficher toutes les personnes (${all})`,
    portalLetter:
      'Le portail envoie son propre message : celui qui accueille l’administrateur d’un nouveau portail. Son texte ne peut pas être modifié ici.',
    notSentState: (state, reason) => `l’état est « ${state} »${reason && ` : ${reason}`}`,
    notSentPaused: (reasons) => `les envois sont en pause (${reasons})`,
    notSentRefused: 'tous les canaux ont refusé cette personne',
  },
  people: {
    title: 'Personnes',
    who: 'Personne',
    state: 'État',
    reason: 'Motif',
    none: 'Personne ne correspond à ce filtre.',
    all: 'tous',
    registered: 'Inscription',
    searchHint: 'nom ou adresse, 3 caractères au moins',
    noneYet: 'Personne ne s’est encore inscrit.',
    ofInvitation: 'Uniquement les personnes venues par une invitation précise.',
    reasonGroups: {
      person: 'Personne',
      portal: 'Portail',
      mail: 'Serveur de messagerie',
      service: 'Ce service',
    },
  },
  health: {
    title: 'Service',
    parts: {
      store: 'Base de données',
      worker: 'Traitement',
      portal: 'Portail',
      channel: 'Envois',
      webhook: 'Webhook',
      events: 'Événements',
      notices: 'Avis',
    },
    levels: { ok: 'en ordre', warning: 'attention', wrong: 'erreur' },
    sending: 'Envois',
    sends: 'Les messages d’accueil partent dès qu’ils sont à envoyer.',
    since: (at) => `depuis le ${at}`,
    until: (at) => `se termine automatiquement le ${at}`,
    byHand: 'jusqu’à ce que vous repreniez les envois',
    reconciliation: 'Rapprochement',
    deliveries: 'Notifications du portail',
    answers: 'Réponses depuis le démarrage',
    onlyUnreadable: 'Illisibles seulement',
    allDeliveries: 'Toutes',
    noDeliveries:
      'Aucune notification pour l’instant. Enregistrez le webhook avec : docspace-welcome webhook register',
    noUnreadable: 'Toutes les notifications ont pu être lues.',
    received: 'Réception',
    answer: 'Réponse',
    trigger: 'Déclencheur',
    about: 'Utilisateur',
    repeats: (n) => `répétée : ${n} ×`,
    accepted: 'acceptée',
    unreadable: 'illisible',
    duplicate: 'en double',
    ignored: 'ignorée',
    unsigned: 'non signée',
    too_large: 'trop volumineuse',
    unavailable: 'service indisponible',
    pausedChannel: (channel) => `Canal ${channel}`,

    lastRun: (at) => `Dernier passage complet : ${at}.`,
    noRun: 'Aucun passage complet depuis le démarrage.',
  },
  delivery: {
    title: (id) => `Notification ${id}`,
    body: 'Contenu tel qu’il est arrivé',
    forgotten:
      'Le contenu n’est plus conservé, car les données de cette personne ont été effacées.',
    event: 'ID d’événement',
    webhook: 'ID du webhook',
    created: 'Créée dans le portail',
    shows: 'Compte',
    reason: 'Motif',
  },
};
