import { faultOf } from '../files.ts';
import { createForgetKey, type ForgetKey } from '../forget-key.ts';
import type { Store, StoreReads } from '../store.ts';
import { memberWrites } from './commit.ts';
import { deliveryReads, deliveryWrites } from './deliveries.ts';
import { closeReading, erasureVerbs, finishOverwriting } from './erasure.ts';
import { watchFiles } from './file-watch.ts';
import { idempotencyWrites } from './idempotency.ts';
import { invitationListReads } from './invitation-list.ts';
import { invitationReads, invitationWrites } from './invitations.ts';
import { valueReads, valueWrites } from './key-values.ts';
import { letterVerbs } from './letters.ts';
import { memberReads } from './members.ts';
import { type Db, openForReading, openForWriting } from './open.ts';
import { outboxVerbs } from './outbox.ts';
import { advanceWaits, createProgress } from './progress.ts';
import { reconciliationVerbs } from './reconciliation.ts';
import { freeRuns, runVerbs } from './runs.ts';
import { countReads, metricReads } from './statistics.ts';
import { sessionVerbs, tokenReads, tokenWrites } from './tokens.ts';
import { createWriter } from './writer.ts';

/**
 * Opens the store in one SQLite file, for the one process that holds its lock.
 * @param file absolute path; it is created and migrated if necessary, unless `migrates` is false
 * @param onTrouble called with a problem that does not prevent the start
 * @param now returns the time (UTC ms), which is compared with times that earlier processes stored
 * @throws when a newer version wrote the file, when `migrates` is false and the file would have to be
 *   created or migrated, or when the file cannot be used
 * @throws ForgetKeyUnusable when the key file beside the database is damaged or cannot be read
 */
export function openSqliteStore(
  file: string,
  onTrouble = (_detail: string) => {},
  now: () => number = Date.now,
  migrates = true,
): Store {
  const forgetKey = createForgetKey(`${file}.forget-key`);
  const db = openForWriting(file, migrates);
  try {
    return storeOn(db, forgetKey, onTrouble, now);
  } catch (error) {
    db.$client.close();
    throw faultOf(error, file) ?? error;
  }
}

function storeOn(
  db: Db,
  forgetKey: ForgetKey,
  onTrouble: (detail: string) => void,
  now: () => number,
): Store {
  const isInPlace = watchFiles(db.$client);
  finishOverwriting(db, onTrouble);
  freeRuns(db);
  const progress = createProgress(db, now, onTrouble);
  const noteProgress = () => {
    if (isInPlace()) progress.note();
  };
  noteProgress();
  const writer = createWriter(db.$client, isInPlace);
  return {
    ...reads(db),
    ...deliveryWrites(db, writer),
    ...memberWrites(db, writer),
    ...invitationWrites(db, writer),
    ...letterVerbs(db, writer),
    ...idempotencyWrites(db, writer),
    ...valueWrites(db, writer),
    ...tokenWrites(db, writer),
    ...sessionVerbs(db, writer),
    ...runVerbs(db, writer),
    ...outboxVerbs(db),
    ...reconciliationVerbs(db, writer),
    ...erasureVerbs(db, writer, forgetKey),
    ...metricReads(db),
    replication: null,
    queuedWrites: writer.queued,
    isInPlace,
    noteProgress,
    advanceWaits: (byMs, at) => writer.write(() => advanceWaits(db, byMs, at)),
    async close() {
      await writer.drained();
      try {
        noteProgress();
        db.$client.pragma('wal_checkpoint(TRUNCATE)');
      } catch (error) {
        // A fault, for example a full disk, loses nothing: the next start reads the write-ahead log.
        if (faultOf(error, db.$client.name) === null) throw error;
      } finally {
        db.$client.close();
        closeReading(db);
      }
    },
  };
}

/**
 * Opens the store for reading, while another process may be writing it.
 * @throws when the file does not exist (reading never creates it) or belongs to another version
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
    ...tokenReads(db),
    ...countReads(db),
    ...deliveryReads(db),
  };
}
