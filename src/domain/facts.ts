import type { Member, PortalView } from './member.ts';
import type { Outcome, OutcomeKind } from './outcome.ts';
import type { Ownership } from './ownership.ts';
import type { AttemptReason, CommandReason } from './reason.ts';
import type { Entry, Source, TimelineEvent } from './timeline.ts';
import type { ChannelName } from './vocabulary.ts';

/** A reason to check a member, as the timeline stores it. */
export type HintEvent = Extract<
  TimelineEvent,
  { event: 'delivery_received' | 'delivery_missed' | 'poll_hint' | 'invitation_revoked' }
>;

/** Something that happened to a member: a delivery, a result of the poll, a command, an attempt. */
export type Fact =
  /**
   * A reason to check the member. `departure`: whether a `welcomed`, `failed` or `unknown` member has
   * to be checked, too, because the person left, came back or has another address.
   * `typeMayDiffer`: whether the person's type has to be read again.
   */
  | {
      readonly kind: 'hinted';
      readonly typeMayDiffer?: boolean;
      readonly source: Source;
      readonly hint: HintEvent;
      readonly departure: boolean;
    }
  /** The portal's API answered. `version` is the version of the member when the request began. */
  | {
      readonly kind: 'checked';
      readonly source: Source;
      readonly version: number;
      readonly view: PortalView;
      readonly ownership: Ownership;
    }
  /** Nothing can be done now (trouble at the portal, a pause). The member keeps its state. */
  | { readonly kind: 'postponed'; readonly until: number }
  /**
   * The poll reads lists of the portal instead of this member. This counts as a check that found the
   * person not active, unless the member changed after the lease began (`version`).
   */
  | { readonly kind: 'left_to_lists'; readonly until: number; readonly version: number }
  /** An attempt is about to begin. If it has no outcome at `leaseUntil`, its outcome is `unknown`. */
  | {
      readonly kind: 'claimed';
      readonly attemptId: string;
      readonly channel: ChannelName;
      readonly leaseUntil: number;
    }
  /** An attempt ended, or its result was lost (`unknown`). `channels`: the configured ones, in order. */
  | {
      readonly kind: 'ended';
      readonly attemptId: string;
      readonly channel: ChannelName;
      readonly outcome: Outcome;
      readonly channels: readonly ChannelName[];
      readonly onUnknown: 'hold' | 'resend';
    }
  /** A channel was paused for its own fault, after it had refused this member and others. */
  | { readonly kind: 'refusal_reverted'; readonly channel: ChannelName }
  /** A new invitation has this member's address or user id. */
  | { readonly kind: 'invited'; readonly source: Source; readonly invitationId: string }
  /** The baseline contains this person, who was a user before this service was set up. */
  | { readonly kind: 'baselined' }
  /** An operator asked this service to forget this person. */
  | { readonly kind: 'forgotten'; readonly source: Source }
  | { readonly kind: 'retried'; readonly source: Source }
  | { readonly kind: 'resolved'; readonly source: Source; readonly outcome: 'sent' | 'retry' };

export type FactKind = Fact['kind'];

/** The change of an attempt's row. It is committed together with the member. */
export type AttemptChange =
  | { readonly kind: 'begin'; readonly id: string; readonly channel: ChannelName }
  | {
      readonly kind: 'end' | 'replace';
      readonly id: string;
      readonly outcome: OutcomeKind;
      readonly reason: AttemptReason;
    };

/** The result of `decide`. */
export type Decision =
  | {
      readonly kind: 'changed';
      readonly member: Member;
      readonly entries: readonly Entry[];
      readonly attempts: readonly AttemptChange[];
    }
  /** Nothing changes. `why` is only for tests and debugging; it is neither stored nor shown. */
  | { readonly kind: 'ignored'; readonly why: string }
  /** An operator asked for something that this state forbids. */
  | { readonly kind: 'forbidden'; readonly reason: CommandReason };

export function changed(
  member: Member,
  entries: readonly Entry[] = [],
  attempts: readonly AttemptChange[] = [],
): Extract<Decision, { kind: 'changed' }> {
  return { kind: 'changed', member, entries, attempts };
}

export function ignored(why: string): Decision {
  return { kind: 'ignored', why };
}
