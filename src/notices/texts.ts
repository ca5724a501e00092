import type { Language } from '../messages/render.ts';
import type { WatchedPart } from './causes.ts';

/** The sections of a digest, in the order in which a mail shows them. */
export const digestSections = [
  'invited',
  'came',
  'welcomed',
  'waiting',
  'expiring',
  'expired',
] as const;
export type DigestSection = (typeof digestSections)[number];

/** The texts of the notices in English. The texts of reasons and health codes are in `src/messages`. */
const en = {
  attentionSubject: (host: string, n: number) =>
    n === 1 ? `${host}: 1 thing needs attention` : `${host}: ${n} things need attention`,
  attentionIntro: (n: number) =>
    n === 1
      ? 'One thing at this portal needs attention:'
      : `${n} things at this portal need attention:`,
  /** `n`: how many causes of earlier mails still exist. */
  stillOpen: (n: number) =>
    n === 1
      ? 'One thing from an earlier e-mail is still open.'
      : `${n} things from earlier e-mails are still open.`,
  failed: (who: string) => `The welcome for ${who} failed`,
  failedAdvice: 'Fix the cause, then try again.',
  unknown: (who: string) => `It is not known whether the welcome for ${who} arrived`,
  unknownAdvice: 'Ask the person whether it arrived, then decide.',
  letterRefused: (who: string) => `The letter to ${who} was refused`,
  letterRefusedAdvice: 'Fix the cause, then resend the letter.',
  letterUnknown: (who: string) => `It is not known whether the letter to ${who} arrived`,
  letterUnknownAdvice: 'Ask the person whether it arrived, or resend it.',
  paused: 'Sending is paused',
  pausedChannel: (channel: string) => `The channel ${channel} is paused`,
  pauseAdvice: 'Fix the cause, then resume sending.',
  portalAway: 'The portal cannot be reached',
  portalRefusesKey: 'The portal refuses the API key',
  keyExpires: (day: string) => `The API key expires on ${day}`,
  keyAdvice: 'Create a new key in the portal, put it into DOCSPACE_API_KEY and restart.',
  health: {
    store: 'The database has a problem',
    worker: 'The service has a problem',
    webhook: 'The webhook has a problem',
  } satisfies Record<WatchedPart, string>,
  allClearSubject: (host: string) => `${host}: nothing needs attention any more`,
  allClear: 'Everything that the earlier e-mails named is settled. There is nothing left to do.',
  digestSubject: (host: string, n: Readonly<Record<DigestSection, string>>) =>
    `${host}: ${n.invited} invited, ${n.came} registered, ${n.welcomed} welcomed`,
  digestIntro: (from: string, until: string) =>
    `What happened from ${from} to ${until}, and who is still expected.`,
  sections: {
    invited: 'Invited',
    came: 'Registered',
    welcomed: 'Welcomed',
    waiting: 'Still expected',
    expiring: 'Link expires soon',
    expired: 'Link expired',
  } satisfies Record<DigestSection, string>,
  openLink: (role: string) => `Open link (${role})`,
  expiresOn: (day: string) => `the link expires on ${day}`,
  expiredOn: (day: string) => `the link expired on ${day}`,
  /** The last line of a list that is too long. `n`: how many items are not shown. */
  more: (n: string) => `and ${n} more`,
  openDashboard: 'Open the dashboard',
  /** Replaces the link to the dashboard if `PUBLIC_URL` is not set. */
  withoutLinks: 'Open the dashboard of this service to see more.',
  whyNotice:
    'You get this e-mail because NOTIFY_EMAIL contains your address. At most one such e-mail is sent in an hour, and each cause is named once.',
  whyDigest:
    'You get this e-mail because NOTIFY_EMAIL contains your address. NOTIFY_DIGEST sets how often it is sent.',
};
export type NoticeTexts = typeof en;

const de: NoticeTexts = {
  attentionSubject: (host, n) =>
    n === 1 ? `${host}: Handlungsbedarf in 1 Fall` : `${host}: Handlungsbedarf in ${n} Fällen`,
  attentionIntro: (n) =>
    n === 1
      ? 'In diesem Portal muss sich jemand um eine Sache kümmern:'
      : `In diesem Portal muss sich jemand um ${n} Sachen kümmern:`,
  stillOpen: (n) =>
    n === 1
      ? 'Eine Sache aus einer früheren E-Mail ist noch offen.'
      : `${n} Sachen aus früheren E-Mails sind noch offen.`,
  failed: (who) => `Die Begrüßung für ${who} ist fehlgeschlagen`,
  failedAdvice: 'Beheben Sie die Ursache und versuchen Sie es dann erneut.',
  unknown: (who) => `Es ist nicht bekannt, ob die Begrüßung für ${who} angekommen ist`,
  unknownAdvice: 'Fragen Sie die Person, ob sie angekommen ist, und entscheiden Sie dann.',
  letterRefused: (who) => `Der Brief an ${who} wurde abgelehnt`,
  letterRefusedAdvice: 'Beheben Sie die Ursache und senden Sie den Brief dann erneut.',
  letterUnknown: (who) => `Es ist nicht bekannt, ob der Brief an ${who} angekommen ist`,
  letterUnknownAdvice: 'Fragen Sie die Person, ob er angekommen ist, oder senden Sie ihn erneut.',
  paused: 'Der Versand ist angehalten',
  pausedChannel: (channel) => `Der Kanal ${channel} ist angehalten`,
  pauseAdvice: 'Beheben Sie die Ursache und setzen Sie den Versand dann fort.',
  portalAway: 'Das Portal ist nicht erreichbar',
  portalRefusesKey: 'Das Portal lehnt den API-Schlüssel ab',
  keyExpires: (day) => `Der API-Schlüssel läuft am ${day} ab`,
  keyAdvice:
    'Erstellen Sie im Portal einen neuen Schlüssel, tragen Sie ihn in DOCSPACE_API_KEY ein und starten Sie neu.',
  health: {
    store: 'Die Datenbank hat ein Problem',
    worker: 'Der Dienst hat ein Problem',
    webhook: 'Der Webhook hat ein Problem',
  },
  allClearSubject: (host) => `${host}: kein Handlungsbedarf mehr`,
  allClear: 'Alles, was frühere E-Mails nannten, ist erledigt. Es gibt nichts mehr zu tun.',
  digestSubject: (host, n) =>
    `${host}: ${n.invited} eingeladen, ${n.came} registriert, ${n.welcomed} begrüßt`,
  digestIntro: (from, until) =>
    `Was vom ${from} bis zum ${until} geschah, und wer noch erwartet wird.`,
  sections: {
    invited: 'Eingeladen',
    came: 'Registriert',
    welcomed: 'Begrüßt',
    waiting: 'Noch erwartet',
    expiring: 'Link läuft bald ab',
    expired: 'Link abgelaufen',
  },
  openLink: (role) => `Offener Link (${role})`,
  expiresOn: (day) => `der Link läuft am ${day} ab`,
  expiredOn: (day) => `der Link ist am ${day} abgelaufen`,
  more: (n) => `und ${n} weitere`,
  openDashboard: 'Dashboard öffnen',
  withoutLinks: 'Mehr dazu steht im Dashboard dieses Dienstes.',
  whyNotice:
    'Sie erhalten diese E-Mail, weil Ihre Adresse in NOTIFY_EMAIL steht. In einer Stunde wird höchstens eine solche E-Mail gesendet, und jede Ursache wird einmal genannt.',
  whyDigest:
    'Sie erhalten diese E-Mail, weil Ihre Adresse in NOTIFY_EMAIL steht. NOTIFY_DIGEST legt fest, wie oft sie gesendet wird.',
};

const fr: NoticeTexts = {
  attentionSubject: (host, n) =>
    n === 1 ? `${host} : 1 point à traiter` : `${host} : ${n} points à traiter`,
  attentionIntro: (n) =>
    n === 1
      ? 'Sur ce portail, un point demande une intervention :'
      : `Sur ce portail, ${n} points demandent une intervention :`,
  stillOpen: (n) =>
    n === 1
      ? 'Un point d’un e-mail précédent reste à traiter.'
      : `${n} points des e-mails précédents restent à traiter.`,
  failed: (who) => `Le message d’accueil pour ${who} a échoué`,
  failedAdvice: 'Corrigez la cause, puis réessayez.',
  unknown: (who) => `On ne sait pas si le message d’accueil pour ${who} est arrivé`,
  unknownAdvice: 'Demandez à la personne s’il est arrivé, puis décidez.',
  letterRefused: (who) => `La lettre à ${who} a été refusée`,
  letterRefusedAdvice: 'Corrigez la cause, puis renvoyez la lettre.',
  letterUnknown: (who) => `On ne sait pas si la lettre à ${who} est arrivée`,
  letterUnknownAdvice: 'Demandez à la personne si elle est arrivée, ou renvoyez-la.',
  paused: 'Les envois sont en pause',
  pausedChannel: (channel) => `Le canal ${channel} est en pause`,
  pauseAdvice: 'Corrigez la cause, puis reprenez les envois.',
  portalAway: 'Le portail est injoignable',
  portalRefusesKey: 'Le portail refuse la clé d’API',
  keyExpires: (day) => `La clé d’API expire le ${day}`,
  keyAdvice:
    'Créez une nouvelle clé dans le portail, inscrivez-la dans DOCSPACE_API_KEY et redémarrez.',
  health: {
    store: 'La base de données a un problème',
    worker: 'Le service a un problème',
    webhook: 'Le webhook a un problème',
  },
  allClearSubject: (host) => `${host} : plus rien à traiter`,
  allClear: 'Tous les points des e-mails précédents sont réglés. Il ne reste rien à faire.',
  digestSubject: (host, n) =>
    `${host} : invitations ${n.invited}, inscriptions ${n.came}, accueils ${n.welcomed}`,
  digestIntro: (from, until) =>
    `Ce qui s’est passé du ${from} au ${until}, et qui est encore attendu.`,
  sections: {
    invited: 'Invitations',
    came: 'Inscriptions',
    welcomed: 'Accueils envoyés',
    waiting: 'Encore attendus',
    expiring: 'Le lien expire bientôt',
    expired: 'Le lien a expiré',
  },
  openLink: (role) => `Lien ouvert (${role})`,
  expiresOn: (day) => `le lien expire le ${day}`,
  expiredOn: (day) => `le lien a expiré le ${day}`,
  more: (n) => `et ${n} de plus`,
  openDashboard: 'Ouvrir le tableau de bord',
  withoutLinks: 'Le tableau de bord de ce service en dit plus.',
  whyNotice:
    'Vous recevez cet e-mail parce que NOTIFY_EMAIL contient votre adresse. Un seul e-mail de ce type est envoyé par heure au plus, et chaque cause n’y figure qu’une fois.',
  whyDigest:
    'Vous recevez cet e-mail parce que NOTIFY_EMAIL contient votre adresse. NOTIFY_DIGEST en fixe la fréquence.',
};

const es: NoticeTexts = {
  attentionSubject: (host, n) =>
    n === 1 ? `${host}: 1 asunto requiere atención` : `${host}: ${n} asuntos requieren atención`,
  attentionIntro: (n) =>
    n === 1
      ? 'En este portal, un asunto requiere su atención:'
      : `En este portal, ${n} asuntos requieren su atención:`,
  stillOpen: (n) =>
    n === 1
      ? 'Un asunto de un correo anterior sigue pendiente.'
      : `${n} asuntos de correos anteriores siguen pendientes.`,
  failed: (who) => `La bienvenida para ${who} falló`,
  failedAdvice: 'Corrija la causa y vuelva a intentarlo.',
  unknown: (who) => `No se sabe si la bienvenida para ${who} llegó`,
  unknownAdvice: 'Pregunte a la persona si llegó y decida después.',
  letterRefused: (who) => `La carta a ${who} fue rechazada`,
  letterRefusedAdvice: 'Corrija la causa y reenvíe la carta.',
  letterUnknown: (who) => `No se sabe si la carta a ${who} llegó`,
  letterUnknownAdvice: 'Pregunte a la persona si llegó, o reenvíela.',
  paused: 'Los envíos están en pausa',
  pausedChannel: (channel) => `El canal ${channel} está en pausa`,
  pauseAdvice: 'Corrija la causa y reanude los envíos.',
  portalAway: 'No se puede acceder al portal',
  portalRefusesKey: 'El portal rechaza la clave de API',
  keyExpires: (day) => `La clave de API caduca el ${day}`,
  keyAdvice: 'Cree una clave nueva en el portal, póngala en DOCSPACE_API_KEY y reinicie.',
  health: {
    store: 'La base de datos tiene un problema',
    worker: 'El servicio tiene un problema',
    webhook: 'El webhook tiene un problema',
  },
  allClearSubject: (host) => `${host}: ya nada requiere atención`,
  allClear: 'Todo lo que nombraron los correos anteriores está resuelto. No queda nada por hacer.',
  digestSubject: (host, n) =>
    `${host}: invitaciones ${n.invited}, registros ${n.came}, bienvenidas ${n.welcomed}`,
  digestIntro: (from, until) => `Lo que ocurrió del ${from} al ${until}, y a quién se espera aún.`,
  sections: {
    invited: 'Invitaciones',
    came: 'Registros',
    welcomed: 'Bienvenidas',
    waiting: 'Se les espera aún',
    expiring: 'El enlace caduca pronto',
    expired: 'El enlace caducó',
  },
  openLink: (role) => `Enlace abierto (${role})`,
  expiresOn: (day) => `el enlace caduca el ${day}`,
  expiredOn: (day) => `el enlace caducó el ${day}`,
  more: (n) => `y ${n} más`,
  openDashboard: 'Abrir el panel',
  withoutLinks: 'El panel de este servicio muestra más.',
  whyNotice:
    'Recibe este correo porque NOTIFY_EMAIL contiene su dirección. Se envía como máximo un correo así por hora, y cada causa se nombra una vez.',
  whyDigest:
    'Recibe este correo porque NOTIFY_EMAIL contiene su dirección. NOTIFY_DIGEST fija con qué frecuencia se envía.',
};

export const noticeTexts: Readonly<Record<Language, NoticeTexts>> = { en, de, fr, es };
