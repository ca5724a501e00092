import type { ChannelName, Outcome } from '../outcome.ts';

/** Who is welcomed, as the last confirmation showed them. */
export type Recipient = {
  readonly userId: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly cultureName: string | null;
};

/** A way to send the welcome. `send` tries once, answers within its deadline and never throws. */
export type Channel = {
  readonly name: ChannelName;
  readonly send: (recipient: Recipient) => Promise<Outcome>;
};
