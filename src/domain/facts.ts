import type { Member, PortalView } from './member.ts';
import type { Outcome, OutcomeKind } from './outcome.ts';
import type { Ownership } from './ownership.ts';
import type { AttemptReason, CommandReason } from './reason.ts';
import type { Entry, Source, TimelineEvent } from './timeline.ts';
import type { ChannelName } from './vocabulary.ts';

/** A reason to check a member, as the timeline tells it. */
export type HintEvent = Extract<
  TimelineEvent,
  { event: 'delivery_received' | 'delivery_missed' | 'poll_hint' | 'invitation_revoked' }
>;

/** Something that happened to a member: a delivery, a poll result, a command, the end of an attempt. */
export type Fact =
  /** A reason to check the member. `departure`: it says that the person left or came back. */
  | {
      readonly kind: 'hinted';
      readonly source: Source;
      readonly hint: HintEvent;
      readonly departure: boolean;
    }
  /** The portal's API was asked. `version` is the member's when the request began. */
  | {
      readonly kind: 'checked';
      readonly source: Source;
      readonly version: number;
      readonly view: PortalView;
      readonly ownership: Ownership;
    }
  /** Nothing can be done now (trouble at the portal, a pause): the member keeps its state. */
  | { readonly kind: 'postponed'; readonly until: number }
  /** An attempt is about to begin. After `leaseUntil` it counts as unknown. */
  | {
      readonly kind: 'claimed';
      readonly attemptId: string;
      readonly channel: ChannelName;
      readonly leaseUntil: number;
    }
  /** An attempt ended, or its end was lost (`unknown`). `channels`: those configured, in order. */
  | {
      readonly kind: 'ended';
      readonly attemptId: string;
      readonly channel: ChannelName;
      readonly outcome: Outcome;
      readonly channels: readonly ChannelName[];
      readonly onUnknown: 'hold' | 'resend';
    }
  /** A channel was paused for refusals that were its own fault: this member's was one of them. */
  | { readonly kind: 'refusal_reverted'; readonly channel: ChannelName }
  /** A new invitation has this member's address or id. */
  | { readonly kind: 'invited'; readonly source: Source; readonly invitationId: string }
  /** The baseline of `everyone` found this person: a user before this service was set up. */
  | { readonly kind: 'baselined' }
  /** An operator had this person erased. */
  | { readonly kind: 'forgotten'; readonly source: Source }
  | { readonly kind: 'retried'; readonly source: Source }
  | { readonly kind: 'resolved'; readonly source: Source; readonly outcome: 'sent' | 'retry' };

export type FactKind = Fact['kind'];

/** What is written to an attempt's row in the same commit. */
export type AttemptChange =
  | { readonly kind: 'begin'; readonly id: string; readonly channel: ChannelName }
  | {
      readonly kind: 'end' | 'replace';
      readonly id: string;
      readonly outcome: OutcomeKind;
      readonly reason: AttemptReason;
    };

/** The answer of `decide`: every pair of state and fact has one. */
export type Decision =
  | {
      readonly kind: 'changed';
      readonly member: Member;
      readonly entries: readonly Entry[];
      readonly attempts: readonly AttemptChange[];
    }
  /** Nothing to do. `why` is for tests and debugging only; it is neither stored nor shown. */
  | { readonly kind: 'ignored'; readonly why: string }
  /** An operator asked for what this state forbids. */
  | { readonly kind: 'forbidden'; readonly reason: CommandReason };
