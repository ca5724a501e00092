import type { ChannelName, Outcome } from '../domain/outcome.ts';
import type { AttemptReason } from '../domain/reason.ts';
import type { EmployeeType } from '../domain/vocabulary.ts';

/** The person to welcome, as last confirmed. Names and address come from strangers. */
export type Recipient = {
  readonly userId: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly cultureName: string | null;
  /** From the portal, else from their invitation; null: not known. */
  readonly employeeType: EmployeeType | null;
};

/** What a person gets. */
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
  /** The portal writes it: a description of its letter. */
  | { readonly kind: 'portal_letter'; readonly description: string };

/** `obstacle`: why this channel cannot send to this person; null: it can. */
type ChannelPreview = { readonly letter: Letter; readonly obstacle: AttemptReason | null };

/** A way to send the welcome. */
export type Channel = {
  readonly name: ChannelName;
  /** Tries once, answers within its deadline and never throws. */
  readonly send: (recipient: Recipient) => Promise<Outcome>;
  /** What `send` would send, made by the same function. Sends nothing. */
  readonly preview: (recipient: Recipient) => ChannelPreview;
  /** Ends every `send` that is under way: each returns at once what is known of it. */
  readonly close: () => void;
};
