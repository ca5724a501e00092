import type { InvitationStatus } from '../../domain/invitation.ts';
import type { MemberState } from '../../domain/member.ts';
import type { EmployeeType, InvitationMode } from '../../domain/vocabulary.ts';
import type { RowResult } from '../../invitations/import/row-result.ts';
import type { Phrases } from './en.ts';
import { frPages } from './fr-pages.ts';

const statuses: Readonly<Record<InvitationStatus, string>> = {
  issuing: 'en création',
  issued: 'émise',
  open: 'ouverte',
  registered: 'inscription faite',
  activated: 'compte activé',
  welcomed: 'accueil envoyé',
  failed: 'en échec',
  revoked: 'retirée',
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
  waiting: 'personne connue, compte pas encore actif',
  ready: 'compte actif, message d’accueil à envoyer',
  sending: 'message d’accueil en route',
  welcomed: 'a reçu son unique message d’accueil',
  skipped: 'ne relève pas de ce service, motif indiqué',
  gone: 'a quitté le portail avant le message d’accueil',
  failed: 'message d’accueil refusé pour cette personne',
  unknown: 'nul ne sait si le message d’accueil est arrivé',
};

const types: Readonly<Record<EmployeeType, string>> = {
  Guest: 'Invité',
  User: 'Utilisateur',
  RoomAdmin: 'Admin de salle',
  DocSpaceAdmin: 'Admin DocSpace',
};

const modes: Readonly<Record<InvitationMode, string>> = { link: 'lien', email: 'e-mail' };

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

export const fr: Phrases = {
  language: 'Français',
  words: { statuses, states, stateMeanings, types, modes, rowResults },
  frame: {
    skip: 'Aller au contenu',
    overview: 'Synthèse',
    invitations: 'Invitations',
    invite: 'Inviter',
    health: 'Service',
    signOut: 'Se déconnecter',
    timesIn: (zone) => `Heures du fuseau ${zone}.`,
    updated: 'Mise à jour :',
    live: 'Cette page s’actualise d’elle-même.',
    stopLive: 'Arrêter l’actualisation',
    goOnLive: 'Reprendre l’actualisation',
    lost: 'Le service ne répond pas. Ce que vous voyez n’est peut-être plus à jour.',
    languages: 'Langue',
    documentation: 'HTTP API',
  },
  signIn: {
    title: 'Connexion',
    intro:
      'Le journal des invitations de votre portail : qui a été invité, qui est venu et qui a reçu son message d’accueil.',
    token: 'Jeton d’administration',
    hint: 'La valeur de ADMIN_TOKEN dans les réglages de ce service.',
    button: 'Se connecter',
    wrong: 'Ce n’est pas le jeton d’administration.',
  },
  common: {
    nobody: 'Personne.',
    none: 'Aucune entrée.',
    show: 'Afficher',
    openLink: 'Lien ouvert',
    figures: 'Les chiffres',
    older: 'Plus anciennes',
    newest: 'Revenir aux plus récentes',
    copy: 'Copier le lien',
    copied: 'Copié',
    notFound: 'Cette page n’existe pas ici.',
    notFoundHint: 'Elle a peut-être été déplacée, ou l’adresse est incomplète.',
    failed: 'Une erreur s’est produite ici.',
    failedHint: 'Rien n’a été modifié. Les logs du service disent ce qui s’est passé.',
    noForm: 'Ce formulaire n’est pas arrivé en entier.',
    noFormHint: 'Rouvrez la page ici et envoyez de nouveau le formulaire.',
    crossSite: 'Ce formulaire ne vient pas de ce site.',
    crossSiteHint: 'Rouvrez la page ici et envoyez le formulaire depuis celle-ci.',
    tooLarge: 'C’est plus que ce qui peut être envoyé en une fois.',
    tooLargeHint:
      'Procédez en plusieurs envois : une même personne n’est jamais invitée deux fois.',
    storeDown: 'La base de données est actuellement inutilisable.',
    storeDownHint:
      'Rien n’a été modifié. Réessayez dans un instant ; la page « Service » indique ce qui ne va pas.',
  },
  overview: {
    title: 'Synthèse',
    needs: 'À vous d’intervenir',
    nothing: 'Rien ne demande votre intervention.',
    unknown: (n, one) =>
      one
        ? 'Un message d’accueil est peut-être arrivé, peut-être pas. Demandez à la personne, puis clarifiez.'
        : `${n} messages d’accueil sont peut-être arrivés, peut-être pas. Demandez aux personnes, puis clarifiez.`,
    settle: 'Clarifier',
    failed: (n, one) =>
      one ? 'Un message d’accueil a été refusé.' : `${n} messages d’accueil ont été refusés.`,
    see: 'Voir qui',
    cameByUs: (n, one) =>
      one
        ? 'Une personne est venue par une invitation de ce compte, avec une adresse que personne n’a invitée.'
        : `${n} personnes sont venues par une invitation de ce compte, avec des adresses que personne n’a invitées.`,
    paused: 'Les envois sont en pause :',
    look: 'Voir',
    funnel: 'De l’invitation à l’accueil',
    funnelSteps: {
      issued: 'Invitation émise',
      registered: 'Inscription faite',
      activated: 'Compte activé',
      welcomed: 'Accueil envoyé',
    },
    funnelNote: 'Les invitations à une seule personne, et jusqu’où ces personnes sont allées.',
    funnelEmpty: 'Il n’y a pas encore d’invitation.',
    inviteFirst: 'Inviter quelqu’un',
    byOpenLink: (came, welcomed) =>
      `Arrivées par liens ouverts : ${came}, dont accueil envoyé : ${welcomed}.`,
    expired: (n, one) =>
      one
        ? 'Une invitation a expiré sans inscription.'
        : `${n} invitations ont expiré sans inscription.`,
    apart: 'Non comptées ici :',
    days: 'Jour par jour',
    range: 'Période',
    lastDays: (n) => `${n} jours`,
    kinds: { invited: 'Invitations', activated: 'Activations', welcomed: 'Messages d’accueil' },
    daysLabel: (kind, total, days) => `${kind} : ${total} sur les ${days} derniers jours`,
    most: (n, day) => `maximum le ${day} : ${n}`,
    day: 'Jour',
    toActivation: 'De l’invitation à l’activation',
    toWelcome: 'De l’activation à l’accueil',
    half: (half, nine) =>
      `Pour la moitié, au plus ${half} ; pour neuf personnes sur dix, au plus ${nine}.`,
    noDurations: 'Personne n’en est encore là.',
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
    balance: 'Chaque personne dans un seul état',
    balanceNote:
      'Toutes les personnes du portail que ce service suit. La somme des états donne leur total.',
    state: 'État',
    means: 'Signification',
    total: 'Total',
  },
  next: {
    issuing: 'La demande est en cours auprès du portail.',
    issuedLink: 'Transmettez le lien : la personne l’ouvre et s’inscrit.',
    issuedEmail: 'La personne ouvre l’e-mail du portail et s’inscrit.',
    open: 'Toute personne qui a le lien peut s’inscrire.',
    registered: 'La personne s’est inscrite et n’a pas encore confirmé son adresse.',
    welcomed: 'La personne est là et a reçu son message d’accueil. Il n’y a plus rien à faire.',
    failedInvitation: 'Invitez de nouveau une fois la cause corrigée.',
    revoked: 'L’invitation a été retirée. Le portail lui-même ne peut pas reprendre un lien.',
    expired:
      'Invitez de nouveau : le lien ne s’ouvre plus. Une arrivée tardive compte tout de même.',
    waiting: (when) =>
      `Le compte n’est pas encore actif. Prochaine vérification le ${when}, ou aussitôt que le portail signale quelque chose.`,
    waitingNow: 'Le portail est interrogé pour savoir si le compte est actif.',
    ready: 'Le message d’accueil part dès que les envois ne sont plus retenus.',
    sending: 'Le message d’accueil est en cours d’envoi.',
    skipped: 'Rien n’est envoyé, sauf si vous le demandez.',
    gone: 'La personne a quitté le portail. Si elle revient, elle sera de nouveau vérifiée.',
    failed: 'Le message d’accueil a été refusé. Corrigez la cause, puis réessayez.',
    unknown: 'Demandez à la personne si le message est arrivé, puis clarifiez.',
  },
  actions: {
    resend: 'Renvoyer',
    resendLink: 'Obtenir un nouveau lien',
    resendSays:
      'Le portail envoie l’invitation une fois de plus par e-mail. Cela compte dans sa limite quotidienne.',
    resendLinkSays:
      'Le portail crée un nouveau lien pour la même invitation. L’ancien reste valable jusqu’à son expiration.',
    revoke: 'Retirer',
    revokeSays:
      'L’invitation est close ici, et qui vient par elle ne reçoit pas de message d’accueil. Le portail ne peut pas reprendre le lien : il s’ouvre jusqu’à son expiration.',
    revokeYes: 'Retirer l’invitation',
    look: 'Vérifier maintenant',
    lookSays:
      'Le portail est interrogé aussitôt sur cette personne. Rien n’est envoyé si son compte n’est pas actif.',
    retry: 'Réessayer',
    retrySays:
      'Le portail est interrogé sur cette personne ; si son compte est actif, le message d’accueil est envoyé de nouveau.',
    retrySkipped: 'Accueillir malgré tout',
    retrySkippedSays:
      'Cette personne est désormais comptée parmi les vôtres : dès que son compte est actif, elle reçoit le message d’accueil.',
    resolveSent: 'Il est arrivé',
    resolveSentSays:
      'Le message d’accueil compte comme envoyé. Rien d’autre n’est envoyé à cette personne.',
    resolveRetry: 'Il n’est pas arrivé',
    resolveRetrySays:
      'Le message d’accueil est envoyé de nouveau. Si le premier était arrivé malgré tout, la personne le reçoit deux fois.',
    retryFailed: 'Tout réessayer',
    retryFailedSays:
      'Chacune de ces personnes est vérifiée ; celles dont le compte est actif reçoivent de nouveau le message d’accueil.',
    reconcile: 'Lancer le rapprochement',
    reconcileSays:
      'Un passage complet : tout ce que sait le portail est comparé à ce journal. Rien n’est envoyé qui ne l’aurait été de toute façon.',
    pause: 'Suspendre les envois',
    pauseSays:
      'Aucun message d’accueil ne part tant que vous ne reprenez pas les envois. Les invitations et les notifications continuent.',
    resume: 'Reprendre les envois',
    resumeSays:
      'Toutes les pauses sont levées, une nouvelle heure est accordée, et ce qui reste à envoyer part aussitôt.',
    replay: 'Relire',
    replaySays: 'La notification est relue comme si elle venait d’arriver.',
    yes: 'Confirmer',
  },
  done: {
    resent: 'Invitation renvoyée.',
    freshLink: 'Un nouveau lien est prêt.',
    revoked: 'Invitation retirée. Le lien s’ouvre dans le portail jusqu’à son expiration.',
    retried: 'Vérification en cours.',
    resolvedSent: 'C’est clarifié : le message compte comme envoyé.',
    resolvedRetry: 'C’est clarifié : le message est envoyé de nouveau.',
    retriedAll: (n) => `Personnes en cours de vérification : ${n}.`,
    reconciled: (looked, found) =>
      `Personnes et entrées vérifiées : ${looked}, dont à suivre : ${found}.`,
    interrupted: (reason) =>
      `Le passage s’est terminé avant la fin : ${reason}. Le suivant reprend.`,
    paused: 'Les envois sont en pause.',
    resumed: 'Les envois reprennent.',
    replayed: 'La notification a été relue.',
  },
  ...frPages,
};
