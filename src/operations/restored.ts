import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';

/** If the database is a restored copy, logs the ids of people who could be welcomed twice. */
export async function reportRestored(store: Pick<Store, 'restored'>, log: Log): Promise<void> {
  const restored = await store.restored();
  if (restored === null) return;
  const { copiedAt, members, count, notYetActive } = restored;
  const ids = members.map((one) => one.userId);
  log.warn(
    { copiedAt: new Date(copiedAt).toISOString(), members: ids, count, notYetActive },
    'this database is a restored copy, or a standby that took over: these members may have been welcomed already, so nothing is sent until `resume`',
  );
}

/** Logs an error if the key of `forget` is lost. */
export async function reportLostKey(
  store: Pick<Store, 'isForgetKeyLost'>,
  log: Log,
): Promise<void> {
  if (!(await store.isForgetKeyLost())) return;
  log.error(
    {},
    'the .forget-key file beside the database is missing or does not match: restore it, or people who were forgotten after their welcome may be greeted again when they return',
  );
}
