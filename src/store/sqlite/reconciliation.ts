import { and, asc, eq, gt, inArray, lt, lte, max, sql } from 'drizzle-orm';
import type { ReconciliationVerbs } from '../store.ts';
import type { Db } from './open.ts';
import { invitations, members } from './schema.ts';
import type { Writer } from './writer.ts';

/** The functions of the store that reconciliation uses. */
export function reconciliationVerbs(db: Db, writer: Writer): ReconciliationVerbs {
  const { seenInRun, seq, state, userId } = members;

  /**
   * Makes the condition that a member comes after the last member of the previous page.
   * @param after the user id of that member; empty for the first page, which needs no condition
   */
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
            // The state is a literal. With a parameter, SQLite would not use `members_waiting`.
            sql`${state} = 'waiting'`,
            // Run numbers only grow, so a lower number means that this run did not see the member.
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
        // The index is named, because SQLite would otherwise sort all invitations of a status.
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
