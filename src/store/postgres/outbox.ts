import { and, asc, count, eq, gt, gte, inArray, lte, max, min } from 'drizzle-orm';
import { outboxEvents } from '../../domain/events.ts';
import { timelineEntryOf } from '../rows.ts';
import { erasedAddress } from '../rules.ts';
import type { Outbox } from '../store.ts';
import { type Access, waitForWriters } from './connection.ts';
import { invitationColumns, memberColumns } from './rows.ts';

/** At most this many of the entries that wait to be sent as events are counted. */
const mostCounted = 10_000;

export function outboxVerbs(access: Access): Outbox {
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
 * Returns the id up to which the timeline is complete. PostgreSQL gives an entry its id before the
 * entry is committed. So this function reads the last id, and then waits for the transactions that may
 * still commit an entry with a lower id.
 * @returns 0 if one of these transactions does not end in time
 */
async function settledEnd(access: Access): Promise<number> {
  const { timeline } = access.tables;
  const [last] = await access.db.select({ id: max(timeline.id) }).from(timeline);
  return (await waitForWriters(access, 'timeline')) ? (last?.id ?? 0) : 0;
}
