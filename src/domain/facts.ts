import type { Member, Sighting } from './member.ts';
import type { ChannelName, Outcome } from './outcome.ts';
import type { Whose } from './ownership.ts';

/** Who or what a timeline entry goes back to. */
export type Actor = 'portal' | 'service' | 'poll' | 'operator';

/** Where a fact came from, for the timeline: who, and what exactly (`delivery 12`, `API`, …). */
export type Source = { readonly actor: Actor; readonly cause: string };

/** Something that happened to a member. Four doors lead here: delivery, poll, command, attempt. */
export type Fact =
  /** A reason to look. `departure`: it says the person left or came back. */
  | {
      readonly kind: 'hinted';
      readonly source: Source;
      readonly says: string;
      readonly departure: boolean;
    }
  /** The API was asked. `version` is the member's when the asking began. */
  | {
      readonly kind: 'looked';
      readonly source: Source;
      readonly version: number;
      readonly sighting: Sighting;
      readonly whose: Whose;
    }
  /** Nothing could be done now (the portal's trouble, a pause): nobody changes state for it. */
  | { readonly kind: 'postponed'; readonly until: number }
  /** An attempt is about to begin. `leaseUntil`: after that it counts as unknown. */
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
  | { readonly kind: 'exonerated'; readonly channel: ChannelName }
  /** A new invitation bears this member's address or id. */
  | { readonly kind: 'invited'; readonly source: Source; readonly invitationId: string }
  /** The baseline of `everyone` saw this person active: they were here before the service. */
  | { readonly kind: 'baselined' }
  /** An operator had this person erased: `forget`. */
  | { readonly kind: 'forgotten'; readonly source: Source }
  | { readonly kind: 'retried'; readonly source: Source }
  | { readonly kind: 'resolved'; readonly source: Source; readonly outcome: 'sent' | 'retry' };

export type FactKind = Fact['kind'];

/** A line of the timeline, before it has a time and a member. */
export type Entry = { readonly what: string; readonly cause: string; readonly actor: Actor };

/** What becomes of an attempt's row in the same commit. */
export type AttemptChange =
  | { readonly kind: 'begin'; readonly id: string; readonly channel: ChannelName }
  | {
      readonly kind: 'end' | 'replace';
      readonly id: string;
      readonly outcome: Outcome['kind'];
      readonly detail: string;
    };

/** The answer of `decide`: every pair of state and fact has one. */
export type Decision =
  | {
      readonly kind: 'changed';
      readonly member: Member;
      readonly entries: readonly Entry[];
      readonly attempts: readonly AttemptChange[];
    }
  /** Nothing to do, and why. */
  | { readonly kind: 'ignored'; readonly reason: string }
  /** An operator asked for what this state forbids: 409, with the sentence to show. */
  | { readonly kind: 'forbidden'; readonly reason: string };
