import { gt, sql } from 'drizzle-orm';
import { longestWaitMs } from '../rules.ts';
import { commitNumber, readStamp, writeStamp } from './file-watch.ts';
import { markRestored, prepareGetValue } from './key-values.ts';
import type { Db } from './open.ts';
import { invitations, members } from './schema.ts';

/**
 * Compares the database with the stamp beside it. An older copy is paused. Waits that were stored while
 * the clock was ahead are shortened.
 * @returns `note` writes the stamp again if the database has changed
 */
export function createProgress(
  db: Db,
  now: () => number,
  onTrouble: (detail: string) => void,
): { readonly note: () => void } {
  const file = db.$client.name;
  const getValue = prepareGetValue(db);
  const countWrites = db.$client.prepare('SELECT total_changes()').pluck();
  const stamp = readStamp(file);
  let highest = stamp?.commit ?? 0;
  let isRestored = getValue('copied_at') !== null;
  let notedWrites: unknown = null;

  if (!isRestored && commitNumber(db.$client) < highest) {
    markRestored(db, now());
    isRestored = true;
    onTrouble(
      `${file} is older than the database that was served here before: it was replaced by a copy or by an empty database, so nothing is sent until "resume"`,
    );
  }
  const aheadMs = Math.max(0, (stamp?.at ?? 0) - now());
  if (aheadMs > 0 || hasImpossibleWait(db, now())) advanceWaits(db, aheadMs, now());

  return {
    note() {
      const writes = countWrites.get();
      if (writes === notedWrites) return;
      notedWrites = writes;
      const commit = commitNumber(db.$client);
      // Until an operator ends the pause, the number in the stamp does not fall. Otherwise a second
      // copy that replaces this one might not be recognised as older.
      isRestored &&= getValue('copied_at') !== null;
      highest = isRestored ? Math.max(highest, commit) : commit;
      writeStamp(file, { commit: highest, at: now() });
    },
  };
}

function hasImpossibleWait(db: Db, now: number): boolean {
  const after = now + longestWaitMs;
  const waiting = db.select({ seq: members.seq }).from(members).where(gt(members.dueAt, after));
  return waiting.limit(1).get() !== undefined;
}

/**
 * Makes the due times of members and letters `byMs` earlier, but not before `now`. Due times up to `now`
 * stay. A member also becomes due at most `longestWaitMs` after `now`, and its lease ends `byMs` earlier.
 */
export function advanceWaits(db: Db, byMs: number, now: number): void {
  const earlier = sql`max(${now}, min(${members.dueAt} - ${byMs}, ${now + longestWaitMs}))`;
  const lease = sql`CASE WHEN ${members.leaseUntil} > ${now}
    THEN max(${now}, ${members.leaseUntil} - ${byMs}) ELSE ${members.leaseUntil} END`;
  db.update(members).set({ dueAt: earlier, leaseUntil: lease }).where(gt(members.dueAt, now)).run();
  const letterDueAt = sql`max(${now}, ${invitations.letterDueAt} - ${byMs})`;
  db.update(invitations).set({ letterDueAt }).where(gt(invitations.letterDueAt, now)).run();
}
