import { z } from 'zod';
import type { PortalClient } from '../docspace/client.ts';
import type { Store } from '../store/store.ts';

/**
 * When this database was first used. Another database may have welcomed a user who was created before
 * this time. So such a user is an existing user, unless this service invited them
 * (docs/design.md#whose-member).
 */
export type FirstStart = {
  /** Stores the first start. Later calls change nothing. */
  readonly note: () => Promise<void>;
  /** Whether the service must still check that no other database was used with this account. */
  readonly isUnchecked: () => Promise<boolean>;
  readonly noteChecked: () => Promise<void>;
  /**
   * The first start (UTC ms), by the portal's clock, or by ours before the portal has answered. 0 if no
   * start is stored.
   */
  readonly at: () => Promise<number>;
};

/** `clock` is `ours` if the time was stored before the portal's clock was known. */
const storedSchema = z.object({
  clock: z.enum(['ours', 'portal']),
  at: z.int(),
  isChecked: z.boolean().default(true),
});

export function createFirstStart(deps: {
  readonly client: Pick<PortalClient, 'clockDifferenceMs'>;
  readonly store: Pick<Store, 'getValue' | 'setValue'>;
  readonly now: () => number;
}): FirstStart {
  const { client, store, now } = deps;
  let known: number | null = null;

  const save = (stored: z.infer<typeof storedSchema>) =>
    store.setValue('first_started_at', JSON.stringify(stored));

  async function read(): Promise<z.infer<typeof storedSchema> | null> {
    const text = await store.getValue('first_started_at');
    return text === null ? null : storedSchema.parse(JSON.parse(text));
  }

  return {
    async note() {
      if ((await store.getValue('first_started_at')) === null) {
        await save({ clock: 'ours', at: now(), isChecked: false });
      }
    },
    isUnchecked: async () => (await read())?.isChecked === false,
    async noteChecked() {
      const stored = await read();
      if (stored) await save({ ...stored, isChecked: true });
    },
    async at() {
      if (known !== null) return known;
      const stored = await read();
      if (stored === null) return 0;
      const differenceMs = client.clockDifferenceMs();
      if (stored.clock === 'ours' && differenceMs === null) return stored.at;
      const at = stored.clock === 'portal' ? stored.at : stored.at + (differenceMs ?? 0);
      if (stored.clock === 'ours') await save({ ...stored, clock: 'portal', at });
      known = at;
      return at;
    },
  };
}
