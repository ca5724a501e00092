import type { Outcome } from '../outcome.ts';
import type { Channel } from './channel.ts';

/**
 * The portal's own letter, by `POST portal/sendcongratulations` (wire 6).
 * @param send the call of the portal, answered as an outcome
 * @param isPortalWell the control read: a suspended portal answers 404 to everything (wire 1.2), and
 *   that is nobody's refusal
 * @param key `WELCOME_KEY`
 */
export function createDocspaceChannel(options: {
  readonly send: (userId: string, key: string) => Promise<Outcome>;
  readonly isPortalWell: () => Promise<boolean>;
  readonly key: string;
}): Channel {
  return {
    name: 'docspace',
    async send(recipient) {
      const outcome = await options.send(recipient.userId, options.key);
      const isAboutOne = outcome.kind === 'refused' && outcome.streak === null;
      if (!isAboutOne || (await options.isPortalWell())) return outcome;
      return { kind: 'not_sent', detail: 'the portal is not well', waitMs: null };
    },
  };
}
