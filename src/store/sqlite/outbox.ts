import { and, asc, count, eq, gt, gte, inArray, max, min, sql } from 'drizzle-orm';
import { outboxEvents } from '../../domain/events.ts';
import { timelineEntryOf } from '../rows.ts';
import { erasedAddress } from '../rules.ts';
import type { Outbox } from '../store.ts';
import type { Db } from './open.ts';
import { invitationColumns, memberColumns } from './rows.ts';
import { invitations, members, timeline } from './schema.ts';

/** Entries that wait to be sent are counted up to this number. */
const mostCounted = 10_000;

export function outboxVerbs(db: Db): Outbox {
  const isEvent = inArray(timeline.event, [...outboxEvents]);
  const next = db
    .select({ entry: timeline, member: memberColumns, invitation: invitationColumns })
    .from(timeline)
    .leftJoin(members, eq(members.seq, timeline.member))
    .leftJoin(invitations, eq(invitations.id, timeline.invitationId))
    .where(and(gt(timeline.id, sql.placeholder('after')), isEvent))
    .orderBy(asc(timeline.id))
    .limit(1)
    .prepare();
  const last = db
    .select({ id: max(timeline.id) })
    .from(timeline)
    .prepare();
  const end = () => last.get()?.id ?? 0;

  return {
    async nextOutboxEntry(after) {
      const row = next.get({ after });
      if (!row) return { outbox: null, through: Math.max(after, end()) };
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
      const found = db
        .select({ count: count(), oldestAt: min(waiting.at) })
        .from(waiting)
        .get();
      return found ?? { count: 0, oldestAt: null };
    },
    outboxEnd: async () => end(),
    async outboxBefore(at) {
      const first = db
        .select({ id: timeline.id })
        .from(timeline)
        .where(gte(timeline.at, at))
        .orderBy(asc(timeline.id))
        .limit(1)
        .get();
      return first ? first.id - 1 : end();
    },
  };
}
