import { and, desc, eq, lt, ne, type SQL, sql } from 'drizzle-orm';
import type { Trigger } from '../../onboarding/words.ts';
import type { DeliveryFilter, DeliveryReads, DeliveryReplay } from '../told.ts';
import type { Db } from './open.ts';
import { deliveries } from './schema.ts';
import { aboutUsers, prepareNoteOwners } from './whose-deliveries.ts';
import type { Writer } from './writer.ts';

const columns = {
  id: deliveries.id,
  receivedAt: deliveries.receivedAt,
  answer: deliveries.answer,
  trigger: deliveries.trigger,
  userId: deliveries.userId,
  shows: deliveries.shows,
  reason: deliveries.reason,
  repeats: deliveries.repeats,
  webhookId: deliveries.webhookId,
  eventId: deliveries.eventId,
  createdOn: deliveries.createdOn,
};

export function deliveryReads(db: Db): DeliveryReads {
  return {
    async listDeliveries(filter, { limit, cursor }) {
      const isFurther = cursor === undefined ? undefined : lt(deliveries.id, cursor);
      const read = (where: SQL | undefined, most: number) =>
        db
          .select(columns)
          .from(deliveries)
          .where(and(...conditions(filter), where, isFurther))
          .orderBy(desc(deliveries.id))
          .limit(most)
          .all();
      const rows = filter.userId === undefined ? read(undefined, limit + 1) : [];
      if (filter.userId !== undefined) {
        const { fresh, known } = aboutUsers(db, [filter.userId]);
        rows.push(...read(fresh, limit + 1));
        if (rows.length <= limit) rows.push(...read(known, limit + 1 - rows.length));
      }
      const items = rows.slice(0, limit);
      return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
    },
    async delivery(id) {
      const row = db
        .select({ ...columns, body: deliveries.body })
        .from(deliveries)
        .where(eq(deliveries.id, id))
        .get();
      return row ?? null;
    },
  };
}

export function deliveryReplayWrites(db: Db, writer: Writer): DeliveryReplay {
  const noteOwners = prepareNoteOwners(db);
  return {
    markReadable: ({ id, webhookId, eventId, createdOn, ...read }) =>
      writer.write(() => {
        const isSame = and(
          eq(deliveries.eventId, eventId),
          eq(deliveries.createdOn, createdOn),
          eq(deliveries.webhookId, webhookId),
          ne(deliveries.id, id),
        );
        const twin = db.select({ id: deliveries.id }).from(deliveries).where(isSame).get();
        const name = twin ? {} : { webhookId, eventId, createdOn };
        db.update(deliveries)
          .set({ ...read, ...name, answer: 'accepted', reason: null })
          .where(eq(deliveries.id, id))
          .run();
        noteOwners({ after: id - 1, through: id });
      }),
  };
}

function conditions(filter: DeliveryFilter) {
  return [answerIs(filter.answer), filter.trigger && triggerIs(filter.trigger, filter.answer)];
}

/** The unreadable are few and have their own index: `+` keeps SQLite from that of the trigger. */
function triggerIs(trigger: Trigger, answer: DeliveryFilter['answer']) {
  const column = deliveries.trigger;
  return answer === 'unreadable' ? sql`+${column} = ${trigger}` : eq(column, trigger);
}

/** Literals, not parameters: only so does SQLite see that its partial index holds the unreadable. */
function answerIs(answer: DeliveryFilter['answer']) {
  switch (answer) {
    case 'unreadable':
      return sql`${deliveries.answer} = 'unreadable'`;
    case 'accepted':
      return sql`${deliveries.answer} = 'accepted'`;
    case undefined:
      return undefined;
    default:
      return answer satisfies never;
  }
}
