import { setTimeout as sleep } from 'node:timers/promises';
import { and, asc, count, eq, gt, gte, inArray, lte, max, min, sql } from 'drizzle-orm';
import { outboxEvents } from '../../domain/events.ts';
import { timelineEntryOf } from '../rows.ts';
import { erasedAddress } from '../rules.ts';
import type { Store } from '../store.ts';
import type { Access } from './connection.ts';
import { invitationColumns, memberColumns } from './rows.ts';

/** A larger number is not counted to its end. */
const mostCounted = 10_000;
/** How often, and in what steps, the outbox waits for transactions: see `settledEnd`. */
const waits = 100;
const waitMs = 10;

export function outboxVerbs(
  access: Access,
): Pick<Store, 'nextOutboxEntry' | 'outboxLag' | 'outboxEnd' | 'outboxBefore'> {
  const { db, tables } = access;
  const { invitations, members, timeline } = tables;
  const isEvent = inArray(timeline.event, [...outboxEvents]);

  async function end(): Promise<number> {
    const [last] = await db.select({ id: max(timeline.id) }).from(timeline);
    return last?.id ?? 0;
  }

  return {
    async nextOutboxEntry(after) {
      const through = Math.max(after, await settledEnd(access));
      const [row] = await db
        .select({
          entry: timeline,
          member: memberColumns(tables),
          invitation: invitationColumns(tables),
        })
        .from(timeline)
        .leftJoin(members, eq(members.seq, timeline.member))
        .leftJoin(invitations, eq(invitations.id, timeline.invitationId))
        .where(and(gt(timeline.id, after), lte(timeline.id, through), isEvent))
        .orderBy(asc(timeline.id))
        .limit(1);
      if (!row) return { outbox: null, through };
      const { id, at } = row.entry;
      const { member, invitation } = row;
      const entry = timelineEntryOf({ ...row.entry, userId: member?.userId ?? null });
      const isErased = invitation?.email?.startsWith(erasedAddress) ?? false;
      const shown = invitation && isErased ? { ...invitation, email: null } : invitation;
      return { outbox: { id, at, entry, member, invitation: shown }, through: id };
    },
    async outboxLag(after) {
      const waiting = db
        .select({ at: timeline.at })
        .from(timeline)
        .where(and(gt(timeline.id, after), isEvent))
        .orderBy(asc(timeline.id))
        .limit(mostCounted)
        .as('waiting');
      const [found] = await db.select({ count: count(), oldestAt: min(waiting.at) }).from(waiting);
      return found ?? { count: 0, oldestAt: null };
    },
    outboxEnd: end,
    async outboxBefore(at) {
      const [first] = await db
        .select({ id: timeline.id })
        .from(timeline)
        .where(gte(timeline.at, at))
        .orderBy(asc(timeline.id))
        .limit(1);
      return first ? first.id - 1 : end();
    },
  };
}

/**
 * The id of the last entry. Ids are given before they are committed, so a lower one may still be on
 * its way in a transaction of another replica. Every such transaction holds a lock on the table:
 * this function waits until those that held one have ended.
 * @returns 0 if one of them does not end in time
 */
async function settledEnd({ db, tables: { timeline } }: Access): Promise<number> {
  const isWriting = sql`relation = (SELECT tableoid FROM ${timeline} LIMIT 1) AND mode = 'RowExclusiveLock'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
  const { rows } = await db.execute<{ end: number; writers: string[] }>(
    sql`SELECT (SELECT coalesce(max(${timeline.id}), 0) FROM ${timeline}) AS "end",
      (SELECT coalesce(jsonb_agg(virtualtransaction), '[]') FROM pg_locks WHERE ${isWriting}) AS writers`,
  );
  const { end, writers } = rows[0] ?? { end: 0, writers: [] };
  for (let left = waits; writers.length > 0; left -= 1) {
    if (left === 0) return 0;
    const still = await db.execute(
      sql`SELECT FROM pg_locks WHERE ${isWriting} AND virtualtransaction = ANY(${sql.param(writers)}) LIMIT 1`,
    );
    if (still.rows.length === 0) break;
    await sleep(waitMs);
  }
  return end;
}
