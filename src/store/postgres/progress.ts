import { gt, sql } from 'drizzle-orm';
import { longestWaitMs } from '../rules.ts';
import type { Access } from './connection.ts';

/**
 * Makes members and letters due `byMs` earlier. They become due at `now` at the earliest, and after
 * the longest possible wait at the latest.
 */
export async function advanceWaits(
  { db, tables: { members, invitations } }: Access,
  byMs: number,
  now: number,
): Promise<void> {
  const latest = now + longestWaitMs;
  const dueAt = sql`greatest(${now}::bigint, least(${members.dueAt} - ${byMs}::bigint, ${latest}::bigint))`;
  const leaseUntil = sql`CASE WHEN ${members.leaseUntil} > ${now}
    THEN greatest(${now}::bigint, ${members.leaseUntil} - ${byMs}::bigint) ELSE ${members.leaseUntil} END`;
  await db.update(members).set({ dueAt, leaseUntil }).where(gt(members.dueAt, now));
  const letterDueAt = sql`greatest(${now}::bigint, ${invitations.letterDueAt} - ${byMs}::bigint)`;
  await db.update(invitations).set({ letterDueAt }).where(gt(invitations.letterDueAt, now));
}
