import type { ChannelName } from '../outcome.ts';
import type { Channel } from './channel.ts';
import { docspaceChannel } from './docspace-channel.ts';
import type { Ingredients } from './ingredients.ts';
import { smtpChannel } from './smtp-channel.ts';

/** Every channel, one line each: the names are those of `outcome.ts`. */
const makers: Readonly<Record<ChannelName, (from: Ingredients) => Channel>> = {
  docspace: docspaceChannel,
  smtp: smtpChannel,
};

/** The channels of `WELCOME_CHANNEL`, in their order. */
export function createChannels(from: Ingredients): Channel[] {
  return from.settings.WELCOME_CHANNEL.map((name) => makers[name](from));
}
