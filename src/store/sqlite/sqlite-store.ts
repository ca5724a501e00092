import type { Store, StoreReads } from '../store.ts';
import { balanceReads } from './balance.ts';
import { createCheckpoints } from './checkpoints.ts';
import { attemptAndMemberWrites } from './commit.ts';
import { deliveryWrites } from './deliveries.ts';
import { durationReads } from './durations.ts';
import { finishScrubbing, forgetting } from './forget.ts';
import { invitationReads } from './invitation-reads.ts';
import { invitationWrites } from './invitations.ts';
import { keyedAnswerWrites } from './keyed-answers.ts';
import { memberReads } from './member-reads.ts';
import { openForReading, openForWriting } from './open.ts';
import { progressReads, progressWrites } from './progress.ts';
import { readingVerbs } from './readings.ts';
import { reconciliationVerbs } from './reconciliation.ts';
import { reissueWrites } from './reissue.ts';
import { restoredReads } from './restored.ts';
import { retentionVerbs } from './retention.ts';
import { deliveryReads, deliveryReplayWrites } from './told.ts';
import { createWriter } from './writer.ts';

/**
 * The store in one SQLite file, for the one process that holds its lock.
 * @param file absolute path; made and migrated when missing or older
 * @param onTrouble told what keeps its thread from moving commits out of the write-ahead log
 * @throws when the file belongs to a newer version or cannot be used
 */
export function openSqliteStore(file: string, onTrouble = (_detail: string) => {}): Store {
  const db = openForWriting(file);
  finishScrubbing(db);
  const checkpoints = createCheckpoints(db.$client, onTrouble);
  const writer = createWriter(db.$client, checkpoints.committed);
  return {
    ...invitationReads(db),
    ...memberReads(db),
    ...progressReads(db),
    ...balanceReads(db),
    ...durationReads(db),
    ...deliveryReads(db),
    ...deliveryWrites(db, writer),
    ...deliveryReplayWrites(db, writer),
    ...attemptAndMemberWrites(db, writer),
    ...invitationWrites(db, writer),
    ...reissueWrites(db, writer),
    ...keyedAnswerWrites(db, writer),
    ...progressWrites(db, writer),
    ...reconciliationVerbs(db, writer),
    ...retentionVerbs(db, writer),
    ...restoredReads(db),
    ...forgetting(db, writer, file),
    ...readingVerbs(db),
    queuedWrites: writer.queued,
    async close() {
      await writer.drained();
      await checkpoints.stop();
      db.$client.pragma('wal_checkpoint(TRUNCATE)');
      db.$client.close();
    },
  };
}

/**
 * The log for reading only, beside a process that may be writing it.
 * @throws when there is no such file: reading never creates a database
 */
export function openSqliteReads(file: string): StoreReads {
  const db = openForReading(file);
  return {
    ...invitationReads(db),
    ...memberReads(db),
    ...progressReads(db),
    ...balanceReads(db),
    ...restoredReads(db),
    ...durationReads(db),
    ...deliveryReads(db),
    close: async () => {
      db.$client.close();
    },
  };
}
