/** The ways to send a welcome. */
export const channelNames = ['docspace', 'smtp'] as const;
export type ChannelName = (typeof channelNames)[number];

/**
 * How one attempt at sending a welcome ended, as every channel reports it.
 * `detail` is one sentence for the operator: no secret, no link, no e-mail address.
 */
export type Outcome =
  | { readonly kind: 'sent'; readonly detail: string }
  /**
   * Nothing left for the person: safe to try again. `waitMs` is what the peer asked for.
   * `pausesChannel`: the channel itself was told no (its login, its sender), so it pauses at once.
   */
  | {
      readonly kind: 'not_sent';
      readonly detail: string;
      readonly waitMs: number | null;
      readonly pausesChannel?: boolean;
    }
  /**
   * The peer said no. `streak` names refusals that are likely about everyone: three in a row of the
   * same one pause the channel. Null: about this person alone.
   */
  | { readonly kind: 'refused'; readonly detail: string; readonly streak: string | null }
  /** The request may or may not have had its effect: never repeated by itself while held. */
  | { readonly kind: 'unknown'; readonly detail: string };

export type OutcomeKind = Outcome['kind'];
