import { hasSignedForm, signShortLivedKey } from '../docspace/signed-key.ts';
import type { ChannelName, Outcome } from '../domain/outcome.ts';
import type { AttemptReason } from '../domain/reason.ts';
import type { Channel } from './channel.ts';

export type DocspaceChannelOptions = {
  /** Calls the portal and returns its answer as an outcome. */
  readonly send: (userId: string, key: string) => Promise<Outcome>;
  /** Whether the account of the API key can be read. If it cannot, the portal itself has a problem. */
  readonly isPortalWell: () => Promise<boolean>;
  /** The portal's tenant id, which is part of a signed Key. Null if it cannot be read now. */
  readonly tenantId: () => Promise<number | null>;
  /** The time by the portal's clock (UTC ms). */
  readonly portalNow: () => number;
  /** `WELCOME_KEY`, used if there is no machine key. */
  readonly key: string;
  /** `WELCOME_KEY_LIFETIME`: how long the portal accepts a signed Key. */
  readonly keyLifetimeMs: number;
  readonly machineKey: string | null;
};

/**
 * Sends the portal's own letter with `POST portal/sendcongratulations` (docs/docspace-wire.md 6).
 * If the machine key of a self-hosted portal is known, a new Key is signed for each letter.
 */
export function createDocspaceChannel(options: DocspaceChannelOptions): Channel {
  const { keyLifetimeMs: lifetimeMs, machineKey } = options;

  async function keyFor(userId: string): Promise<string | null> {
    if (machineKey === null) return options.key;
    const tenantId = await options.tenantId().catch(() => null);
    if (tenantId === null) return null;
    return signShortLivedKey({
      userId,
      tenantId,
      machineKey,
      lifetimeMs,
      now: options.portalNow(),
    });
  }

  async function send({ userId }: { readonly userId: string }): Promise<Outcome> {
    const key = await keyFor(userId);
    if (key === null) return notSent({ code: 'tenant_id_unknown' });
    const outcome = await options.send(userId, key);
    const isAboutPerson = outcome.kind === 'refused' && outcome.streak === null;
    if (!isAboutPerson || (await options.isPortalWell().catch(() => true))) return outcome;
    return notSent({ code: 'portal_unwell' });
  }

  return {
    name: 'docspace',
    send,
    preview: () => ({
      letter: { kind: 'portal_letter', description: portalLetter },
      obstacle: null,
    }),
    close: () => {},
  };
}

/**
 * Describes the portal's letter. The portal chooses it, and a request cannot change its text
 * (docs/docspace-wire.md 6.4).
 */
const portalLetter =
  'The portal writes this letter. It is the letter with which DocSpace greets the administrator of a new portal: it says that the person has just created a DocSpace, and may ask them to confirm their address once more. Its text cannot be changed here. On the ONLYOFFICE cloud it has a "change password" button.';

function notSent(reason: AttemptReason): Outcome {
  return { kind: 'not_sent', reason, waitMs: null };
}

/**
 * Whether the channel `docspace` would send a Key that no real portal accepts. The form of the Key shows
 * this, so no request to the portal is needed (docs/docspace-wire.md 6.2).
 */
export function isKeyUnusable(welcome: {
  readonly channels: readonly ChannelName[];
  readonly key: string;
  readonly hasMachineKey: boolean;
}): boolean {
  if (!welcome.channels.includes('docspace')) return false;
  return !welcome.hasMachineKey && !hasSignedForm(welcome.key);
}
