import type { AttemptReason } from './reason.ts';

export { type ChannelName, channelNames } from './vocabulary.ts';

/** How one attempt to send a welcome ended. Every channel reports it in this form. */
export type Outcome =
  | { readonly kind: 'sent'; readonly reason: AttemptReason }
  /**
   * Nothing was sent, so it is safe to try again. `waitMs`: how long the portal or the mail server
   * asked to wait. `pausesChannel`: the login or sender was refused, so the channel pauses at once.
   */
  | {
      readonly kind: 'not_sent';
      readonly reason: AttemptReason;
      readonly waitMs: number | null;
      readonly pausesChannel?: boolean;
    }
  /**
   * The welcome was refused. `streak` names a kind of refusal that probably concerns everyone:
   * three in a row with the same name pause the channel. Null if the refusal concerns only this
   * person.
   */
  | { readonly kind: 'refused'; readonly reason: AttemptReason; readonly streak: string | null }
  /**
   * The welcome may have been sent. It is sent again only if an operator decides so, or if
   * `WELCOME_ON_UNKNOWN` is `resend`.
   */
  | { readonly kind: 'unknown'; readonly reason: AttemptReason };

export type OutcomeKind = Outcome['kind'];
export const outcomeKinds = [
  'sent',
  'not_sent',
  'refused',
  'unknown',
] as const satisfies readonly OutcomeKind[];
