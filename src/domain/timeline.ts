import type { OutcomeKind } from './outcome.ts';
import type {
  AttemptReason,
  CommandReason,
  InvitationReason,
  MemberReason,
  PauseReason,
} from './reason.ts';
import type { ChannelName, EmployeeType, LetterKind, Trigger } from './vocabulary.ts';

export const actorKinds = ['portal', 'service', 'poll', 'operator'] as const;

/** Who did something. `name`: the name of the operator's token, if it has one. */
export type Actor = {
  readonly kind: (typeof actorKinds)[number];
  readonly name?: string;
};

export const portal: Actor = { kind: 'portal' };
export const service: Actor = { kind: 'service' };
export const poll: Actor = { kind: 'poll' };
export const operator: Actor = { kind: 'operator' };

/** The list or record of the portal in which the poll found something. */
export type PollSource = 'newest' | 'not_yet_active' | 'active' | 'invited_addresses' | 'baseline';

/** The cause of a timeline entry. */
export type Cause =
  | { readonly kind: 'delivery'; readonly id: number }
  /** An operator had a stored delivery read again. */
  | { readonly kind: 'replay'; readonly id: number }
  /** A row of the portal's journal. */
  | { readonly kind: 'journal_row'; readonly id: number }
  | { readonly kind: 'poll'; readonly list: PollSource }
  /** The confirming read of the portal's API. */
  | { readonly kind: 'portal_api' }
  | { readonly kind: 'attempt'; readonly id: string }
  | { readonly kind: 'invitation'; readonly id: string }
  | { readonly kind: 'channel_paused'; readonly channel: ChannelName }
  | { readonly kind: 'command'; readonly name: Command }
  /** A limit was reached: welcomes in an hour, or the lifetime of a link. */
  | { readonly kind: 'limit'; readonly name: Limit }
  /** The service stopped during an attempt, and settled it at the next start. */
  | { readonly kind: 'restart' };

export const causeKinds = [
  'delivery',
  'replay',
  'journal_row',
  'poll',
  'portal_api',
  'attempt',
  'invitation',
  'channel_paused',
  'command',
  'limit',
  'restart',
] as const satisfies readonly Cause['kind'][];

export type Command =
  | 'invite'
  | 'resend'
  | 'revoke'
  | 'retry'
  | 'retry_failed'
  | 'resolve'
  | 'forget'
  | 'pause'
  | 'resume';

export type Limit = 'welcomes_per_hour' | 'link_lifetime';

/** The origin of a fact: who caused it, and how. */
export type Source = { readonly actor: Actor; readonly cause: Cause };

/** Why the poll checks a person. */
export type PollHint =
  | 'not_followed_yet'
  | 'status_differs'
  | 'listed_again'
  | 'came_or_left'
  | 'no_longer_listed';

/** What happened to an invitation or a member. */
export type TimelineEvent =
  | { readonly event: 'invitation_requested'; readonly employeeType: EmployeeType }
  | { readonly event: 'invitation_issued' }
  | { readonly event: 'invitation_failed'; readonly reason: InvitationReason }
  /** The portal mailed the invitation again. */
  | { readonly event: 'invitation_resent' }
  | { readonly event: 'link_renewed' }
  | { readonly event: 'invitation_revoked' }
  /** An operator wants the letter to be mailed again, with the same link. */
  | { readonly event: 'letter_requested' }
  | { readonly event: 'letter_started'; readonly letter: LetterKind }
  | { readonly event: 'letter_sent'; readonly letter: LetterKind }
  | ({ readonly event: 'letter_not_sent' } & FailedLetter)
  | ({ readonly event: 'letter_refused' } & FailedLetter)
  | ({ readonly event: 'letter_unknown' } & FailedLetter)
  /** No letter is mailed any more, because of what the portal knows about the address. */
  | { readonly event: 'letter_withheld'; readonly reason: CommandReason }
  /** Recorded only while events are sent to another program. */
  | { readonly event: 'invitation_expired' }
  | { readonly event: 'delivery_received'; readonly trigger: Trigger }
  /** The portal's journal shows a delivery that never arrived. */
  | { readonly event: 'delivery_missed'; readonly trigger: Trigger }
  | { readonly event: 'poll_hint'; readonly hint: PollHint }
  | { readonly event: 'registered' }
  | { readonly event: 'waiting'; readonly reason: MemberReason }
  | { readonly event: 'activated' }
  | { readonly event: 'skipped'; readonly reason: MemberReason }
  | { readonly event: 'gone'; readonly reason: MemberReason }
  /** A person who was gone is in the portal again. */
  | { readonly event: 'returned' }
  /** A person left the portal, or came back, and the state stays (`welcomed`, `failed` …). */
  | { readonly event: 'left' }
  | { readonly event: 'present_again' }
  | { readonly event: 'attempt_started'; readonly channel: ChannelName }
  | { readonly event: 'welcomed'; readonly late?: true }
  | { readonly event: 'attempt_not_sent'; readonly reason: AttemptReason; readonly late?: true }
  | ({ readonly event: 'attempt_refused' } & UnsuccessfulAttempt)
  | ({ readonly event: 'attempt_unknown' } & UnsuccessfulAttempt)
  /** An answer came after the service had stopped waiting for it. It changes nothing by itself. */
  | { readonly event: 'late_answer'; readonly outcome: OutcomeKind }
  /** A refusal turned out to be a fault of the channel, so the person is ready again. */
  | { readonly event: 'refusal_reverted'; readonly channel: ChannelName }
  /** A new invitation has this person's address or user id. Ownership is decided again. */
  | { readonly event: 'invited_again'; readonly newInvitationId: string }
  | { readonly event: 'retry_requested' }
  | { readonly event: 'resolved'; readonly outcome: 'sent' | 'retry' }
  | { readonly event: 'forgotten' }
  /** Sending paused, or goes on, for everybody. These entries belong to no member and no invitation. */
  | { readonly event: 'service_paused'; readonly reason: PauseReason }
  | { readonly event: 'service_resumed' };

type UnsuccessfulAttempt = {
  readonly reason: AttemptReason;
  readonly late?: true;
  /** True if the service tries again by itself: through another channel, or after an unknown outcome. */
  readonly goesOn?: true;
};

type FailedLetter = { readonly letter: LetterKind; readonly reason: AttemptReason };

export const timelineEvents = [
  'invitation_requested',
  'invitation_issued',
  'invitation_failed',
  'invitation_resent',
  'link_renewed',
  'invitation_revoked',
  'letter_requested',
  'letter_started',
  'letter_sent',
  'letter_not_sent',
  'letter_refused',
  'letter_unknown',
  'letter_withheld',
  'invitation_expired',
  'delivery_received',
  'delivery_missed',
  'poll_hint',
  'registered',
  'waiting',
  'activated',
  'skipped',
  'gone',
  'returned',
  'left',
  'present_again',
  'attempt_started',
  'welcomed',
  'attempt_not_sent',
  'attempt_refused',
  'attempt_unknown',
  'late_answer',
  'refusal_reverted',
  'invited_again',
  'retry_requested',
  'resolved',
  'forgotten',
  'service_paused',
  'service_resumed',
] as const satisfies readonly TimelineEvent['event'][];

/** A timeline entry without its time and member. */
export type Entry = TimelineEvent & Source;
