import type { ChannelName, Outcome } from '../domain/outcome.ts';
import type { AttemptReason } from '../domain/reason.ts';
import type { EmployeeType } from '../domain/vocabulary.ts';

/**
 * The person to welcome, with the data of the last check. People choose their names and addresses
 * themselves, so these texts are not to be trusted.
 */
export type Recipient = {
  readonly userId: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly cultureName: string | null;
  /** The role from the portal, else from the invitation. Null if it is not known. */
  readonly employeeType: EmployeeType | null;
};

/** The content of a welcome. */
export type Letter =
  | {
      readonly kind: 'mail';
      readonly from: string;
      readonly to: string;
      readonly subject: string;
      readonly text: string;
      readonly html: string;
      readonly messageId: string;
      readonly language: string;
    }
  /** The portal writes its own letter. `description` says in words what that letter is. */
  | { readonly kind: 'portal_letter'; readonly description: string };

/** `obstacle`: why this channel cannot send to this person; null if nothing prevents it. */
type ChannelPreview = { readonly letter: Letter; readonly obstacle: AttemptReason | null };

/** A way to send the welcome. */
export type Channel = {
  readonly name: ChannelName;
  /** Sends one welcome. `send` returns the outcome before its own deadline, and never throws. */
  readonly send: (recipient: Recipient) => Promise<Outcome>;
  /** Returns what `send` would send to this person, without sending it. */
  readonly preview: (recipient: Recipient) => ChannelPreview;
  /**
   * Ends every `send` of a mail in progress. Each returns at once with what is known. A request to the
   * portal is not ended.
   */
  readonly close: () => void;
};
