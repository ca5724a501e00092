import type { InvitationStatus } from '../../domain/invitation.ts';
import type { MemberState } from '../../domain/member.ts';
import type {
  EmployeeType,
  InvitationMode,
  LetterKind,
  LetterStatus,
  Role,
} from '../../domain/vocabulary.ts';
import type { RowResult } from '../../invitations/import/row-result.ts';

/*
 * The labels and sentences of the pages in English; the other languages have the same keys. Sentences
 * made from codes (reasons, timeline events, causes, health) are in `src/messages`. Numbers and times
 * are passed in as text, already written in the viewer's format.
 */

const statuses: Readonly<Record<InvitationStatus, string>> = {
  issuing: 'issuing',
  issued: 'issued',
  open: 'open',
  registered: 'registered',
  activated: 'activated',
  welcomed: 'welcomed',
  failed: 'failed',
  gone: 'gone',
  revoked: 'revoked',
  expired: 'expired',
};

const states: Readonly<Record<MemberState, string>> = {
  waiting: 'waiting',
  ready: 'ready',
  sending: 'sending',
  welcomed: 'welcomed',
  skipped: 'skipped',
  gone: 'gone',
  failed: 'failed',
  unknown: 'unknown',
};

const stateMeanings: Readonly<Record<MemberState, string>> = {
  waiting: 'not active in the portal yet',
  ready: 'active; the welcome is due',
  sending: 'the welcome is being sent',
  welcomed: 'the welcome was sent',
  skipped: 'gets no welcome, for the reason shown',
  gone: 'left the portal before the welcome',
  failed: 'the welcome was refused for this person',
  unknown: 'it is not known whether the welcome arrived',
};

const types: Readonly<Record<EmployeeType, string>> = {
  Guest: 'Guest',
  User: 'User',
  RoomAdmin: 'Room admin',
  DocSpaceAdmin: 'DocSpace admin',
};

const modes: Readonly<Record<InvitationMode, string>> = {
  link: 'link',
  email: 'e-mail from the portal',
  smtp: 'e-mail from this service',
};

const letters: Readonly<Record<LetterStatus, string>> = {
  pending: 'letter waiting',
  sent: 'letter sent',
  refused: 'letter refused',
  unknown: 'letter: result unknown',
};

const letterKinds: Readonly<Record<LetterKind, string>> = {
  invitation: 'Invitation',
  reminder: 'Reminder',
};

const rowResults: Readonly<Record<RowResult['result'], string>> = {
  invited: 'invited',
  'already invited': 'already invited',
  'already a user': 'already a user',
  disabled: 'disabled in the portal',
  'duplicate in the file': 'duplicate',
  'not valid': 'not valid',
  refused: 'refused by the portal',
  failed: 'failed',
  'not reached': 'not reached',
};

export const en = {
  language: 'English',
  words: {
    statuses,
    states,
    stateMeanings,
    types,
    modes,
    letters,
    letterKinds,
    rowResults,
    shows: { activated: 'active', not_active: 'not active', terminated: 'disabled' },
  },
  frame: {
    skip: 'Skip to content',
    overview: 'Overview',
    invitations: 'Invitations',
    invite: 'Invite',
    health: 'Health',
    signOut: 'Sign out',
    admin: 'Administrator',
    session: (name: string, role: Role) => `${name} (${role})`,
    timesIn: (zone: string) => `Times in ${zone}.`,
    updated: 'Updated',
    live: 'This page updates by itself.',
    stopLive: 'Stop updating',
    goOnLive: 'Resume updating',
    lost: 'The service does not answer. What you see may be out of date.',
    languages: 'Language',
    documentation: 'HTTP API',
    people: 'People',
  },
  signIn: {
    title: 'Sign in',
    intro:
      'The invitation log of your portal: who was invited, who registered and who was welcomed.',
    token: 'Token',
    hint: 'The value of ADMIN_TOKEN in the settings of this service, or a token that an operator made for you.',
    button: 'Sign in',
    wrong: 'This is not a valid token.',
    textKept: 'You are signed out. Sign in, and the form is shown again with your text.',
    textTooLong:
      'You are signed out, and your text is too long to be kept here. Go back in your browser and copy it before you sign in.',
  },
  common: {
    nobody: 'Nobody.',
    none: 'None.',
    show: 'Show',
    openLink: 'Open link',
    figures: 'Show as a table',
    older: 'Older',
    newest: 'Back to the newest',
    copy: 'Copy link',
    copied: 'Copied',
    notFound: 'Page not found',
    notFoundHint: 'The address may be incomplete, or the record may no longer exist.',
    failed: 'This page could not be shown',
    failedHint: 'Try again. If it fails again, read the reason in the log of the service.',
    noForm: 'The form arrived incomplete',
    noFormHint: 'Nothing was changed. Open the page again and send the form once more.',
    readOnly: 'You may only read',
    readOnlyHint:
      'Nothing was changed. Your token has the role “viewer”. Ask an operator to do this.',
    crossSite: 'The form did not come from this site',
    crossSiteHint:
      'Nothing was changed. Open the page of this service and send the form from there.',
    tooLarge: 'This is too large to be sent at once',
    tooLargeHint: 'Send it in several parts. Nobody is invited twice.',
    storeDown: 'The database cannot be used now',
    storeDownHint:
      'Nothing was changed. Try again in a moment. The page Health says what is wrong.',
    hostChanged: (origin: string, host: string) =>
      `Your browser opened ${origin}, but the request arrived for the host ${host}. If a proxy stands in between, make it pass the header Host unchanged (nginx: proxy_set_header Host $http_host;), or set PUBLIC_URL to ${origin} and restart the service.`,
  },
  overview: {
    title: 'Overview',
    nothing: 'Nothing needs attention.',
    unknown: (n: string, one: boolean) =>
      one
        ? 'It is not known whether one welcome arrived. Ask the person, then decide.'
        : `It is not known whether ${n} welcomes arrived. Ask the people, then decide.`,
    settle: 'Review',
    failed: (n: string, one: boolean) =>
      one ? 'The welcome was refused for one person.' : `The welcome was refused for ${n} people.`,
    lettersRefused: (n: string, one: boolean) =>
      one
        ? 'The letter to one invited person was refused.'
        : `The letters to ${n} invited people were refused.`,
    lettersUnknown: (n: string, one: boolean) =>
      one
        ? 'It is not known whether one invitation letter arrived.'
        : `It is not known whether ${n} invitation letters arrived.`,
    seeInvitations: 'Show invitations',
    see: 'Show people',
    paused: 'Sending is paused:',
    look: 'Open Health',
    funnel: 'From invitation to welcome',
    funnelSteps: {
      issued: 'Invited',
      registered: 'Registered',
      activated: 'Activated',
      welcomed: 'Welcomed',
    },
    funnelNote: 'Shows how far invited people have come. Open links are not counted.',
    funnelEmpty: 'Nobody has been invited yet.',
    inviteFirst: 'Invite people',
    byOpenLink: (came: string, welcomed: string) =>
      `Registered through open links: ${came}; welcomed: ${welcomed}.`,
    expired: (n: string, one: boolean) =>
      one
        ? 'One invitation expired before the person registered.'
        : `${n} invitations expired before the person registered.`,
    apart: 'Not counted above:',
    days: 'Day by day',
    range: 'Period',
    lastDays: (n: number) => `${n} days`,
    kinds: { invited: 'Invited', activated: 'Activated', welcomed: 'Welcomed' },
    daysLabel: (kind: string, total: string, days: number) =>
      `${kind}: ${total} in the last ${days} days`,
    most: (n: string, day: string) => `busiest day: ${day} (${n})`,
    day: 'Day',
    toActivation: 'From invitation to activation',
    toWelcome: 'From activation to welcome',
    half: (half: string, nine: string) =>
      `Half of the people took at most ${half}, nine of ten at most ${nine}.`,
    noDurations: 'Nobody has come this far yet.',
    span: 'Duration',
    people: 'People',
    spans: [
      'under 10 s',
      '10 to 60 s',
      '1 to 10 min',
      '10 to 60 min',
      '1 to 24 h',
      '1 to 7 days',
      'longer',
    ],
    state: 'State',
    means: 'Meaning',
    total: 'All people',
    attention: 'Needs attention',
    addressNotInvited: (n: string, one: boolean) =>
      one
        ? 'One person registered through an invitation link of the API key’s account with an address that nobody invited.'
        : `${n} people registered through invitation links of the API key’s account with addresses that nobody invited.`,
    byState: 'People by state',
    byStateNote: 'Every portal user that this service follows is in exactly one state.',
    pausedByOperator: 'An operator has paused sending.',
  },
  next: {
    issuing: 'The portal is being asked for the invitation.',
    issuedLink: 'Send the link to the person. They open it and register.',
    letter: {
      pending: 'The letter is mailed as soon as sending is possible.',
      sent: 'The person opens the link in the letter and registers.',
      refused: 'The mail server refused the letter. Fix the cause, then resend it.',
      unknown: 'It is not known whether the letter arrived. Ask the person, or resend it.',
      none: 'No letter is mailed. The timeline says why.',
    },
    reminder: (when: string) => `The next reminder is due: ${when}.`,
    issuedEmail: 'The person opens the e-mail of the portal and registers.',
    open: 'Anyone who has the link can register.',
    registered: 'The person has registered. The welcome follows once the account is active.',
    welcomed: 'The person was welcomed. Nothing is left to do.',
    failedInvitation: 'Fix the cause, then invite again.',
    revoked:
      'The invitation was revoked. The link itself may still open: the portal cannot withdraw it.',
    expired: 'The link no longer opens. Invite the person again if they should still join.',
    waiting: (when: string) =>
      `The person is not active yet. Next check: ${when}, or at once when the portal reports a change.`,
    waitingNow: 'The portal is being asked whether the person is active.',
    ready: 'The welcome is due. It is sent as soon as sending is possible.',
    sending: 'The welcome is being sent.',
    skipped: 'No welcome is sent unless you choose otherwise.',
    gone: 'The person left the portal. If they return, they are checked again.',
    failed: 'The welcome was refused. Fix the cause, then try again.',
    unknown: 'Ask the person whether the welcome arrived, then decide.',
  },
  actions: {
    resend: 'Resend',
    resendLink: 'Get a new link',
    resendLetter: 'Resend',
    resendLetterSays:
      'This service mails the letter again. If the link expires within a day, the letter has a new one.',
    resendSays: 'The portal mails the invitation again. This counts towards its daily limit.',
    resendLinkSays:
      'The portal makes a new link for the same invitation. The old link keeps working until it expires.',
    revoke: 'Revoke',
    revokeSays:
      'The invitation is closed, and anyone who registers through it gets no welcome. The portal cannot withdraw the link: it opens until it expires.',
    revokeYes: 'Revoke the invitation',
    retry: 'Try again',
    retrySays:
      'The portal is asked about this person. If they are active, the welcome is sent again.',
    retrySkipped: 'Welcome anyway',
    retrySkippedSays: 'This person is treated as invited, and welcomed once they are active.',
    resolveSent: 'Mark as arrived',
    resolveSentSays: 'The welcome counts as sent. Nothing more is sent to this person.',
    resolveRetry: 'Send again',
    resolveRetrySays:
      'The welcome is sent again. If the first one arrived after all, the person gets it twice.',
    retryFailed: 'Try all again',
    retryFailedSays:
      'The portal is asked about each of these people. Those who are active are sent the welcome again.',
    reconcile: 'Reconcile now',
    reconcileSays:
      'The portal is asked now for changes that the webhook missed. This sends only welcomes that would be sent anyway.',
    pause: 'Pause sending',
    pauseSays:
      'No welcome and no letter is sent until you resume. New invitations and webhook deliveries are still accepted.',
    resume: 'Resume sending',
    resumeSays: 'Ends all pauses, resets the hourly limit and sends pending welcomes now.',
    replay: 'Read again',
    replaySays: 'The delivery is processed again, as if it had just arrived.',
    check: 'Check now',
    checkSays:
      'The portal is asked about this person now. The welcome is sent only if they are active.',
    stop: 'Stop',
    stopSays:
      'Requests that have begun are completed; no others are made. Send the same list again to continue.',
  },
  done: {
    letterAgain: 'The letter is being mailed again.',
    resent: 'The portal mailed the invitation again.',
    freshLink: 'There is a new link.',
    revoked: 'The invitation was revoked. Its link opens until it expires.',
    retried: 'The portal is being asked about this person.',
    resolvedSent: 'The welcome counts as sent.',
    resolvedRetry: 'The welcome is being sent again.',
    retriedAll: (n: string, one: boolean) =>
      one ? 'Checking one person again.' : `Checking ${n} people again.`,
    reconciled: (checked: string, found: string) =>
      `People and records checked: ${checked}. Changes found: ${found}.`,
    interrupted: (reason: string) =>
      `Reconciliation stopped early: ${reason}. The next run continues it.`,
    paused: 'Sending is paused.',
    resumed: 'Sending has resumed.',
    replayed: 'The delivery was read again.',
  },
  invitations: {
    title: 'Invitations',
    download: 'Download as CSV',
    search: 'Search',
    searchHint: 'address or note, 3 characters or more',
    status: 'Status',
    type: 'Role',
    letter: 'Letter',
    mode: 'Delivery',
    since: 'Invited from',
    until: 'Invited until',
    any: 'any',
    filter: 'Filter',
    clear: 'Clear filter',
    who: 'E-mail address',
    invitedAt: 'Invited',
    link: 'Link',
    none: 'No invitation matches this filter.',
    noneYet: 'Nobody has been invited yet.',
    members: (n: string) => `${n} registered`,
    badFilter: (fields: string) =>
      `Nothing is listed, because these fields of the filter are not valid: ${fields}. Correct them and filter again.`,
    step: (step: string) => `Reached step: ${step}`,
  },
  invite: {
    title: 'Invite',
    people: 'E-mail addresses',
    peopleHint:
      'One address per line, or separated by commas. Leave this empty to get one open link that many people can use.',
    type: 'Role',
    typeHint: 'The portal cannot mail an invitation to a guest: choose another delivery.',
    mode: 'Delivery',
    byLetter: 'A letter: an e-mail that this service sends',
    noMail: 'This service can mail letters once SMTP_URL and WELCOME_FROM are set.',
    language: 'Language of the letter',
    languageHint: 'For example de or pt-BR. Leave this empty to use the language of the portal.',
    badLanguage: 'The language is not valid. Write it like de or pt-BR.',
    byLink: 'A link that you send yourself',
    byEmail: 'An e-mail that the portal sends',
    note: 'Note',
    noteHint: 'Shown only in this log, for example the project or who asked for the invitation.',
    button: 'Invite',
    fromFile: 'Invite from a file',
    file: 'CSV file',
    fileHint:
      'The first line holds the headings email, type, mode, note and language, in any order; only email is required. A row without an address is not valid, unless its mode is open-link. Uploading the same file again invites nobody twice.',
    fileDefaults: 'Defaults for empty cells:',
    upload: 'Upload and invite',
    noFile: 'Choose a file first.',
    noRows: 'The file has no row below its headings.',
    tooMany: (n: string) => `You can send at most ${n} invitations at once. Split the list.`,
    unreadable: (reason: string) => `The file ${reason}.`,
    notValid: 'Nobody was invited. Correct this first:',
    restored: 'You were signed out before the form was sent. Check it, then send it again.',
    badAddress: (address: string) => `${address} is not an e-mail address.`,
    linkOnly: (address: string) =>
      `The portal mails no invitation to ${address}. Choose the link or another delivery.`,
    noGuestMail:
      'The portal cannot mail an invitation to a guest. Choose another delivery, or another role.',
    mailNeedsAddress: 'An e-mail needs at least one address. Enter one, or choose the link.',
    noteTooLong: 'The note is longer than 500 characters. Shorten it.',
  },
  run: {
    title: (n: string, one: boolean) => (one ? 'Inviting one person' : `Inviting ${n} people`),
    done: (n: string, all: string) => `${n} of ${all} done`,
    waiting: (until: string, reason: string) => `The portal asks to wait until ${until}: ${reason}`,
    finished: 'Finished.',
    interrupted: 'Stopped. Send the same list again to continue; nobody is invited twice.',
    stopped: (reason: string) =>
      `Stopped: ${reason}. Send the same list again to continue; nobody is invited twice.`,
    download: 'Download all results with their links',
    results: 'Results',
    needing: 'Rows that need attention',
    row: 'Row',
    result: 'Result',
    reason: 'Reason',
    first: (n: string) => `The first ${n} rows. The downloaded file has all of them.`,
    again: 'Invite more people',
    gone: 'This list is no longer kept. The invitations are listed here.',
    failed:
      'Something unexpected stopped this run: see the log of the service. Send the same list again to continue; nobody is invited twice.',
  },
  person: {
    name: 'Name',
    address: 'E-mail address',
    type: 'Role',
    mode: 'Delivery',
    note: 'Note',
    id: 'Invitation id',
    userId: 'Portal user id',
    invitedAt: 'Invited',
    registeredAt: 'Registered',
    activatedAt: 'Activated',
    welcomedAt: 'Welcomed',
    absent: (at: string) => `left the portal on ${at}`,
    next: 'Next step',
    timeline: 'Timeline',
    letters: 'Letters',
    language: 'Language',
    attempts: 'Attempts to send the welcome',
    channel: 'Channel',
    started: 'Started',
    outcome: 'Result',
    underWay: 'under way',
    outcomes: {
      sent: 'sent',
      not_sent: 'not sent',
      refused: 'refused',
      unknown: 'unknown',
    },
    welcome: 'Welcome message',
    preview: 'Show the message',
    wouldSend: (channel: string) => `It would be sent now through the channel ${channel}.`,
    wouldNotSend: 'It would not be sent now:',
    subject: 'Subject',
    from: 'From',
    to: 'To',
    text: 'Plain text',
    letter: 'The message as the person sees it',
    members: 'People who registered with this link',
    linkTitle: 'Invitation link',
    linkWorks: (until: string) => `The link opens until ${until}.`,
    noInvitation: 'This person did not come through an invitation of this service.',
    seeInvitation: 'Show the invitation',
    allMembers: (all: string) => `Show all ${all}`,
    portalLetter:
      'The portal sends its own letter: the one that greets the administrator of a new portal. Its text cannot be changed here.',
    notSentState: (state: string, reason: string) =>
      `the state is “${state}”${reason && `: ${reason}`}`,
    notSentPaused: (reasons: string) => `sending is paused (${reasons})`,
    notSentRefused: 'every channel has refused this person',
  },
  people: {
    title: 'People',
    who: 'Person',
    state: 'State',
    reason: 'Reason',
    none: 'Nobody matches this filter.',
    all: 'all',
    registered: 'Registered',
    searchHint: 'name or address, 3 characters or more',
    noneYet: 'Nobody has registered yet.',
    ofInvitation: 'This list shows only the people who came through this invitation.',
    reasonGroups: {
      person: 'Person',
      portal: 'Portal',
      mail: 'Mail server',
      service: 'This service',
    },
  },
  health: {
    title: 'Health',
    parts: {
      store: 'Database',
      worker: 'Processing',
      portal: 'Portal',
      channel: 'Sending',
      webhook: 'Webhook',
      events: 'Events',
      notices: 'Notices',
    },
    levels: { ok: 'OK', warning: 'warning', wrong: 'error' },
    sending: 'Sending',
    sends: 'Welcomes are sent as soon as they are due.',
    since: (at: string) => `since ${at}`,
    until: (at: string) => `ends by itself on ${at}`,
    byHand: 'until you resume',
    reconciliation: 'Reconciliation',
    deliveries: 'Webhook deliveries',
    answers: 'Answers since the start',
    onlyUnreadable: 'Unreadable only',
    allDeliveries: 'All',
    noDeliveries:
      'No delivery has arrived yet. Register the webhook with: docspace-welcome webhook register',
    noUnreadable: 'Every delivery could be read.',
    received: 'Received',
    answer: 'Answer',
    trigger: 'Trigger',
    about: 'User',
    repeats: (n: string) => `repeated: ${n} ×`,
    accepted: 'accepted',
    unreadable: 'unreadable',
    duplicate: 'duplicate',
    ignored: 'ignored',
    unsigned: 'unsigned',
    too_large: 'too large',
    unavailable: 'unavailable',
    pausedChannel: (channel: string) => `Channel ${channel}`,

    lastRun: (at: string) => `Last complete run: ${at}.`,
    noRun: 'No run has completed since the start.',
  },
  delivery: {
    title: (id: string) => `Delivery ${id}`,
    body: 'Body as received',
    forgotten: 'The body is no longer kept, because this person was forgotten.',
    event: 'Event id',
    webhook: 'Webhook id',
    created: 'Created in the portal',
    shows: 'Account',
    reason: 'Reason',
  },
};

export type Texts = typeof en;
