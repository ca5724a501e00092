import { codesOf, none, takes, type UnionIn } from './codes.ts';
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

/** Who did something. `name`: the name of the operator's token, if the token has a name. */
export type Actor = {
  readonly kind: (typeof actorKinds)[number];
  readonly name?: string;
};

export const portal: Actor = { kind: 'portal' };
export const service: Actor = { kind: 'service' };
export const poll: Actor = { kind: 'poll' };
export const operator: Actor = { kind: 'operator' };

/** Where the poll found something: in which list of the portal, or in which other read. */
export type PollSource = 'newest' | 'not_yet_active' | 'active' | 'invited_addresses' | 'baseline';

/** The possible causes of a timeline entry. */
const causes = {
  delivery: takes<{ id: number }>,
  /** An operator asked to read a stored delivery again. */
  replay: takes<{ id: number }>,
  /** A row of the portal's journal. */
  journal_row: takes<{ id: number }>,
  poll: takes<{ list: PollSource }>,
  /** An answer of the portal's API. */
  portal_api: none,
  attempt: takes<{ id: string }>,
  invitation: takes<{ id: string }>,
  channel_paused: takes<{ channel: ChannelName }>,
  command: takes<{ name: Command }>,
  /** The limit of welcomes in an hour was reached, or the lifetime of a link ended. */
  limit: takes<{ name: Limit }>,
  /** The service settled an interrupted invitation, or found that the database is a restored copy. */
  restart: none,
};
export type Cause = UnionIn<'kind', typeof causes>;
export const causeKinds = codesOf(causes);

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
  | 'address_differs'
  | 'listed_again'
  | 'came_or_left'
  | 'no_longer_listed';

/** What can happen to an invitation, to a member or to the service. */
const events = {
  invitation_requested: takes<{ employeeType: EmployeeType }>,
  invitation_issued: none,
  invitation_failed: takes<{ reason: InvitationReason }>,
  /** The portal mailed the invitation again. */
  invitation_resent: none,
  link_renewed: none,
  invitation_revoked: none,
  /** An operator wants the letter to be mailed again, with the same link. */
  letter_requested: none,
  letter_started: takes<{ letter: LetterKind }>,
  letter_sent: takes<{ letter: LetterKind }>,
  letter_not_sent: takes<FailedLetter>,
  letter_refused: takes<FailedLetter>,
  letter_unknown: takes<FailedLetter>,
  /** No letter is mailed any more, because of what the portal knows about the address. */
  letter_withheld: takes<{ reason: CommandReason }>,
  /** Recorded only while events are sent to another program. */
  invitation_expired: none,
  delivery_received: takes<{ trigger: Trigger }>,
  /** The portal's journal shows a delivery that never arrived. */
  delivery_missed: takes<{ trigger: Trigger }>,
  poll_hint: takes<{ hint: PollHint }>,
  registered: none,
  waiting: takes<{ reason: MemberReason }>,
  activated: none,
  skipped: takes<{ reason: MemberReason }>,
  gone: takes<{ reason: MemberReason }>,
  /** A person whose member was `gone` is in the portal again. */
  returned: none,
  /** A person left the portal. The member's state stays (`welcomed`, `failed` …). */
  left: none,
  /** A person who left (`left`) is in the portal again. The member's state stays. */
  present_again: none,
  attempt_started: takes<{ channel: ChannelName }>,
  welcomed: takes<{ late?: true }>,
  attempt_not_sent: takes<{ reason: AttemptReason; late?: true }>,
  attempt_refused: takes<UnsuccessfulAttempt>,
  attempt_unknown: takes<UnsuccessfulAttempt>,
  /** An answer came after the service had stopped waiting for it. The state of the member stays. */
  late_answer: takes<{ outcome: OutcomeKind }>,
  /** A refusal turned out to be a fault of the channel, so the member is `ready` again. */
  refusal_reverted: takes<{ channel: ChannelName }>,
  /** A new invitation has this person's address or user id. Ownership is decided again. */
  invited_again: takes<{ newInvitationId: string }>,
  retry_requested: none,
  resolved: takes<{ outcome: 'sent' | 'retry' }>,
  forgotten: none,
  /** Sending to everybody was paused or resumed. The entry belongs to no member and no invitation. */
  service_paused: takes<{ reason: PauseReason }>,
  service_resumed: none,
};
export type TimelineEvent = UnionIn<'event', typeof events>;
export const timelineEvents = codesOf(events);

type UnsuccessfulAttempt = {
  readonly reason: AttemptReason;
  readonly late?: true;
  /** True if the service tries again by itself: through another channel, or after an unknown outcome. */
  readonly goesOn?: true;
};

type FailedLetter = { readonly letter: LetterKind; readonly reason: AttemptReason };

/** A timeline entry without its time and member. */
export type Entry = TimelineEvent & Source;
