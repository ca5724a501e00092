import type { Clock } from '../clock.ts';
import type { PortalClient } from '../docspace/client.ts';
import type { Health } from '../health.ts';

/** Knows when the API key expires, and warns in `/readyz` during the last 14 days before that. */
export type KeyExpiry = {
  /**
   * Reads the expiry from the portal, unless the last answer is less than a day old. If the portal does
   * not answer, the known expiry stays.
   */
  readonly check: () => Promise<void>;
  /** UTC ms. Null if the key never expires or its expiry is not known. */
  readonly expiresAt: () => number | null;
  /** Whether the key expires within 14 days. Null before the first answer, and for a session token. */
  readonly isSoon: () => boolean | null;
};

const readEveryMs = 24 * 3_600_000;
const warnBeforeMs = 14 * 24 * 3_600_000;

/**
 * @param deps.isApiKey false for a session token, whose expiry cannot be read (docs/docspace-wire.md
 *   13.2, 14)
 */
export function createKeyExpiry(deps: {
  readonly client: Pick<PortalClient, 'ownKey'>;
  readonly isApiKey: boolean;
  readonly health: Pick<Health, 'note'>;
  readonly clock: Pick<Clock, 'now'>;
}): KeyExpiry {
  const { client, isApiKey, health, clock } = deps;
  let expiresAt: number | null = null;
  let readAt: number | null = null;

  const isSoon = (now: number) => expiresAt !== null && expiresAt - now < warnBeforeMs;

  return {
    async check() {
      const now = clock.now();
      if (isApiKey && (readAt === null || now - readAt >= readEveryMs || now < readAt)) {
        const key = await client.ownKey();
        if (key.kind === 'ok') {
          expiresAt = key.value.expiresAt ?? null;
          readAt = now;
        }
      }
      health.note('portal', isSoon(now) ? 'key_expires_soon' : null);
    },
    expiresAt: () => expiresAt,
    isSoon: () => (readAt === null ? null : isSoon(clock.now())),
  };
}
