import type { Store, StoreReads } from '../store.ts';
import { memberWrites } from './commit.ts';
import { deliveryReads, deliveryWrites } from './deliveries.ts';
import { erasureVerbs, finishOverwriting } from './erasure.ts';
import { createForgetKey } from './forget-key.ts';
import { idempotencyWrites } from './idempotency.ts';
import { invitationListReads } from './invitation-list.ts';
import { invitationReads, invitationWrites } from './invitations.ts';
import { valueReads, valueWrites } from './key-values.ts';
import { memberReads } from './members.ts';
import { type Db, openForReading, openForWriting } from './open.ts';
import { reconciliationVerbs } from './reconciliation.ts';
import { countReads, metricReads } from './statistics.ts';
import { createWriter } from './writer.ts';

/**
 * The store in one SQLite file, for the one process that holds its lock.
 * @param file absolute path; made and migrated when missing or older
 * @param onTrouble called with what could not be done at the start, but does not keep it from working
 * @throws when the file belongs to a newer version or cannot be used
 * @throws ForgetKeyUnusable when the key beside it that recognises forgotten people is damaged
 */
export function openSqliteStore(file: string, onTrouble = (_detail: string) => {}): Store {
  const forgetKey = createForgetKey(file);
  const db = openForWriting(file);
  finishOverwriting(db, onTrouble);
  const writer = createWriter(db.$client);
  return {
    ...reads(db),
    ...deliveryWrites(db, writer),
    ...memberWrites(db, writer),
    ...invitationWrites(db, writer),
    ...idempotencyWrites(db, writer),
    ...valueWrites(db, writer),
    ...reconciliationVerbs(db, writer),
    ...erasureVerbs(db, writer, forgetKey),
    ...metricReads(db),
    queuedWrites: writer.queued,
    async close() {
      await writer.drained();
      db.$client.pragma('wal_checkpoint(TRUNCATE)');
      db.$client.close();
    },
  };
}

/**
 * The store for reading only, beside a process that may be writing it.
 * @throws when there is no such file: reading never creates a database
 */
export function openSqliteReads(file: string): StoreReads {
  const db = openForReading(file);
  return {
    ...reads(db),
    close: async () => {
      db.$client.close();
    },
  };
}

function reads(db: Db): Omit<StoreReads, 'close'> {
  return {
    ...invitationReads(db),
    ...invitationListReads(db),
    ...memberReads(db),
    ...valueReads(db),
    ...countReads(db),
    ...deliveryReads(db),
  };
}
