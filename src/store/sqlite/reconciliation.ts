import { and, asc, eq, gt, inArray, lt, lte, max, sql } from 'drizzle-orm';
import type { Store } from '../store.ts';
import type { Db } from './open.ts';
import { invitations, members } from './schema.ts';
import type { Writer } from './writer.ts';

/** What the poll asks the store, and records in it. */
export function reconciliationVerbs(
  db: Db,
  writer: Writer,
): Pick<Store, 'markSeen' | 'unseenWaiting' | 'newestMember' | 'outstandingAddresses'> {
  const { seenInRun, seq, state, userId } = members;

  /** Where the page before ended; the first page has no bound. */
  function isAfter(after: string) {
    if (after === '') return undefined;
    const last = db.select({ seenInRun, seq }).from(members).where(eq(userId, after)).get();
    return last && sql`(${seenInRun}, ${seq}) > (${last.seenInRun}, ${last.seq})`;
  }

  return {
    markSeen: (userIds, run) =>
      writer.write(() => {
        db.update(members)
          .set({ seenInRun: run })
          .where(inArray(userId, [...userIds]))
          .run();
      }),
    async unseenWaiting({ run, after, limit, until }) {
      return db
        .select({ userId })
        .from(members)
        .where(
          and(
            // A literal: with a parameter SQLite does not see that its partial index serves.
            sql`${state} = 'waiting'`,
            // Runs only grow.
            lt(seenInRun, run),
            lte(seq, until),
            isAfter(after),
          ),
        )
        .orderBy(asc(seenInRun), asc(seq))
        .limit(limit)
        .all()
        .map((row) => row.userId);
    },
    async newestMember() {
      return (
        db
          .select({ seq: max(seq) })
          .from(members)
          .get()?.seq ?? 0
      );
    },
    async outstandingAddresses({ after, limit }) {
      const { id, email, emailKey, status } = invitations;
      const rows = db
        .select({ id: sql<string>`${id}`, email: sql<string>`${email}` })
        // Named, because SQLite would rather sort all invitations of one of the statuses.
        .from(sql`${invitations} INDEXED BY invitations_outstanding`)
        .where(
          and(sql`${status} IN ('issued', 'expired') AND ${emailKey} IS NOT NULL`, gt(id, after)),
        )
        .orderBy(asc(id))
        .limit(limit)
        .all();
      return rows;
    },
  };
}
