import type { ChannelName } from '../domain/outcome.ts';
import type { Channel } from './channel.ts';
import { docspaceChannel } from './docspace-channel.ts';
import type { Ingredients } from './ingredients.ts';

/**
 * Every channel, one line each: the names are those of `outcome.ts`. What only mail needs is loaded
 * with it: 80 ms and 15 MB.
 */
const makers: Readonly<Record<ChannelName, (from: Ingredients) => Channel | Promise<Channel>>> = {
  docspace: docspaceChannel,
  smtp: async (from) => (await import('./smtp-channel.ts')).smtpChannel(from),
};

/** The channels of `WELCOME_CHANNEL`, in their order. */
export function createChannels(from: Ingredients): Promise<Channel[]> {
  return Promise.all(from.settings.WELCOME_CHANNEL.map((name) => makers[name](from)));
}
