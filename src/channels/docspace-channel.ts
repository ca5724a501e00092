import { signKey } from '../docspace/signed-key.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Channel } from './channel.ts';
import type { Ingredients } from './ingredients.ts';

export type DocspaceChannelOptions = {
  /** The call of the portal, answered as an outcome. */
  readonly send: (userId: string, key: string) => Promise<Outcome>;
  /** The control read: a suspended portal answers 404 to everything (wire 1.2). */
  readonly isPortalWell: () => Promise<boolean>;
  /** The portal's tenant id, part of a signed Key (wire 6.2); null: it cannot be learnt now. */
  readonly tenantId: () => Promise<number | null>;
  /** `WELCOME_KEY`, sent where there is no machine key. */
  readonly key: string;
  readonly machineKey: string | null;
  /** UTC ms. */
  readonly now: () => number;
};

/**
 * The portal's own letter, by `POST portal/sendcongratulations` (wire 6). With the machine key of a
 * self-hosted portal each call bears a Key of its own, signed for that user and that moment.
 */
export function createDocspaceChannel(options: DocspaceChannelOptions): Channel {
  async function keyFor(userId: string): Promise<string | null> {
    const { machineKey } = options;
    if (machineKey === null) return options.key;
    const tenantId = await options.tenantId().catch(() => null);
    return tenantId === null ? null : signKey({ userId, tenantId, machineKey, at: options.now() });
  }

  return {
    name: 'docspace',
    async send({ userId }) {
      const key = await keyFor(userId);
      if (key === null) return notSent('the tenant id, which a signed Key needs, is not known');
      const outcome = await options.send(userId, key);
      const isAboutOne = outcome.kind === 'refused' && outcome.streak === null;
      if (!isAboutOne || (await options.isPortalWell().catch(() => true))) return outcome;
      return notSent('the portal is not well');
    },
    preview: () => ({
      letter: { kind: 'portal_letter', description: portalLetter },
      obstacle: null,
    }),
    close: () => {},
  };
}

export function docspaceChannel({ settings, prepared, portal, clock }: Ingredients): Channel {
  const { machineKey } = prepared;
  return createDocspaceChannel({
    ...portal,
    key: settings.WELCOME_KEY,
    machineKey,
    now: clock.now,
  });
}

/** Wire 6.4: chosen by the kind of portal, with no text of ours in it. */
const portalLetter =
  'The portal writes this letter: the one with which DocSpace greets the administrator of a new portal (saas_, enterprise_ or opensource_admin_activation_v1, by the kind of portal). Nothing of it can be changed here. On the ONLYOFFICE cloud it has a "change password" button.';

function notSent(detail: string): Outcome {
  return { kind: 'not_sent', detail, waitMs: null };
}
