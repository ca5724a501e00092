import type { AttemptReason } from './reason.ts';

export { type ChannelName, channelNames } from './vocabulary.ts';

/** How one attempt at sending a welcome ended, as every channel reports it. */
export type Outcome =
  | { readonly kind: 'sent'; readonly reason: AttemptReason }
  /**
   * Nothing left for the person: it is safe to try again. `waitMs`: how long the peer asked to wait.
   * `pausesChannel`: the channel's own login or sender was refused, so it pauses at once.
   */
  | {
      readonly kind: 'not_sent';
      readonly reason: AttemptReason;
      readonly waitMs: number | null;
      readonly pausesChannel?: boolean;
    }
  /**
   * The peer refused. `streak` names refusals that are likely about everyone: three in a row with
   * the same name pause the channel. Null: the refusal is about this person alone.
   */
  | { readonly kind: 'refused'; readonly reason: AttemptReason; readonly streak: string | null }
  /** The request may or may not have had its effect: it is never repeated by itself while held. */
  | { readonly kind: 'unknown'; readonly reason: AttemptReason };

export type OutcomeKind = Outcome['kind'];
export const outcomeKinds = [
  'sent',
  'not_sent',
  'refused',
  'unknown',
] as const satisfies readonly OutcomeKind[];
