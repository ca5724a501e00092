import type { InvitationStatus } from '../../domain/invitation.ts';
import type { MemberState } from '../../domain/member.ts';
import type { EmployeeType, InvitationMode } from '../../domain/vocabulary.ts';
import type { RowResult } from '../../invitations/import/row-result.ts';
import { enPages } from './en-pages.ts';

/*
 * Every word of the pages; those of single pages are in `en-pages.ts`. What the log itself says
 * (reasons, timelines) stays as it was written. Numbers come in as text, written as the viewer's
 * language writes them.
 */

const statuses: Readonly<Record<InvitationStatus, string>> = {
  issuing: 'issuing',
  issued: 'issued',
  open: 'open',
  registered: 'registered',
  activated: 'activated',
  welcomed: 'welcomed',
  failed: 'failed',
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
  waiting: 'known, not active yet',
  ready: 'active, the welcome is owed',
  sending: 'the welcome is under way',
  welcomed: 'got their one welcome',
  skipped: 'not ours to welcome, with the reason',
  gone: 'left before a welcome',
  failed: 'the welcome was refused for this person',
  unknown: 'nobody knows whether the welcome arrived',
};

const types: Readonly<Record<EmployeeType, string>> = {
  Guest: 'Guest',
  User: 'User',
  RoomAdmin: 'Room admin',
  DocSpaceAdmin: 'DocSpace admin',
};

const modes: Readonly<Record<InvitationMode, string>> = { link: 'link', email: 'e-mail' };

const rowResults: Readonly<Record<RowResult['result'], string>> = {
  invited: 'invited',
  'already invited': 'already invited',
  'already a user': 'already a user',
  disabled: 'disabled in the portal',
  'duplicate in the file': 'given twice',
  'not valid': 'not valid',
  refused: 'refused by the portal',
  failed: 'failed',
  'not reached': 'not reached',
};

export const en = {
  language: 'English',
  words: { statuses, states, stateMeanings, types, modes, rowResults },
  frame: {
    skip: 'Skip to the page',
    overview: 'Overview',
    invitations: 'Invitations',
    invite: 'Invite',
    health: 'Health',
    signOut: 'Sign out',
    timesIn: (zone: string) => `Times in ${zone}.`,
    updated: 'Updated',
    live: 'This page keeps itself up to date.',
    stopLive: 'Stop updating',
    goOnLive: 'Go on updating',
    lost: 'The service does not answer. What you see may be old.',
    languages: 'Language',
    documentation: 'HTTP API',
  },
  signIn: {
    title: 'Sign in',
    intro: 'The invite log of your portal: who was invited, who came, and who was welcomed.',
    token: 'Admin token',
    hint: 'The value of ADMIN_TOKEN in the settings of this service.',
    button: 'Sign in',
    wrong: 'This is not the admin token.',
  },
  common: {
    nobody: 'Nobody.',
    none: 'None.',
    show: 'Show',
    openLink: 'Open link',
    figures: 'The figures',
    older: 'Older',
    newest: 'Back to the newest',
    copy: 'Copy link',
    copied: 'Copied',
    notFound: 'There is no such page here.',
    notFoundHint: 'It may have been moved, or the address may be incomplete.',
    failed: 'Something went wrong here.',
    failedHint: 'Nothing was changed. The log of the service says what happened.',
    noForm: 'This form did not arrive whole.',
    noFormHint: 'Open the page again here and send the form once more.',
    crossSite: 'This form did not come from this site.',
    crossSiteHint: 'Open the page again here and send the form from it.',
    tooLarge: 'This is more than can be sent at once.',
    tooLargeHint: 'Send it in several parts: the same people are never invited twice.',
    storeDown: 'The database cannot be used now.',
    storeDownHint: 'Nothing was changed. Try again in a moment; Health says what is wrong.',
  },
  overview: {
    title: 'Overview',
    needs: 'What needs you',
    nothing: 'Nothing needs you now.',
    unknown: (n: string, one: boolean) =>
      one
        ? 'One welcome may or may not have arrived. Ask the person, then settle it.'
        : `${n} welcomes may or may not have arrived. Ask the people, then settle them.`,
    settle: 'Settle',
    failed: (n: string, one: boolean) =>
      one ? 'One welcome was refused.' : `${n} welcomes were refused.`,
    see: 'See who',
    cameByUs: (n: string, one: boolean) =>
      one
        ? 'One person came by an invitation of this account with an address nobody invited.'
        : `${n} people came by an invitation of this account with addresses nobody invited.`,
    paused: 'Sending is paused:',
    look: 'Look at it',
    funnel: 'From invitation to welcome',
    funnelSteps: {
      issued: 'Invited',
      registered: 'Registered',
      activated: 'Activated',
      welcomed: 'Welcomed',
    },
    funnelNote: 'Invitations to one person, and how far these people came.',
    funnelEmpty: 'Nobody is invited yet.',
    inviteFirst: 'Invite somebody',
    byOpenLink: (came: string, welcomed: string) =>
      `By open links: ${came} came, ${welcomed} of them welcomed.`,
    expired: (n: string, one: boolean) =>
      one ? 'One of the invited let the link expire.' : `${n} of the invited let the link expire.`,
    apart: 'Apart from these:',
    days: 'Day by day',
    range: 'Range',
    lastDays: (n: number) => `${n} days`,
    kinds: { invited: 'Invited', activated: 'Activated', welcomed: 'Welcomed' },
    daysLabel: (kind: string, total: string, days: number) =>
      `${kind}: ${total} in the last ${days} days`,
    most: (n: string, day: string) => `most on ${day}: ${n}`,
    day: 'Day',
    toActivation: 'From invitation to activation',
    toWelcome: 'From activation to welcome',
    half: (half: string, nine: string) => `Half within ${half}, nine of ten within ${nine}.`,
    noDurations: 'Nobody came this far yet.',
    span: 'Time',
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
    balance: 'Everybody in exactly one state',
    balanceNote: 'Every portal user this service follows. The states add up to all of them.',
    state: 'State',
    means: 'Means',
    total: 'All',
  },
  next: {
    issuing: 'The portal is being asked.',
    issuedLink: 'Hand the link over: they open it and register.',
    issuedEmail: 'They open the letter of the portal and register.',
    open: 'Anybody with the link can register.',
    registered: 'They registered and have not confirmed their address yet.',
    welcomed: 'They came and were welcomed. Nothing is left to do.',
    failedInvitation: 'Invite again once this is mended.',
    revoked: 'The invitation was taken back. The portal itself cannot take a link back.',
    expired: 'Invite again: the link no longer opens. Who comes late still counts.',
    waiting: (when: string) =>
      `They are not active yet. Looked at again ${when}, and at once when the portal says something.`,
    waitingNow: 'The portal is being asked whether they are active.',
    ready: 'The welcome goes out as soon as sending is not held back.',
    sending: 'The welcome is being sent right now.',
    skipped: 'Nothing is sent, unless you say so.',
    gone: 'They left. If they come back they are looked at again.',
    failed: 'The welcome was refused. Mend the cause, then try again.',
    unknown: 'Ask the person whether it arrived, then settle it.',
  },
  actions: {
    resend: 'Send again',
    resendLink: 'Get a fresh link',
    resendSays: 'The portal mails the invitation once more. It counts against its daily limit.',
    resendLinkSays:
      'The portal makes a new link under the same invitation. The old one keeps working until it expires.',
    revoke: 'Take back',
    revokeSays:
      'The record is closed, and nobody who comes by it is welcomed. The portal cannot take the link itself back: it keeps opening until it expires.',
    revokeYes: 'Take it back',
    look: 'Look now',
    lookSays:
      'The portal is asked about this person at once. Nothing is sent unless they are active.',
    retry: 'Try again',
    retrySays:
      'The portal is asked about this person, and the welcome is sent again if they are active.',
    retrySkipped: 'Welcome after all',
    retrySkippedSays:
      'This person is taken in as yours: once they are active they get the welcome.',
    resolveSent: 'It arrived',
    resolveSentSays: 'The welcome counts as sent. Nothing more is sent to this person.',
    resolveRetry: 'It did not arrive',
    resolveRetrySays:
      'The welcome is sent again. If the first one did arrive after all, they get it twice.',
    retryFailed: 'Try all again',
    retryFailedSays: 'Each of them is looked at, and who is active is sent the welcome again.',
    reconcile: 'Reconcile now',
    reconcileSays:
      'One full pass: everything the portal knows is compared with this log. Nothing is sent that would not be sent anyway.',
    pause: 'Pause sending',
    pauseSays: 'No welcome leaves until you resume. Invitations and deliveries go on.',
    resume: 'Resume sending',
    resumeSays: 'Every pause is lifted, a new hour is granted, and what is owed is sent at once.',
    replay: 'Read again',
    replaySays: 'The delivery is read once more, as if it had just come.',
    yes: 'Do it',
  },
  done: {
    resent: 'Sent again.',
    freshLink: 'There is a fresh link.',
    revoked: 'Taken back. The portal keeps the link open until it expires.',
    retried: 'It is being looked at.',
    resolvedSent: 'Settled: it counts as sent.',
    resolvedRetry: 'Settled: it is sent again.',
    retriedAll: (n: string) => `Being looked at: ${n}.`,
    reconciled: (looked: string, found: string) =>
      `People and rows looked at: ${looked}. To follow up: ${found}.`,
    interrupted: (reason: string) => `The pass ended early: ${reason}. The next one goes on.`,
    paused: 'Sending is paused.',
    resumed: 'Sending goes on.',
    replayed: 'The delivery was read again.',
  },
  ...enPages,
};

export type Phrases = typeof en;
