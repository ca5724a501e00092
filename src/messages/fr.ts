import type { MemberState } from '../domain/member.ts';
import type { Command, Limit, PollHint, PollSource } from '../domain/timeline.ts';
import type { EmployeeType, LetterKind } from '../domain/vocabulary.ts';
import type { Messages } from './messages.ts';

export const fr: Messages = {
  reasons: {
    // Why the portal gave no usable answer.
    portal_unreachable: ({ cause }) => `le portail est injoignable (${cause})`,
    portal_name_unknown: ({ host, cause }) =>
      `le DNS ne connaît pas ${host} (${cause}) : vérifiez DOCSPACE_URL et le serveur de noms`,
    portal_certificate_untrusted: ({ host, cause }) =>
      `le certificat de ${host} n’est pas reconnu (${cause}) : installez un certificat reconnu, ou indiquez dans NODE_EXTRA_CA_CERTS un fichier contenant le certificat de son autorité`,
    portal_connection_lost: ({ cause }) =>
      `la connexion au portail s’est rompue avant sa réponse (${cause})`,
    portal_timed_out: 'le portail n’a pas répondu à temps',
    portal_answer_too_large: 'la réponse du portail est trop volumineuse',
    portal_asks_to_wait: ({ status }) => `le portail demande d’attendre (${status})`,
    portal_rate_limited: 'le portail limite le nombre de requêtes',
    portal_queue_timed_out:
      'la requête a attendu trop longtemps derrière d’autres requêtes au portail et n’a pas été envoyée',
    portal_rejects_credentials:
      'le portail n’accepte pas la clé d’API (401) : vérifiez DOCSPACE_API_KEY',
    portal_not_paid: 'l’abonnement du portail n’est pas payé (402)',
    portal_permission_missing:
      'il manque une autorisation à la clé d’API (403) : donnez-lui *:write',
    portal_forbids:
      'le compte de la clé d’API n’a pas ce droit, ou la fonction est désactivée dans les réglages du portail (403)',
    portal_closed: ({ status }) =>
      `le portail refuse toutes les requêtes (${status}) : il est suspendu ou en cours de restauration`,
    portal_limiter_down:
      'le portail n’atteint pas son Redis et refuse donc toutes les requêtes (500)',
    portal_name_taken: 'le portail créait à ce moment un autre utilisateur du même nom : réessayez',
    proxy_answered: ({ status }) =>
      `la réponse ${status} venait d’un proxy ou d’un pare-feu devant le portail, pas de DocSpace : vérifiez le chemin réseau vers DOCSPACE_URL`,
    portal_not_found:
      'le portail a répondu 404 : vérifiez DOCSPACE_URL et si le portail est suspendu',
    portal_redirects: ({ status }) => `le portail redirige (${status}) : vérifiez DOCSPACE_URL`,
    portal_answered: ({ status }) => `le portail a répondu ${status}`,
    portal_answer_unreadable: 'la réponse du portail est illisible',
    portal_answered_other_user: 'la réponse du portail concernait une autre personne',
    portal_is_another: ({ expected, actual }) =>
      `cette base de données appartient au portail ${expected}, mais DOCSPACE_URL mène au portail ${actual} : si le portail y a été déplacé, exécutez « portal moved --to URL »`,
    // How an attempt ended.
    portal_accepted: 'le portail a accepté le message d’accueil (200)',
    portal_rejects_key:
      'le portail n’a pas accepté la Key (403) : sur votre propre serveur, définissez DOCSPACE_MACHINE_KEY_FILE, ou utilisez WELCOME_CHANNEL=smtp',
    portal_refused: ({ status }) => `le portail a refusé cette personne (${status})`,
    portal_unwell: 'le portail rencontre lui-même des problèmes',
    tenant_id_unknown:
      'l’identifiant du tenant, nécessaire à une Key signée, n’est pas encore connu',
    mail_accepted: ({ reply }) => `le serveur de messagerie a accepté l’e-mail (${reply})`,
    mail_address_invalid: 'aucun e-mail ne peut être envoyé à cette adresse',
    mail_address_needs_utf8:
      'cette adresse contient des caractères hors ASCII, que le serveur de messagerie ne prend pas en charge (SMTPUTF8)',
    mail_recipient_refused: ({ reply }) =>
      `le serveur de messagerie a refusé le destinataire (${reply})`,
    mail_refused: ({ reply }) => `le serveur de messagerie a refusé l’e-mail (${reply})`,
    mail_recipient_deferred: ({ reply }) =>
      `le serveur de messagerie n’accepte pas le destinataire pour l’instant (${reply})`,
    mail_deferred: ({ reply }) =>
      `le serveur de messagerie n’accepte pas l’e-mail pour l’instant (${reply})`,
    mail_login_refused: ({ reply }) =>
      `le serveur de messagerie a refusé la connexion${inBrackets(reply)} : vérifiez l’utilisateur et le mot de passe dans SMTP_URL ; certains fournisseurs demandent un mot de passe d’application`,
    mail_basic_login_disabled: ({ reply }) =>
      `le fournisseur a désactivé la connexion par mot de passe (${reply}) : autorisez SMTP AUTH pour cette boîte, ou utilisez un relais qui l’accepte`,
    mail_app_password_needed: ({ reply }) =>
      `le serveur de messagerie demande un mot de passe d’application (${reply}) : créez-en un dans les réglages de sécurité du compte et inscrivez-le dans SMTP_URL`,
    mail_login_not_offered: ({ reply }) =>
      `le serveur de messagerie ne propose pas de connexion (${reply}) : retirez l’utilisateur et le mot de passe de SMTP_URL`,
    mail_login_required: ({ reply }) =>
      `le serveur de messagerie demande d’abord une connexion (${reply}) : inscrivez l’utilisateur et le mot de passe dans SMTP_URL, et retirez tls=off s’il y figure`,
    mail_sender_refused: ({ reply }) =>
      `le serveur de messagerie a refusé l’expéditeur${inBrackets(reply)} : vérifiez WELCOME_FROM`,
    mail_session_refused: ({ reply }) => `le serveur de messagerie a refusé la session (${reply})`,
    mail_certificate_untrusted: ({ cause }) =>
      `le certificat du serveur de messagerie n’est pas reconnu (${cause}) : ajoutez ?tls=insecure à SMTP_URL si ce serveur est le vôtre`,
    mail_server_not_found: 'le serveur de messagerie de SMTP_URL n’a pas d’adresse (DNS)',
    mail_encryption_missing:
      'le serveur de messagerie ne propose pas de chiffrement (STARTTLS), ou celui-ci a échoué : ajoutez ?tls=off à SMTP_URL si ce serveur est dans votre propre réseau',
    mail_port_without_tls: ({ port }) =>
      `le port ${port} du serveur de messagerie commence sans TLS : écrivez smtp:// dans SMTP_URL, ou utilisez le port 465`,
    mail_port_with_tls: ({ port }) =>
      `le port ${port} du serveur de messagerie commence avec TLS : écrivez smtps:// dans SMTP_URL, ou utilisez le port 587`,
    mail_rate_limited: 'cet e-mail attend son tour, car le serveur de messagerie limite le débit',
    mail_timed_out: 'le serveur de messagerie n’a pas répondu à temps',
    mail_connection_closed:
      'le serveur de messagerie a fermé la connexion avant l’envoi de l’e-mail',
    mail_unreachable: ({ cause }) => `le serveur de messagerie est injoignable${inBrackets(cause)}`,
    mail_timed_out_after_text: 'le serveur de messagerie n’a pas répondu après l’envoi de l’e-mail',
    mail_connection_lost_after_text:
      'le serveur de messagerie a fermé la connexion après l’envoi de l’e-mail',
    attempt_lease_expired: 'la tentative ne s’est pas terminée à temps',
    halted_before_request: 'le processus était suspendu avant la requête, donc rien n’a été envoyé',
    service_stopped_before_answer: 'le service s’est arrêté avant la réponse',
    service_died_during_attempt: 'le service s’est arrêté avant d’avoir pu enregistrer la réponse',
    settled_by_operator: 'décidé par un administrateur',
    answered_late: 'une réponse tardive a montré que le message d’accueil était parti',
    forgotten: 'les données de cette personne ont été effacées',
    // Why a member is in its state.
    not_registered: 'ne s’est pas encore inscrit',
    address_not_confirmed: 'n’a pas encore confirmé son adresse e-mail',
    not_visible: 'la clé d’API n’a pas le droit de voir cette personne',
    not_invited: 'pas invité par ce service',
    address_not_invited:
      'inscription par un lien de ce compte, mais personne n’a invité cette adresse',
    invitation_revoked: 'l’invitation a été révoquée',
    existing_user: 'utilisateur déjà présent avant la mise en place de ce service',
    welcomed_before_forgotten:
      'a déjà reçu le message d’accueil, puis ses données ont été effacées',
    deleted: 'supprimé dans le portail',
    disabled: 'désactivé dans le portail',
    // Why an invitation failed.
    type_not_allowed: ({ employeeType }) =>
      `le compte de la clé d’API n’a pas le droit d’inviter avec ce rôle (${roles[employeeType]})`,
    inviting_switched_off:
      'les invitations de membres sont désactivées dans le portail : un administrateur les active dans Paramètres, Sécurité, Paramètres d’invitation',
    guests_switched_off:
      'les invités sont désactivés dans le portail : un administrateur les active dans Paramètres, Sécurité, Paramètres d’invitation',
    inviting_not_allowed: ({ employeeType }) =>
      `le compte de la clé d’API n’a pas le droit d’inviter avec ce rôle (${roles[employeeType]}), ou les invitations sont désactivées dans le portail`,
    address_not_accepted: 'le portail n’accepte pas cette adresse (400)',
    no_seat_left:
      'le portail n’a plus de place payée disponible, ou son abonnement n’est pas payé (402)',
    answer_without_link: 'le portail a répondu sans lien',
    interrupted: 'le service s’est arrêté avant la réponse du portail : invitez de nouveau',
    resend_unknown: ({ cause }, render) =>
      `${render(cause)} : on ne sait pas si l’invitation a été renvoyée`,
    mail_not_configured:
      'aucun serveur de messagerie n’est configuré : définissez SMTP_URL et WELCOME_FROM, ou choisissez le mode « link »',
    user_not_found:
      'le portail ne connaît plus cette personne : révoquez l’invitation, puis invitez de nouveau',
    pending_as_other_type: ({ pending, asked }) =>
      `déjà invité dans le portail avec le rôle ${roles[pending]}, que le portail ne change pas en ${roles[asked]} : invitez avec le rôle ${roles[pending]}, ou changez le rôle dans le portail après l’inscription`,
    invitation_not_made: ({ employeeType }) =>
      `le portail a répondu, mais n’a pas créé l’invitation : le compte de la clé d’API n’a pas le droit d’inviter avec ce rôle (${roles[employeeType]}), ou le portail n’accepte pas l’adresse`,
    permission_missing: ({ permission }) =>
      `il manque une autorisation à la clé d’API (403) : il lui faut ${permission}`,
    // What an operator has to know about an invitation.
    link_stays_open:
      'le portail ne peut pas annuler un lien : une personne qui l’utilise peut encore s’inscrire, mais ne reçoit pas de message d’accueil, car l’invitation est révoquée',
    link_not_distinguishable: ({ invitationId }) =>
      `le portail ne peut pas annuler un lien et n’indique pas lequel une personne a utilisé : tant que le lien ouvert ${invitationId} du même rôle existe, une personne qui utilise le lien révoqué reçoit aussi le message d’accueil. Révoquez aussi ${invitationId} pour l’éviter`,
    link_host_differs: ({ host, expected }) =>
      `le lien mène à ${host}, mais DOCSPACE_URL est ${expected} : ouvrez le lien avant de le transmettre`,
    link_host_private: ({ host }) =>
      `le lien mène à ${host}, qui n’est pas accessible hors de votre réseau : indiquez l’adresse publique du portail dans DOCSPACE_URL`,
    // Why a command is not possible now.
    already_invited: 'déjà invité',
    already_user: 'déjà utilisateur du portail',
    user_disabled: 'désactivé dans le portail : réactivez-y cet utilisateur',
    registered_not_confirmed:
      'déjà inscrit, mais l’adresse e-mail n’est pas confirmée, donc une invitation ne sert à rien : demandez à la personne de se connecter au portail, d’y redemander l’e-mail de confirmation et d’ouvrir son lien',
    added_by_admin:
      'ajouté dans le portail par un administrateur, donc une invitation ne sert à rien : demandez à la personne d’utiliser « Mot de passe oublié ? » sur la page de connexion du portail ; le nouveau mot de passe confirme aussi l’adresse e-mail',
    pending_by_letter:
      'déjà invité par e-mail dans le portail, donc un lien ne fonctionne pas pour cette adresse : révoquez le lien s’il y en a un, puis invitez avec le mode « email »',
    former_address: ({ asked, present }) =>
      `${asked} est une ancienne adresse d’un utilisateur du portail, qui a maintenant ${present} : une invitation n’est pas nécessaire. Si ${asked} appartient désormais à quelqu’un d’autre, invitez cette personne par un lien ouvert`,
    address_of_another_user: ({ asked, found }) =>
      `le portail prend ${asked} et ${found} pour la même adresse, et ${found} appartient à un autre utilisateur : vérifiez l’orthographe, ou invitez cette personne avec une autre adresse`,
    invitation_issuing:
      'cette invitation est en cours de demande auprès du portail : réessayez dans un instant',
    too_late_to_resend: 'déjà inscrit : il n’y a rien à renvoyer',
    too_late_to_revoke:
      'déjà inscrit : pour exclure cette personne, désactivez l’utilisateur dans le portail',
    person_left: 'cette personne a quitté le portail : invitez-la de nouveau',
    never_issued: 'cette invitation n’a jamais été émise : invitez de nouveau',
    already_revoked: 'cette invitation est déjà révoquée',
    revoked_invite_again: 'cette invitation a été révoquée : invitez de nouveau',
    letter_under_way:
      'une lettre de cette invitation est en cours d’envoi : réessayez dans un instant',
    attempt_under_way:
      'un message d’accueil est en cours d’envoi à cette personne : réessayez dans un instant',
    outcome_unknown:
      'on ne sait pas si le message d’accueil est arrivé : demandez à la personne, puis décidez',
    already_welcomed: 'cette personne a déjà reçu son message d’accueil',
    not_unknown: ({ state }) =>
      `on ne peut décider que si l’issue du message d’accueil est inconnue ; cette personne est dans l’état « ${states[state]} »`,
    person_forgotten: 'les données de cette personne ont été effacées : invitez-la de nouveau',
    person_forgotten_only_sent:
      'les données de cette personne ont été effacées : le message d’accueil peut seulement être marqué comme envoyé',
    body_not_kept: 'le contenu de cette notification n’est plus conservé',
    still_unreadable: ({ cause }, render) => `toujours illisible : ${render(cause)}`,
    not_about_a_user: ({ trigger }) =>
      `cette notification ne concerne aucun utilisateur : ${trigger}`,
    baseline_under_way: 'l’état initial est en cours de relevé : réessayez ensuite',
    // Why a delivery could not be read.
    not_json: 'le contenu n’est pas du JSON',
    no_event: ({ path, fault }) => `le contenu ne décrit aucun événement : ${path} ${fault}`,
    no_user: ({ path, fault }) => `le contenu ne décrit aucun utilisateur : ${path} ${fault}`,
    trigger_missing: 'le contenu ne nomme aucun déclencheur : il provient d’un ancien DocSpace',
    // Why the portal was not asked about a row of a CSV file, or gave no answer.
    row_without_address:
      'n’a pas d’adresse e-mail : donnez à la ligne le mode open-link, ou utilisez --open-links, pour créer un lien ouvert à plusieurs personnes',
    row_with_address: 'a le mode open-link et une adresse e-mail : supprimez l’un des deux',
    row_repeats_address: ({ row }) => `a la même adresse que la ligne ${row}`,
    row_not_valid: ({ faults }) => faults.map(({ field, fault }) => `${field} ${fault}`).join('; '),
    row_not_reached: 'non traitée : importez de nouveau le fichier pour continuer ici',
    row_without_answer: 'le portail n’a donné aucune réponse pour cette ligne : invitez de nouveau',
    // Why a CSV file cannot be imported.
    csv_not_utf8: 'n’est pas en UTF-8 : enregistrez-le au format « CSV UTF-8 »',
    csv_line_too_long: 'n’est pas un tableau : une de ses lignes est trop longue',
    csv_too_many_columns: 'a plus de colonnes qu’un tableur ne peut en avoir',
    csv_too_many_empty_rows: 'a trop de lignes vides',
    csv_broken: ({ cause }) => `est illisible : ${cause}`,
    csv_empty: 'est vide',
    csv_column_missing: ({ column }) => `n’a pas de colonne « ${column} »`,
    csv_several_address_columns: ({ columns }) =>
      `a ${columns.length} colonnes d’adresses : ${quoted(columns)}. Gardez-en une seule, ou indiquez-en une avec --email-column`,
    csv_several_email_columns: 'a plusieurs colonnes « email » : gardez-en une seule',
    csv_no_address_column:
      'n’a ni colonne « email » ni colonne d’adresses : la première ligne nomme les colonnes, par exemple email,type,mode,note',
    // Why sending is paused.
    paused_by_operator: 'mis en pause par un administrateur',
    hourly_limit_reached: ({ maxPerHour }) =>
      `plus de messages d’accueil en une heure que WELCOME_MAX_PER_HOUR n’en permet (${maxPerHour}) : reprenez les envois si c’est voulu`,
    account_used_before:
      'cette base de données est neuve, mais le compte de la clé d’API a déjà invité des personnes, ou a un webhook pour ce service à une autre adresse : une autre base de données accueille peut-être les mêmes personnes. Si elle existe, indiquez-la dans DATABASE_URL ; sinon, reprenez les envois',
    restored_copy:
      'cette base de données est une copie restaurée, ou un serveur de secours qui a pris le relais sans les dernières transactions : les derniers messages d’accueil n’y figurent peut-être pas. Avant de reprendre les envois, vérifiez qui serait accueilli de nouveau',
    refused_in_a_row: ({ count, cause }, render) =>
      `refusé ${count} fois de suite : ${render(cause)}`,
    service_stopping: 'le service est en cours d’arrêt',
    unknown_in_a_row: ({ count, cause }, render) =>
      `issue inconnue ${count} fois de suite : ${render(cause)}`,
    channel_refuses: ({ cause }, render) => render(cause),
    // Why the program at EVENTS_URL did not accept an event.
    receiver_name_unknown: ({ host }) => `le DNS ne connaît pas ${host} : corrigez EVENTS_URL`,
    receiver_unreachable: ({ host, cause }) => `aucune connexion à ${host} (${cause})`,
    receiver_timed_out: 'aucune réponse en 30 secondes',
    receiver_redirects: ({ status }) =>
      `le destinataire redirige (${status}) : mettez l’adresse finale dans EVENTS_URL`,
    receiver_gone: 'le destinataire ne veut plus d’événements (410)',
    receiver_answered: ({ status }) => `le destinataire a répondu ${status}`,
  },
  events: {
    invitation_requested: ({ employeeType }) => `invitation demandée (${roles[employeeType]})`,
    invitation_issued: 'invitation émise',
    invitation_failed: ({ reason }, render) => `échec de l’invitation : ${render(reason)}`,
    invitation_resent: 'invitation renvoyée par le portail',
    link_renewed: 'nouveau lien créé',
    invitation_revoked: 'invitation révoquée',
    letter_requested: 'nouvel envoi de la lettre demandé',
    letter_started: ({ letter }) => `${letters[letter]} en cours d’envoi`,
    letter_sent: ({ letter }) => `${letters[letter]} envoyée`,
    letter_not_sent: ({ letter, reason }, render) =>
      `${letters[letter]} non envoyée : ${render(reason)}`,
    letter_refused: ({ letter, reason }, render) =>
      `${letters[letter]} refusée : ${render(reason)}`,
    letter_unknown: ({ letter, reason }, render) =>
      `${letters[letter]} : on ignore si elle est arrivée : ${render(reason)}`,
    letter_withheld: ({ reason }, render) => `aucune lettre n’est envoyée : ${render(reason)}`,
    invitation_expired: 'le lien a expiré',
    delivery_received: ({ trigger }) => `${trigger} reçu`,
    delivery_missed: ({ trigger }) => `${trigger} non reçu ; lu dans le journal du portail`,
    poll_hint: ({ hint }) => pollHints[hint],
    registered: 'inscription faite',
    waiting: ({ reason }, render) => `en attente : ${render(reason)}`,
    activated: 'compte activé : message d’accueil à envoyer',
    skipped: ({ reason }, render) => `sans envoi : ${render(reason)}`,
    gone: ({ reason }, render) => `départ : ${render(reason)}`,
    returned: 'de retour dans le portail : de nouveau en attente',
    left: 'a quitté le portail',
    present_again: 'de retour dans le portail',
    attempt_started: ({ channel }) => `envoi par ${channel}`,
    welcomed: ({ late }) =>
      late ? 'accueil envoyé : confirmé par une réponse tardive' : 'accueil envoyé',
    attempt_not_sent: ({ reason, late }, render) =>
      `${lateNote(late)}non envoyé : ${render(reason)}`,
    attempt_refused: ({ reason, late }, render) => `${lateNote(late)}refusé : ${render(reason)}`,
    attempt_unknown: ({ reason, late }, render) =>
      `${lateNote(late)}issue inconnue : ${render(reason)}`,
    late_answer: ({ outcome }) =>
      `réponse tardive à une tentative précédente : ${outcomes[outcome]}`,
    refusal_reverted: ({ channel }) =>
      `de nouveau à envoyer : le refus concernait le canal ${channel}, pas la personne`,
    invited_again: ({ newInvitationId }) =>
      `nouvelle vérification à cause de l’invitation ${newInvitationId}`,
    retry_requested: 'nouvelle tentative demandée',
    resolved: ({ outcome }) =>
      outcome === 'sent' ? 'décision : marqué comme envoyé' : 'décision : envoyer de nouveau',
    forgotten: 'données effacées',
    service_paused: ({ reason }, render) => `envoi suspendu : ${render(reason)}`,
    service_resumed: 'envoi repris',
  },
  causes: {
    delivery: ({ id }) => `notification ${id}`,
    replay: ({ id }) => `notification ${id}, relue`,
    journal_row: ({ id }) => `ligne ${id} du journal du portail`,
    poll: ({ list }) => polls[list],
    portal_api: 'vérification dans le portail',
    attempt: ({ id }) => `tentative ${id}`,
    invitation: ({ id }) => `invitation ${id}`,
    channel_paused: ({ channel }) => `canal ${channel} en pause`,
    command: ({ name }) => commands[name],
    limit: ({ name }) => limits[name],
    restart: 'trouvé après un redémarrage',
  },
  actors: {
    portal: 'le portail',
    service: 'ce service',
    poll: 'le rapprochement',
    operator: ({ name }) => (name === undefined ? 'un administrateur' : `administrateur ${name}`),
  },
  health: {
    starting: 'démarrage en cours',
    writable: 'fonctionne',
    database_not_writable: 'impossible d’écrire dans la base de données',
    database_damaged: 'la base de données est endommagée : restaurez une sauvegarde',
    database_moved:
      'le fichier de la base de données a été supprimé ou remplacé : remettez-le en place ou redémarrez le service',
    stopping: 'le service s’arrête',
    working: 'fonctionne',
    task_failed: 'une tâche a échoué : voir les logs',
    check_failed:
      'une personne ne peut pas être vérifiée dans le portail : voir les logs ; un nouvel essai suivra',
    database_clock_differs:
      'les horloges de cette machine et de la base de données, que le service utilise, diffèrent de plus de cinq secondes : synchronisez-les (timedatectl set-ntp true)',
    clock_differs:
      'les horloges de cette machine et du portail diffèrent de plus de cinq minutes : synchronisez-les (timedatectl set-ntp true)',
    answers: 'répond',
    not_asked_yet: 'pas encore interrogé',
    portal_unavailable: 'le portail ne donne pas de réponse utilisable',
    portal_refused_a_run: 'répond, mais a refusé le dernier rapprochement : consultez le journal',
    key_rejected: 'le portail n’accepte pas la clé d’API (401) : vérifiez DOCSPACE_API_KEY',
    key_expires_soon:
      'la clé d’API expire dans moins de 14 jours : créez une autre clé et indiquez-la dans DOCSPACE_API_KEY',
    ready: 'prêt',
    paused_account_used:
      'en pause : le compte de la clé d’API est peut-être utilisé avec une autre base de données',
    paused_restored:
      'en pause : les derniers messages d’accueil manquent peut-être dans cette base de données',
    paused_hourly: 'en pause : plus de messages d’accueil en une heure que la limite n’en permet',
    paused_operator: 'mis en pause par un administrateur',
    all_channels_paused: 'tous les canaux sont en pause',
    one_channel_paused: 'un canal est en pause',
    key_not_signed:
      'aucun vrai portail n’accepte cette WELCOME_KEY : définissez DOCSPACE_MACHINE_KEY_FILE, ou utilisez WELCOME_CHANNEL=smtp',
    deliveries_arrive: 'les notifications arrivent',
    no_delivery_yet: 'aucune notification depuis le démarrage',
    signature_wrong:
      'les notifications arrivent avec une mauvaise signature : consultez le journal, ou lancez « doctor »',
    webhook_registered: 'enregistré et activé',
    webhook_waiting: 'réparé ; une nouvelle vérification suivra les tentatives du portail',
    webhook_of_other_account:
      'le webhook du portail appartient à un autre compte : lancez « doctor »',
    webhook_ssl:
      'le webhook a une adresse http et exige https : le portail le désactive à la première notification',
    webhook_missing: 'le webhook est absent du portail',
    webhook_moved: 'le webhook du portail a une autre adresse',
    webhook_disabled: 'le webhook est désactivé dans le portail',
    webhook_triggers:
      'le webhook du portail ne signale pas tous les événements sur les utilisateurs',
    events_off: 'désactivé : EVENTS_URL n’est pas défini',
    events_on: 'envoyés à EVENTS_URL',
    events_failing: 'non remis depuis plus de 10 minutes : voir « events status »',
    events_paused: 'le destinataire ne veut plus d’événements (410) : voir « events resume »',
    notices_off: 'NOTIFY_EMAIL ne contient aucune adresse',
    notices_on: 'envoyés à NOTIFY_EMAIL',
    notice_not_sent:
      'un avis à NOTIFY_EMAIL n’a pas pu être envoyé : voir les logs ; un nouvel essai suivra',
    notice_unknown: 'on ne sait pas si un avis à NOTIFY_EMAIL est arrivé ; il n’est pas renvoyé',
  },
};

/** The words of the dashboard for the states. */
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

const roles: Readonly<Record<EmployeeType, string>> = {
  Guest: 'Invité',
  User: 'Utilisateur',
  RoomAdmin: 'Admin de salle',
  DocSpaceAdmin: 'Admin DocSpace',
};

const letters: Readonly<Record<LetterKind, string>> = {
  invitation: 'lettre d’invitation',
  reminder: 'lettre de rappel',
};

const pollHints: Readonly<Record<PollHint, string>> = {
  not_followed_yet: 'trouvé dans le portail avant toute notification',
  status_differs: 'le portail indique un autre statut que la dernière notification',
  address_differs: 'le portail indique une autre adresse e-mail',
  listed_again: 'figure de nouveau dans le portail',
  came_or_left: 'est revenu dans le portail ou l’a quitté',
  no_longer_listed: 'ne figure plus parmi les personnes pas encore actives',
};

const polls: Readonly<Record<PollSource, string>> = {
  newest: 'relevé des inscriptions les plus récentes',
  not_yet_active: 'relevé des personnes pas encore actives',
  active: 'relevé des personnes actives',
  invited_addresses: 'relevé des adresses invitées',
  baseline: 'état initial',
};

const commands: Readonly<Record<Command, string>> = {
  invite: 'inviter',
  resend: 'renvoyer',
  revoke: 'révoquer',
  retry: 'réessayer',
  retry_failed: 'tout réessayer',
  resolve: 'décider',
  forget: 'effacer les données',
  pause: 'suspendre',
  resume: 'reprendre',
};

const outcomes = {
  sent: 'envoyé',
  not_sent: 'non envoyé',
  refused: 'refusé',
  unknown: 'issue inconnue',
};

const limits: Readonly<Record<Limit, string>> = {
  welcomes_per_hour: 'limite de messages d’accueil par heure',
  link_lifetime: 'un lien fonctionne 7 jours',
};

function inBrackets(text: string): string {
  return text === '' ? '' : ` (${text})`;
}

function lateNote(late: true | undefined): string {
  return late ? 'réponse tardive : ' : '';
}

function quoted(names: readonly string[]): string {
  return names.map((one) => `« ${one} »`).join(', ');
}
