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
  issuing: 'in Arbeit',
  issued: 'eingeladen',
  open: 'offen',
  registered: 'registriert',
  activated: 'aktiviert',
  welcomed: 'begrüßt',
  failed: 'fehlgeschlagen',
  gone: 'ausgeschieden',
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
  waiting: 'im Portal noch nicht aktiv',
  ready: 'aktiv, die Begrüßung steht an',
  sending: 'die Begrüßung wird gerade gesendet',
  welcomed: 'die Begrüßung wurde gesendet',
  skipped: 'erhält keine Begrüßung; der Grund ist angegeben',
  gone: 'hat das Portal vor der Begrüßung verlassen',
  failed: 'die Begrüßung wurde für diese Person abgelehnt',
  unknown: 'es ist nicht bekannt, ob die Begrüßung ankam',
};

const types: Readonly<Record<EmployeeType, string>> = {
  Guest: 'Gast',
  User: 'Benutzer',
  RoomAdmin: 'Raum-Admin',
  DocSpaceAdmin: 'DocSpace-Admin',
};

const modes: Readonly<Record<InvitationMode, string>> = {
  link: 'Link',
  email: 'E-Mail vom Portal',
  smtp: 'E-Mail von diesem Dienst',
};

const letters: Readonly<Record<LetterStatus, string>> = {
  pending: 'Brief wartet',
  sent: 'Brief gesendet',
  refused: 'Brief abgelehnt',
  unknown: 'Brief: Ergebnis unbekannt',
};

const letterKinds: Readonly<Record<LetterKind, string>> = {
  invitation: 'Einladung',
  reminder: 'Erinnerung',
};

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

export const de: Texts = {
  language: 'Deutsch',
  words: {
    statuses,
    states,
    stateMeanings,
    types,
    modes,
    letters,
    letterKinds,
    rowResults,
    shows: { activated: 'aktiv', not_active: 'nicht aktiv', terminated: 'gesperrt' },
  },
  frame: {
    skip: 'Zum Inhalt springen',
    overview: 'Übersicht',
    invitations: 'Einladungen',
    invite: 'Einladen',
    health: 'Betrieb',
    signOut: 'Abmelden',
    admin: 'Administrator',
    session: (name, role) => `${name} (${role === 'viewer' ? 'nur lesen' : 'Betreuung'})`,
    timesIn: (zone) => `Uhrzeiten in der Zeitzone ${zone}.`,
    updated: 'Stand:',
    live: 'Diese Seite aktualisiert sich selbst.',
    stopLive: 'Aktualisierung anhalten',
    goOnLive: 'Aktualisierung fortsetzen',
    lost: 'Der Dienst antwortet nicht. Was Sie sehen, ist vielleicht nicht mehr aktuell.',
    languages: 'Sprache',
    documentation: 'HTTP-API',
    people: 'Personen',
  },
  signIn: {
    title: 'Anmelden',
    intro:
      'Das Einladungsprotokoll Ihres Portals: wer eingeladen wurde, wer sich registriert hat und wer begrüßt wurde.',
    token: 'Token',
    hint: 'Der Wert von ADMIN_TOKEN in den Einstellungen dieses Dienstes oder ein Token, das für Sie angelegt wurde.',
    button: 'Anmelden',
    wrong: 'Dieses Token ist nicht gültig.',
    textKept:
      'Sie sind abgemeldet. Nach der Anmeldung erscheint das Formular wieder mit Ihrem Text.',
    textTooLong:
      'Sie sind abgemeldet, und Ihr Text ist zu lang, um ihn hier aufzubewahren. Gehen Sie im Browser zurück und kopieren Sie ihn, bevor Sie sich anmelden.',
  },
  common: {
    nobody: 'Niemand.',
    none: 'Keine Einträge.',
    show: 'Anzeigen',
    openLink: 'Offener Link',
    figures: 'Als Tabelle anzeigen',
    older: 'Ältere',
    newest: 'Zu den neuesten',
    copy: 'Link kopieren',
    copied: 'Kopiert',
    notFound: 'Seite nicht gefunden',
    notFoundHint: 'Die Adresse ist vielleicht unvollständig, oder der Eintrag besteht nicht mehr.',
    failed: 'Diese Seite konnte nicht angezeigt werden',
    failedHint:
      'Versuchen Sie es noch einmal. Gelingt es wieder nicht, steht der Grund im Log des Dienstes.',
    noForm: 'Das Formular ist unvollständig angekommen',
    noFormHint:
      'Es wurde nichts geändert. Öffnen Sie die Seite noch einmal und senden Sie das Formular erneut.',
    readOnly: 'Sie dürfen nur lesen',
    readOnlyHint:
      'Es wurde nichts geändert. Ihr Token hat die Rolle „viewer“. Bitten Sie jemanden mit der Rolle „operator“ darum.',
    crossSite: 'Das Formular kam nicht von dieser Website',
    crossSiteHint:
      'Es wurde nichts geändert. Öffnen Sie die Seite hier und senden Sie das Formular von dort.',
    tooLarge: 'Das ist zu groß, um es auf einmal zu senden',
    tooLargeHint: 'Senden Sie es in mehreren Teilen. Niemand wird zweimal eingeladen.',
    storeDown: 'Die Datenbank ist zurzeit nicht nutzbar',
    storeDownHint:
      'Es wurde nichts geändert. Versuchen Sie es gleich noch einmal. Die Seite „Betrieb“ zeigt, was nicht stimmt.',
    hostChanged: (origin, host) =>
      `Ihr Browser hat ${origin} geöffnet, die Anfrage kam aber für den Host ${host} an. Steht ein Proxy dazwischen, lassen Sie ihn den Header Host unverändert weitergeben (nginx: proxy_set_header Host $http_host;), oder setzen Sie PUBLIC_URL auf ${origin} und starten Sie den Dienst neu.`,
  },
  overview: {
    title: 'Übersicht',
    nothing: 'Zurzeit ist nichts zu tun.',
    unknown: (n, one) =>
      one
        ? 'Bei einer Begrüßung ist nicht bekannt, ob sie angekommen ist. Fragen Sie die Person und entscheiden Sie dann.'
        : `Bei ${n} Begrüßungen ist nicht bekannt, ob sie angekommen sind. Fragen Sie die Personen und entscheiden Sie dann.`,
    settle: 'Prüfen',
    failed: (n, one) =>
      one
        ? 'Für eine Person wurde die Begrüßung abgelehnt.'
        : `Für ${n} Personen wurde die Begrüßung abgelehnt.`,
    lettersRefused: (n, one) =>
      one
        ? 'Der Brief an eine eingeladene Person wurde abgelehnt.'
        : `Die Briefe an ${n} eingeladene Personen wurden abgelehnt.`,
    lettersUnknown: (n, one) =>
      one
        ? 'Bei einem Einladungsbrief ist nicht bekannt, ob er angekommen ist.'
        : `Bei ${n} Einladungsbriefen ist nicht bekannt, ob sie angekommen sind.`,
    seeInvitations: 'Einladungen anzeigen',
    see: 'Personen anzeigen',
    paused: 'Der Versand ist angehalten:',
    look: 'Betrieb öffnen',
    funnel: 'Von der Einladung zur Begrüßung',
    funnelSteps: {
      issued: 'Eingeladen',
      registered: 'Registriert',
      activated: 'Aktiviert',
      welcomed: 'Begrüßt',
    },
    funnelNote:
      'Zeigt, wie weit die eingeladenen Personen gekommen sind. Offene Links sind nicht mitgezählt.',
    funnelEmpty: 'Es ist noch niemand eingeladen.',
    inviteFirst: 'Personen einladen',
    byOpenLink: (came, welcomed) =>
      `Über offene Links registriert: ${came}, davon begrüßt: ${welcomed}.`,
    expired: (n, one) =>
      one
        ? 'Eine Einladung ist ohne Registrierung abgelaufen.'
        : `${n} Einladungen sind ohne Registrierung abgelaufen.`,
    apart: 'Oben nicht mitgezählt:',
    days: 'Tag für Tag',
    range: 'Zeitraum',
    lastDays: (n) => `${n} Tage`,
    kinds: { invited: 'Eingeladen', activated: 'Aktiviert', welcomed: 'Begrüßt' },
    daysLabel: (kind, total, days) => `${kind}: ${total} in den letzten ${days} Tagen`,
    most: (n, day) => `stärkster Tag: ${day} (${n})`,
    day: 'Tag',
    toActivation: 'Von der Einladung zur Aktivierung',
    toWelcome: 'Von der Aktivierung zur Begrüßung',
    half: (half, nine) =>
      `Die Hälfte der Personen brauchte höchstens ${half}, neun von zehn höchstens ${nine}.`,
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
    state: 'Zustand',
    means: 'Bedeutung',
    total: 'Alle Personen',
    attention: 'Handlungsbedarf',
    addressNotInvited: (n, one) =>
      one
        ? 'Eine Person hat sich über einen Einladungslink dieses Kontos mit einer Adresse registriert, die niemand eingeladen hat.'
        : `${n} Personen haben sich über Einladungslinks dieses Kontos mit Adressen registriert, die niemand eingeladen hat.`,
    byState: 'Personen nach Zustand',
    byStateNote:
      'Alle Benutzer des Portals, die dieser Dienst begleitet; jede Person hat genau einen Zustand.',
    pausedByOperator: 'Die Administration hat den Versand angehalten.',
  },
  next: {
    issuing: 'Die Einladung wird gerade beim Portal angefordert.',
    issuedLink: 'Geben Sie den Link an die Person weiter. Sie öffnet ihn und registriert sich.',
    letter: {
      pending: 'Der Brief wird gesendet, sobald der Versand möglich ist.',
      sent: 'Die Person öffnet den Link im Brief und registriert sich.',
      refused:
        'Der Mailserver hat den Brief abgelehnt. Beheben Sie die Ursache und senden Sie ihn dann erneut.',
      unknown:
        'Es ist nicht bekannt, ob der Brief angekommen ist. Fragen Sie die Person, oder senden Sie ihn erneut.',
      none: 'Es wird kein Brief gesendet. Der Verlauf sagt, warum.',
    },
    reminder: (when) => `Die nächste Erinnerung ist fällig: ${when}.`,
    issuedEmail: 'Die Person öffnet die E-Mail des Portals und registriert sich.',
    open: 'Wer den Link hat, kann sich registrieren.',
    registered: 'Die Person hat sich registriert. Die Begrüßung folgt, sobald das Konto aktiv ist.',
    welcomed: 'Die Person wurde begrüßt. Es ist nichts mehr zu tun.',
    failedInvitation: 'Beheben Sie die Ursache und laden Sie dann noch einmal ein.',
    revoked:
      'Die Einladung wurde zurückgezogen. Der Link selbst lässt sich eventuell noch öffnen: Das Portal kann ihn nicht zurücknehmen.',
    expired:
      'Der Link lässt sich nicht mehr öffnen. Laden Sie die Person noch einmal ein, wenn sie noch beitreten soll.',
    waiting: (when) =>
      `Die Person ist noch nicht aktiv. Nächste Prüfung: ${when}, oder sofort, wenn das Portal eine Änderung meldet.`,
    waitingNow: 'Das Portal wird gerade gefragt, ob die Person aktiv ist.',
    ready: 'Die Begrüßung steht an. Sie wird gesendet, sobald der Versand möglich ist.',
    sending: 'Die Begrüßung wird gerade gesendet.',
    skipped: 'Es wird keine Begrüßung gesendet, außer Sie veranlassen es.',
    gone: 'Die Person hat das Portal verlassen. Kehrt sie zurück, wird sie wieder geprüft.',
    failed:
      'Die Begrüßung wurde abgelehnt. Beheben Sie die Ursache und versuchen Sie es dann erneut.',
    unknown: 'Fragen Sie die Person, ob die Begrüßung angekommen ist, und entscheiden Sie dann.',
  },
  actions: {
    resend: 'Erneut senden',
    resendLink: 'Neuen Link erstellen',
    resendLetter: 'Erneut senden',
    resendLetterSays:
      'Dieser Dienst sendet den Brief noch einmal. Läuft der Link innerhalb eines Tages ab, enthält der Brief einen neuen.',
    resendSays:
      'Das Portal sendet die Einladung noch einmal per E-Mail. Das zählt zu seinem Tageslimit.',
    resendLinkSays:
      'Das Portal erstellt einen neuen Link für dieselbe Einladung. Der alte Link gilt weiter, bis er abläuft.',
    revoke: 'Zurückziehen',
    revokeSays:
      'Die Einladung wird geschlossen, und wer sich über sie registriert, erhält keine Begrüßung. Das Portal kann den Link nicht zurücknehmen: Er lässt sich öffnen, bis er abläuft.',
    revokeYes: 'Einladung zurückziehen',
    retry: 'Erneut versuchen',
    retrySays:
      'Das Portal wird nach dieser Person gefragt. Ist sie aktiv, wird die Begrüßung erneut gesendet.',
    retrySkipped: 'Trotzdem begrüßen',
    retrySkippedSays:
      'Diese Person wird wie eine eingeladene behandelt und begrüßt, sobald sie aktiv ist.',
    resolveSent: 'Als angekommen markieren',
    resolveSentSays: 'Die Begrüßung gilt als gesendet. Diese Person erhält nichts weiter.',
    resolveRetry: 'Noch einmal senden',
    resolveRetrySays:
      'Die Begrüßung wird noch einmal gesendet. Ist die erste doch angekommen, erhält die Person sie zweimal.',
    retryFailed: 'Alle erneut versuchen',
    retryFailedSays:
      'Das Portal wird nach jeder dieser Personen gefragt. Wer aktiv ist, erhält die Begrüßung noch einmal.',
    reconcile: 'Jetzt abgleichen',
    reconcileSays:
      'Das Portal wird jetzt nach Änderungen gefragt, die der Webhook nicht gemeldet hat. Dabei werden nur Begrüßungen gesendet, die ohnehin gesendet würden.',
    pause: 'Versand anhalten',
    pauseSays:
      'Es wird keine Begrüßung und kein Brief gesendet, bis Sie den Versand fortsetzen. Neue Einladungen und Meldungen des Portals werden weiterhin angenommen.',
    resume: 'Versand fortsetzen',
    resumeSays:
      'Hebt alle Pausen auf, setzt das Stundenlimit zurück und sendet ausstehende Begrüßungen sofort.',
    replay: 'Erneut lesen',
    replaySays: 'Die Meldung wird noch einmal verarbeitet, als wäre sie gerade eingegangen.',
    check: 'Jetzt prüfen',
    checkSays:
      'Das Portal wird jetzt nach dieser Person gefragt. Die Begrüßung wird nur gesendet, wenn sie aktiv ist.',
    stop: 'Anhalten',
    stopSays:
      'Begonnene Anfragen werden beendet, die übrigen nicht mehr gestellt. Senden Sie dieselbe Liste noch einmal, um fortzufahren.',
  },
  done: {
    letterAgain: 'Der Brief wird noch einmal gesendet.',
    resent: 'Das Portal hat die Einladung noch einmal per E-Mail gesendet.',
    freshLink: 'Es gibt einen neuen Link.',
    revoked: 'Die Einladung wurde zurückgezogen. Ihr Link lässt sich öffnen, bis er abläuft.',
    retried: 'Das Portal wird nach dieser Person gefragt.',
    resolvedSent: 'Die Begrüßung gilt als gesendet.',
    resolvedRetry: 'Die Begrüßung wird noch einmal gesendet.',
    retriedAll: (n, one) =>
      one ? 'Eine Person wird erneut geprüft.' : `${n} Personen werden erneut geprüft.`,
    reconciled: (checked, found) =>
      `Geprüfte Personen und Einträge: ${checked}. Gefundene Änderungen: ${found}.`,
    interrupted: (reason) =>
      `Der Abgleich endete vorzeitig: ${reason}. Der nächste Durchlauf setzt ihn fort.`,
    paused: 'Der Versand ist angehalten.',
    resumed: 'Der Versand läuft wieder.',
    replayed: 'Die Meldung wurde erneut gelesen.',
  },
  invitations: {
    title: 'Einladungen',
    download: 'Als CSV herunterladen',
    search: 'Suche',
    searchHint: 'Adresse oder Notiz, ab 3 Zeichen',
    status: 'Status',
    type: 'Rolle',
    letter: 'Brief',
    mode: 'Versandart',
    since: 'Eingeladen ab',
    until: 'Eingeladen bis',
    any: 'alle',
    filter: 'Filtern',
    clear: 'Filter zurücksetzen',
    who: 'E-Mail-Adresse',
    invitedAt: 'Eingeladen',
    link: 'Link',
    none: 'Keine Einladung passt zu diesem Filter.',
    noneYet: 'Es ist noch niemand eingeladen.',
    members: (n) => `${n} registriert`,
    badFilter: (fields) =>
      `Es wird nichts aufgelistet, weil diese Felder des Filters ungültig sind: ${fields}. Korrigieren Sie sie und filtern Sie erneut.`,
    step: (step) => `Erreichter Schritt: ${step}`,
  },
  invite: {
    title: 'Einladen',
    people: 'E-Mail-Adressen',
    peopleHint:
      'Eine Adresse pro Zeile oder durch Kommas getrennt. Bleibt das Feld leer, entsteht ein offener Link, den viele Personen nutzen können.',
    type: 'Rolle',
    typeHint:
      'Einem Gast kann das Portal keine Einladung senden: Wählen Sie eine andere Versandart.',
    mode: 'Versandart',
    byLetter: 'Ein Brief: eine E-Mail, die dieser Dienst sendet',
    noMail: 'Dieser Dienst kann Briefe senden, sobald SMTP_URL und WELCOME_FROM gesetzt sind.',
    language: 'Sprache des Briefs',
    languageHint: 'Zum Beispiel de oder pt-BR. Leer: die Sprache des Portals.',
    badLanguage: 'Die Sprache ist ungültig. Schreiben Sie sie wie de oder pt-BR.',
    byLink: 'Ein Link, den Sie selbst weitergeben',
    byEmail: 'Eine E-Mail, die das Portal sendet',
    note: 'Notiz',
    noteHint:
      'Nur in diesem Protokoll sichtbar, etwa das Projekt oder wer um die Einladung gebeten hat.',
    button: 'Einladen',
    fromFile: 'Aus einer Datei einladen',
    file: 'CSV-Datei',
    fileHint:
      'Die erste Zeile enthält die Überschriften email, type, mode, note und language in beliebiger Reihenfolge; nur email ist nötig. Eine Zeile ohne Adresse ist ungültig, außer ihr Wert für mode ist open-link. Wenn Sie dieselbe Datei noch einmal hochladen, wird niemand zweimal eingeladen.',
    fileDefaults: 'Vorgaben für leere Zellen:',
    upload: 'Hochladen und einladen',
    noFile: 'Wählen Sie zuerst eine Datei.',
    noRows: 'Unter den Überschriften der Datei steht keine Zeile.',
    tooMany: (n) =>
      `Sie können höchstens ${n} Einladungen auf einmal senden. Teilen Sie die Liste auf.`,
    unreadable: (reason) => `Die Datei ${reason}.`,
    notValid: 'Es wurde niemand eingeladen. Korrigieren Sie zuerst:',
    restored:
      'Sie waren abgemeldet, bevor das Formular gesendet wurde. Prüfen Sie es und senden Sie es erneut.',
    badAddress: (address) => `${address} ist keine E-Mail-Adresse.`,
    linkOnly: (address) =>
      `Das Portal sendet keine Einladung an ${address}. Wählen Sie den Link oder eine andere Versandart.`,
    noGuestMail:
      'Einem Gast kann das Portal keine Einladung senden. Wählen Sie eine andere Versandart oder eine andere Rolle.',
    mailNeedsAddress:
      'Eine E-Mail braucht mindestens eine Adresse. Geben Sie eine ein, oder wählen Sie den Link.',
    noteTooLong: 'Die Notiz ist länger als 500 Zeichen. Kürzen Sie sie.',
  },
  run: {
    title: (n, one) => (one ? 'Einladung einer Person' : `Einladung von ${n} Personen`),
    done: (n, all) => `${n} von ${all} erledigt`,
    waiting: (until, reason) => `Das Portal bittet, bis ${until} Uhr zu warten: ${reason}`,
    finished: 'Fertig.',
    interrupted:
      'Angehalten. Senden Sie dieselbe Liste noch einmal, um fortzufahren; niemand wird zweimal eingeladen.',
    stopped: (reason) =>
      `Angehalten: ${reason}. Senden Sie dieselbe Liste noch einmal, um fortzufahren; niemand wird zweimal eingeladen.`,
    download: 'Alle Ergebnisse mit ihren Links herunterladen',
    results: 'Ergebnisse',
    needing: 'Zeilen mit Handlungsbedarf',
    row: 'Zeile',
    result: 'Ergebnis',
    reason: 'Grund',
    first: (n) => `Die ersten ${n} Zeilen. Die heruntergeladene Datei enthält alle.`,
    again: 'Weitere Personen einladen',
    gone: 'Diese Liste ist nicht mehr gespeichert. Die Einladungen stehen hier.',
    failed:
      'Etwas Unerwartetes hat den Vorgang angehalten: siehe Log des Dienstes. Senden Sie dieselbe Liste noch einmal, um fortzufahren; niemand wird zweimal eingeladen.',
  },
  person: {
    name: 'Name',
    address: 'E-Mail-Adresse',
    type: 'Rolle',
    mode: 'Versandart',
    note: 'Notiz',
    id: 'Einladungs-ID',
    userId: 'Benutzer-ID im Portal',
    invitedAt: 'Eingeladen',
    registeredAt: 'Registriert',
    activatedAt: 'Aktiviert',
    welcomedAt: 'Begrüßt',
    absent: (at) => `hat das Portal am ${at} verlassen`,
    next: 'Nächster Schritt',
    timeline: 'Verlauf',
    letters: 'Briefe',
    language: 'Sprache',
    attempts: 'Versuche, die Begrüßung zu senden',
    channel: 'Kanal',
    started: 'Begonnen',
    outcome: 'Ergebnis',
    underWay: 'läuft',
    outcomes: {
      sent: 'gesendet',
      not_sent: 'nicht gesendet',
      refused: 'abgelehnt',
      unknown: 'ungeklärt',
    },
    welcome: 'Begrüßung',
    preview: 'Nachricht anzeigen',
    wouldSend: (channel) => `Sie würde jetzt über den Kanal ${channel} gesendet.`,
    wouldNotSend: 'Sie würde jetzt nicht gesendet:',
    subject: 'Betreff',
    from: 'Von',
    to: 'An',
    text: 'Nur-Text-Fassung',
    letter: 'Die Nachricht, wie die Person sie sieht',
    members: 'Personen, die sich über diesen Link registriert haben',
    linkTitle: 'Einladungslink',
    linkWorks: (until) => `Der Link ist gültig bis ${until}.`,
    noInvitation: 'Diese Person kam nicht über eine Einladung dieses Dienstes.',
    seeInvitation: 'Einladung anzeigen',
    allMembers: (all) => `Alle ${all} anzeigen`,
    portalLetter:
      'Das Portal sendet seine eigene Nachricht: die, mit der es die Administration eines neuen Portals begrüßt. Der Text lässt sich hier nicht ändern.',
    notSentState: (state, reason) => `der Zustand ist „${state}“${reason && `: ${reason}`}`,
    notSentPaused: (reasons) => `der Versand ist angehalten (${reasons})`,
    notSentRefused: 'alle Kanäle haben diese Person abgelehnt',
  },
  people: {
    title: 'Personen',
    who: 'Person',
    state: 'Zustand',
    reason: 'Grund',
    none: 'Niemand passt zu diesem Filter.',
    all: 'alle',
    registered: 'Registriert',
    searchHint: 'Name oder Adresse, ab 3 Zeichen',
    noneYet: 'Es hat sich noch niemand registriert.',
    ofInvitation: 'Nur Personen, die über eine bestimmte Einladung kamen.',
    reasonGroups: {
      person: 'Person',
      portal: 'Portal',
      mail: 'Mailserver',
      service: 'Dieser Dienst',
    },
  },
  health: {
    title: 'Betrieb',
    parts: {
      store: 'Datenbank',
      worker: 'Verarbeitung',
      portal: 'Portal',
      channel: 'Versand',
      webhook: 'Webhook',
      events: 'Ereignisse',
      notices: 'Nachrichten an Admins',
    },
    levels: { ok: 'in Ordnung', warning: 'Warnung', wrong: 'Fehler' },
    sending: 'Versand',
    sends: 'Begrüßungen werden gesendet, sobald sie anstehen.',
    since: (at) => `seit ${at}`,
    until: (at) => `endet von selbst am ${at}`,
    byHand: 'bis Sie den Versand fortsetzen',
    reconciliation: 'Abgleich',
    deliveries: 'Meldungen des Portals',
    answers: 'Antworten seit dem Start',
    onlyUnreadable: 'Nur unlesbare',
    allDeliveries: 'Alle',
    noDeliveries:
      'Noch keine Meldung. Registrieren Sie den Webhook mit: docspace-welcome webhook register',
    noUnreadable: 'Alle Meldungen waren lesbar.',
    received: 'Eingegangen',
    answer: 'Antwort',
    trigger: 'Auslöser',
    about: 'Benutzer',
    repeats: (n) => `wiederholt: ${n} ×`,
    accepted: 'angenommen',
    unreadable: 'unlesbar',
    duplicate: 'doppelt',
    ignored: 'übergangen',
    unsigned: 'nicht signiert',
    too_large: 'zu groß',
    unavailable: 'nicht verfügbar',
    pausedChannel: (channel) => `Kanal ${channel}`,

    lastRun: (at) => `Letzter vollständiger Durchlauf: ${at}.`,
    noRun: 'Seit dem Start noch kein vollständiger Durchlauf.',
  },
  delivery: {
    title: (id) => `Meldung ${id}`,
    body: 'Inhalt, wie er eingegangen ist',
    forgotten:
      'Der Inhalt ist nicht mehr gespeichert, weil die Daten dieser Person gelöscht wurden.',
    event: 'Ereignis-ID',
    webhook: 'Webhook-ID',
    created: 'Im Portal erstellt',
    shows: 'Konto',
    reason: 'Grund',
  },
};
