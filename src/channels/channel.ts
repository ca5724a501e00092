import type { ChannelName, Outcome } from '../domain/outcome.ts';
import type { EmployeeType } from '../domain/vocabulary.ts';

/** Who is welcomed, as the last confirmation showed them. Names and address come from strangers. */
export type Recipient = {
  readonly userId: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly cultureName: string | null;
  /** From the portal, else from their invitation; null: nobody knows. */
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
  /** The portal writes it: what it will be, in words. */
  | { readonly kind: 'portal_letter'; readonly description: string };

/** `obstacle`: why this channel could not send it to them; null: nothing is in the way. */
type ChannelPreview = { readonly letter: Letter; readonly obstacle: string | null };

/** A way to send the welcome. */
export type Channel = {
  readonly name: ChannelName;
  /** Tries once, answers within its deadline and never throws. */
  readonly send: (recipient: Recipient) => Promise<Outcome>;
  /** What `send` would send, made by the same function; sends nothing. */
  readonly preview: (recipient: Recipient) => ChannelPreview;
  /** Ends everything: what is under way answers at once with what is known of it. */
  readonly close: () => void;
};
