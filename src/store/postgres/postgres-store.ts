import { createForgetKey } from '../forget-key.ts';
import type { Place } from '../place.ts';
import type { Replication, Store, StoreReads } from '../store.ts';
import { memberWrites } from './commit.ts';
import { type Access, openPool, withFaults } from './connection.ts';
import { deliveryReads, deliveryWrites } from './deliveries.ts';
import { erasureVerbs } from './erasure.ts';
import { idempotencyWrites } from './idempotency.ts';
import { markRestored } from './identity.ts';
import { invitationListReads } from './invitation-list.ts';
import { invitationReads, invitationWrites } from './invitations.ts';
import { valueReads, valueWrites } from './key-values.ts';
import { letterVerbs } from './letters.ts';
import { advanceWaits, memberReads } from './members.ts';
import { outboxVerbs } from './outbox.ts';
import { reconciliationVerbs } from './reconciliation.ts';
import { runVerbs } from './runs.ts';
import { countReads, metricReads } from './statistics.ts';
import { sessionVerbs, tokenReads, tokenWrites } from './tokens.ts';
import { createWriter, type Lane } from './writer.ts';

/**
 * Opens the store in a PostgreSQL database for a process that has joined its replicas.
 * @param options.lane returned by `joinPostgres`, as is `options.replication`
 * @param options.forgetKeyFile absolute path; if it is null, nobody can be forgotten
 * @throws ForgetKeyUnusable when the key file is damaged
 */
export function openPostgresStore(options: {
  readonly place: Place;
  readonly lane: Lane;
  readonly replication: Replication;
  readonly forgetKeyFile: string | null;
}): Store {
  const { place, lane, replication } = options;
  const { replica } = lane;
  const forgetKey = createForgetKey(options.forgetKeyFile);
  const access = openPool(place);
  const shared = { place, lane, onWentBack: markRestored };
  const writer = createWriter({ ...shared, counts: 'batch' });
  // Deliveries have a writer of their own, so that their answers do not wait for other writes.
  const intake = createWriter({ ...shared, counts: 'intake' });
  const verbs = {
    ...reads(access),
    ...deliveryWrites(access, writer, intake, replica),
    ...memberWrites(access, writer, replica),
    ...invitationWrites(access, writer),
    ...letterVerbs(access, writer),
    ...idempotencyWrites(writer, replica),
    ...valueWrites(writer, replica),
    ...tokenWrites(writer),
    ...sessionVerbs(access, writer),
    ...runVerbs(access, writer),
    ...outboxVerbs(access),
    ...reconciliationVerbs(access, writer),
    ...erasureVerbs(access, writer, forgetKey),
    ...metricReads(access),
    advanceWaits: (byMs: number, at: number) =>
      writer.write((inside) => advanceWaits(inside, byMs, at)),
  };
  return {
    ...withFaults(verbs, place),
    queuedWrites: () => writer.queued() + intake.queued(),
    replication: withFaults(replication, place),
    isInPlace: () => true,
    noteProgress: () => {},
    async close() {
      await Promise.all([writer.close(), intake.close()]);
      await access.end();
    },
  };
}

/** Opens the store for reading. Other processes may write to it at the same time. */
export function openPostgresReads(place: Place): StoreReads {
  const access = openPool(place);
  return { ...withFaults(reads(access), place), close: access.end };
}

function reads(access: Access): Omit<StoreReads, 'close'> {
  return {
    ...invitationReads(access),
    ...invitationListReads(access),
    ...memberReads(access),
    ...valueReads(access),
    ...tokenReads(access),
    ...countReads(access),
    ...deliveryReads(access),
  };
}
