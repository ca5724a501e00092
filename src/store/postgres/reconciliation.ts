import { and, asc, eq, gt, inArray, isNotNull, lt, lte, max, sql } from 'drizzle-orm';
import type { ReconciliationVerbs } from '../store.ts';
import type { Access } from './connection.ts';
import type { Writer } from './writer.ts';

/** The functions of the store that reconciliation uses. */
export function reconciliationVerbs(
  { db, tables: { invitations, members } }: Access,
  writer: Writer,
): ReconciliationVerbs {
  const { seenInRun, seq, state, userId } = members;

  /**
   * Makes the condition that rows come after the last row of the previous page.
   * @param after the user id of that row; empty for the first page, which needs no condition
   */
  async function isAfter(after: string) {
    if (after === '') return undefined;
    const [last] = await db.select({ seenInRun, seq }).from(members).where(eq(userId, after));
    return last && sql`(${seenInRun}, ${seq}) > (${last.seenInRun}, ${last.seq})`;
  }

  return {
    markSeen: (userIds, run) =>
      writer.write(async (access) => {
        const isSeen = inArray(userId, [...userIds]);
        await access.db.update(members).set({ seenInRun: run }).where(isSeen);
      }),
    async unseenWaiting({ run, after, limit, until }) {
      // Run numbers only grow, so a lower number means that this run did not see the member.
      const isUnseen = and(eq(state, 'waiting'), lt(seenInRun, run), lte(seq, until));
      const rows = await db
        .select({ userId })
        .from(members)
        .where(and(isUnseen, await isAfter(after)))
        .orderBy(asc(seenInRun), asc(seq))
        .limit(limit);
      return rows.map((row) => row.userId);
    },
    async newestMember() {
      const [row] = await db.select({ seq: max(seq) }).from(members);
      return row?.seq ?? 0;
    },
    async outstandingAddresses({ after, limit }) {
      const { id, email, emailKey, status } = invitations;
      const isOutstanding = and(inArray(status, ['issued', 'expired']), isNotNull(emailKey));
      return db
        .select({ id, email: sql<string>`${email}` })
        .from(invitations)
        .where(and(isOutstanding, gt(id, after)))
        .orderBy(asc(id))
        .limit(limit);
    },
  };
}
