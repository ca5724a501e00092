import type { InvitationStatus } from '../../domain/invitation.ts';
import type { MemberState } from '../../domain/member.ts';
import type { EmployeeType, InvitationMode } from '../../domain/vocabulary.ts';
import type { RowResult } from '../../invitations/import/row-result.ts';
import { dePages } from './de-pages.ts';
import type { Phrases } from './en.ts';

const statuses: Readonly<Record<InvitationStatus, string>> = {
  issuing: 'in Arbeit',
  issued: 'eingeladen',
  open: 'offen',
  registered: 'registriert',
  activated: 'aktiviert',
  welcomed: 'begrüßt',
  failed: 'fehlgeschlagen',
  revoked: 'zurückgezogen',
  expired: 'abgelaufen',
};

const states: Readonly<Record<MemberState, string>> = {
  waiting: 'wartet',
  ready: 'fällig',
  sending: 'wird begrüßt',
  welcomed: 'begrüßt',
  skipped: 'ausgenommen',
  gone: 'ausgeschieden',
  failed: 'fehlgeschlagen',
  unknown: 'ungeklärt',
};

const stateMeanings: Readonly<Record<MemberState, string>> = {
  waiting: 'bekannt, noch nicht aktiv',
  ready: 'aktiv, die Begrüßung steht aus',
  sending: 'die Begrüßung ist unterwegs',
  welcomed: 'hat die eine Begrüßung erhalten',
  skipped: 'nicht von hier zu begrüßen, mit Grund',
  gone: 'hat das Portal vor der Begrüßung verlassen',
  failed: 'die Begrüßung wurde für diese Person abgelehnt',
  unknown: 'niemand weiß, ob die Begrüßung ankam',
};

const types: Readonly<Record<EmployeeType, string>> = {
  Guest: 'Gast',
  User: 'Benutzer',
  RoomAdmin: 'Raum-Admin',
  DocSpaceAdmin: 'DocSpace-Admin',
};

const modes: Readonly<Record<InvitationMode, string>> = { link: 'Link', email: 'E-Mail' };

const rowResults: Readonly<Record<RowResult['result'], string>> = {
  invited: 'eingeladen',
  'already invited': 'schon eingeladen',
  'already a user': 'schon im Portal',
  disabled: 'im Portal gesperrt',
  'duplicate in the file': 'doppelt',
  'not valid': 'ungültig',
  refused: 'vom Portal abgelehnt',
  failed: 'fehlgeschlagen',
  'not reached': 'nicht bearbeitet',
};

export const de: Phrases = {
  language: 'Deutsch',
  words: { statuses, states, stateMeanings, types, modes, rowResults },
  frame: {
    skip: 'Zum Inhalt',
    overview: 'Übersicht',
    invitations: 'Einladungen',
    invite: 'Einladen',
    health: 'Betrieb',
    signOut: 'Abmelden',
    timesIn: (zone) => `Uhrzeiten in der Zeitzone ${zone}.`,
    updated: 'Stand:',
    live: 'Diese Seite aktualisiert sich von selbst.',
    stopLive: 'Aktualisierung anhalten',
    goOnLive: 'Weiter aktualisieren',
    lost: 'Der Dienst antwortet nicht. Was Sie sehen, kann veraltet sein.',
    languages: 'Sprache',
    documentation: 'HTTP API',
  },
  signIn: {
    title: 'Anmelden',
    intro:
      'Das Einladungsprotokoll Ihres Portals: wer eingeladen wurde, wer gekommen ist und wer begrüßt wurde.',
    token: 'Admin-Token',
    hint: 'Der Wert von ADMIN_TOKEN in den Einstellungen dieses Dienstes.',
    button: 'Anmelden',
    wrong: 'Das ist nicht das Admin-Token.',
  },
  common: {
    nobody: 'Niemand.',
    none: 'Keine Einträge.',
    show: 'Anzeigen',
    openLink: 'Offener Link',
    figures: 'Zahlen',
    older: 'Ältere',
    newest: 'Zu den neuesten',
    copy: 'Link kopieren',
    copied: 'Kopiert',
    notFound: 'Diese Seite gibt es hier nicht.',
    notFoundHint: 'Vielleicht wurde sie verschoben, oder die Adresse ist unvollständig.',
    failed: 'Hier ist etwas schiefgegangen.',
    failedHint: 'Es wurde nichts geändert. Was geschehen ist, steht im Log des Dienstes.',
    noForm: 'Dieses Formular ist nicht vollständig angekommen.',
    noFormHint: 'Öffnen Sie die Seite hier noch einmal und senden Sie das Formular erneut ab.',
    crossSite: 'Dieses Formular kam nicht von dieser Website.',
    crossSiteHint: 'Öffnen Sie die Seite hier noch einmal und senden Sie das Formular von dort ab.',
    tooLarge: 'Das ist mehr, als auf einmal gesendet werden kann.',
    tooLargeHint:
      'Senden Sie es in mehreren Teilen: Dieselben Personen werden nie zweimal eingeladen.',
    storeDown: 'Die Datenbank ist zurzeit nicht erreichbar.',
    storeDownHint:
      'Es wurde nichts geändert. Versuchen Sie es gleich noch einmal; unter „Betrieb“ steht, was nicht stimmt.',
  },
  overview: {
    title: 'Übersicht',
    needs: 'Hier sind Sie gefragt',
    nothing: 'Zurzeit ist nichts zu tun.',
    unknown: (n, one) =>
      one
        ? 'Bei einer Begrüßung ist ungeklärt, ob sie angekommen ist. Fragen Sie die Person und klären Sie es hier.'
        : `Bei ${n} Begrüßungen ist ungeklärt, ob sie angekommen sind. Fragen Sie die Personen und klären Sie es hier.`,
    settle: 'Klären',
    failed: (n, one) =>
      one ? 'Eine Begrüßung wurde abgelehnt.' : `${n} Begrüßungen wurden abgelehnt.`,
    see: 'Personen ansehen',
    cameByUs: (n, one) =>
      one
        ? 'Eine Person kam über eine Einladung dieses Kontos, mit einer Adresse, die niemand eingeladen hat.'
        : `${n} Personen kamen über eine Einladung dieses Kontos, mit Adressen, die niemand eingeladen hat.`,
    paused: 'Der Versand ist angehalten:',
    look: 'Ansehen',
    funnel: 'Von der Einladung zur Begrüßung',
    funnelSteps: {
      issued: 'Eingeladen',
      registered: 'Registriert',
      activated: 'Aktiviert',
      welcomed: 'Begrüßt',
    },
    funnelNote: 'Einladungen an einzelne Personen, und wie weit diese gekommen sind.',
    funnelEmpty: 'Es ist noch niemand eingeladen.',
    inviteFirst: 'Jemanden einladen',
    byOpenLink: (came, welcomed) =>
      `Über offene Links gekommen: ${came}, davon begrüßt: ${welcomed}.`,
    expired: (n, one) =>
      one
        ? 'Eine eingeladene Person hat den Link ablaufen lassen.'
        : `${n} eingeladene Personen haben den Link ablaufen lassen.`,
    apart: 'Nicht mitgezählt:',
    days: 'Tag für Tag',
    range: 'Zeitraum',
    lastDays: (n) => `${n} Tage`,
    kinds: { invited: 'Eingeladen', activated: 'Aktiviert', welcomed: 'Begrüßt' },
    daysLabel: (kind, total, days) => `${kind}: ${total} in den letzten ${days} Tagen`,
    most: (n, day) => `am meisten am ${day}: ${n}`,
    day: 'Tag',
    toActivation: 'Von der Einladung zur Aktivierung',
    toWelcome: 'Von der Aktivierung zur Begrüßung',
    half: (half, nine) => `Höchstens ${half} bei der Hälfte, höchstens ${nine} bei neun von zehn.`,
    noDurations: 'So weit ist noch niemand gekommen.',
    span: 'Dauer',
    people: 'Personen',
    spans: [
      'unter 10 Sek.',
      '10 bis 60 Sek.',
      '1 bis 10 Min.',
      '10 bis 60 Min.',
      '1 bis 24 Std.',
      '1 bis 7 Tage',
      'länger',
    ],
    balance: 'Alle Personen, jede in genau einem Zustand',
    balanceNote:
      'Alle Personen im Portal, die dieser Dienst begleitet. Die Zustände ergeben zusammen die Gesamtzahl.',
    state: 'Zustand',
    means: 'Bedeutung',
    total: 'Alle',
  },
  next: {
    issuing: 'Das Portal wird gerade gefragt.',
    issuedLink: 'Geben Sie den Link weiter: Die Person öffnet ihn und registriert sich.',
    issuedEmail: 'Die Person öffnet die E-Mail des Portals und registriert sich.',
    open: 'Wer den Link hat, kann sich registrieren.',
    registered: 'Die Person hat sich registriert und ihre Adresse noch nicht bestätigt.',
    welcomed: 'Die Person ist da und wurde begrüßt. Es ist nichts mehr zu tun.',
    failedInvitation: 'Laden Sie noch einmal ein, sobald die Ursache behoben ist.',
    revoked:
      'Die Einladung wurde zurückgezogen. Den Link selbst kann das Portal nicht zurücknehmen.',
    expired:
      'Laden Sie noch einmal ein: Der Link lässt sich nicht mehr öffnen. Wer spät kommt, zählt trotzdem.',
    waiting: (when) =>
      `Die Person ist noch nicht aktiv. Nächste Prüfung am ${when}, oder sofort, wenn das Portal etwas meldet.`,
    waitingNow: 'Das Portal wird gerade gefragt, ob die Person aktiv ist.',
    ready: 'Die Begrüßung wird gesendet, sobald der Versand nicht angehalten ist.',
    sending: 'Die Begrüßung wird gerade gesendet.',
    skipped: 'Es wird nichts gesendet, solange Sie es nicht veranlassen.',
    gone: 'Die Person hat das Portal verlassen. Kehrt sie zurück, wird sie wieder geprüft.',
    failed:
      'Die Begrüßung wurde abgelehnt. Beheben Sie die Ursache und versuchen Sie es dann erneut.',
    unknown: 'Fragen Sie die Person, ob die Begrüßung angekommen ist, und klären Sie es hier.',
  },
  actions: {
    resend: 'Erneut senden',
    resendLink: 'Neuen Link holen',
    resendSays:
      'Das Portal sendet die Einladung noch einmal per E-Mail. Das zählt zu seinem Tageslimit.',
    resendLinkSays:
      'Das Portal erstellt für dieselbe Einladung einen neuen Link. Der alte gilt weiter, bis er abläuft.',
    revoke: 'Zurückziehen',
    revokeSays:
      'Die Einladung wird hier geschlossen, und wer über sie kommt, wird nicht begrüßt. Den Link selbst kann das Portal nicht zurücknehmen: Er lässt sich öffnen, bis er abläuft.',
    revokeYes: 'Einladung zurückziehen',
    look: 'Jetzt prüfen',
    lookSays:
      'Das Portal wird sofort nach dieser Person gefragt. Gesendet wird nur, wenn sie aktiv ist.',
    retry: 'Erneut versuchen',
    retrySays:
      'Das Portal wird nach dieser Person gefragt; ist sie aktiv, wird die Begrüßung erneut gesendet.',
    retrySkipped: 'Doch begrüßen',
    retrySkippedSays:
      'Diese Person wird als von Ihnen eingeladen übernommen: Sobald sie aktiv ist, erhält sie die Begrüßung.',
    resolveSent: 'Ist angekommen',
    resolveSentSays: 'Die Begrüßung gilt als gesendet. Diese Person erhält nichts weiter.',
    resolveRetry: 'Ist nicht angekommen',
    resolveRetrySays:
      'Die Begrüßung wird erneut gesendet. Ist die erste doch angekommen, erhält die Person sie zweimal.',
    retryFailed: 'Alle erneut versuchen',
    retryFailedSays:
      'Jede dieser Personen wird geprüft; wer aktiv ist, bekommt die Begrüßung erneut gesendet.',
    reconcile: 'Jetzt abgleichen',
    reconcileSays:
      'Ein vollständiger Durchlauf: Alles, was das Portal weiß, wird mit diesem Protokoll verglichen. Gesendet wird nur, was ohnehin gesendet würde.',
    pause: 'Versand anhalten',
    pauseSays:
      'Keine Begrüßung wird gesendet, bis Sie den Versand fortsetzen. Einladungen und Meldungen laufen weiter.',
    resume: 'Versand fortsetzen',
    resumeSays:
      'Jede Pause wird aufgehoben, eine neue Stunde gewährt, und was aussteht, wird sofort gesendet.',
    replay: 'Erneut lesen',
    replaySays: 'Die Meldung wird noch einmal gelesen, als wäre sie gerade eingegangen.',
    yes: 'Ausführen',
  },
  done: {
    resent: 'Erneut gesendet.',
    freshLink: 'Ein neuer Link ist da.',
    revoked: 'Zurückgezogen. Der Link lässt sich im Portal öffnen, bis er abläuft.',
    retried: 'Die Person wird geprüft.',
    resolvedSent: 'Geklärt: Die Begrüßung gilt als gesendet.',
    resolvedRetry: 'Geklärt: Die Begrüßung wird erneut gesendet.',
    retriedAll: (n) => `Personen, die jetzt geprüft werden: ${n}.`,
    reconciled: (looked, found) =>
      `Geprüfte Personen und Einträge: ${looked}, davon weiterzuverfolgen: ${found}.`,
    interrupted: (reason) =>
      `Der Durchlauf endete vorzeitig: ${reason}. Der nächste setzt ihn fort.`,
    paused: 'Der Versand ist angehalten.',
    resumed: 'Der Versand läuft weiter.',
    replayed: 'Die Meldung wurde erneut gelesen.',
  },
  ...dePages,
};
