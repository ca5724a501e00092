import { and, eq, gt, inArray, isNotNull, sql } from 'drizzle-orm';
import type { NewDelivery, Store, UnappliedDelivery } from '../store.ts';
import { changeCommitter } from './commit.ts';
import { givenLimit } from './given-limit.ts';
import type { Db } from './open.ts';
import { readProgress, writeProgress } from './progress.ts';
import { memberOf } from './rows.ts';
import { deliveries, members } from './schema.ts';
import { appliedThrough, prepareNoteOwners } from './whose-deliveries.ts';
import type { Writer } from './writer.ts';

export function deliveryWrites(
  db: Db,
  writer: Writer,
): Pick<Store, 'acceptDelivery' | 'keepUnreadable' | 'unappliedDeliveries' | 'applyDeliveries'> {
  const insert = prepareInsert(db);
  const countRepeat = prepareRepeat(db);
  const unapplied = prepareUnapplied(db);
  const read = readProgress(db);
  const remember = writeProgress(db);
  const commitChange = changeCommitter(db);
  const noteOwners = prepareNoteOwners(db);
  const appliedSoFar = () => Number(read(appliedThrough) ?? 0);

  return {
    acceptDelivery: (delivery) =>
      writer.write(() => {
        const { changes } = insert.run(delivery);
        if (changes === 1) return 'accepted';
        countRepeat.run(delivery);
        return 'duplicate';
      }),
    keepUnreadable: (body, reason, receivedAt) =>
      writer.write(() => {
        db.insert(deliveries)
          .values({ body: Buffer.from(body), reason, receivedAt, answer: 'unreadable' })
          .run();
      }),
    async unappliedDeliveries(limit) {
      const found = unapplied.all({ after: appliedSoFar(), limit }).flatMap(asUnapplied);
      return { deliveries: found, members: membersOf(db, found) };
    },
    applyDeliveries: (changes, through) =>
      writer.writeSoon(() => {
        try {
          // A savepoint: a stale change takes back its neighbours of this call, and no others.
          db.$client.transaction(() => {
            for (const change of changes) {
              if (commitChange(change) === 'stale') throw staleSignal;
            }
            noteOwners({ after: appliedSoFar(), through });
            remember(appliedThrough, String(through));
          })();
          return 'committed';
        } catch (error) {
          if (error === staleSignal) return 'stale';
          throw error;
        }
      }),
  };
}

const staleSignal = new Error('a member changed since its hint was decided');

function prepareInsert(db: Db): { run: (delivery: NewDelivery) => { changes: number } } {
  const statement = db
    .insert(deliveries)
    .values({
      receivedAt: sql.placeholder('receivedAt'),
      webhookId: sql.placeholder('webhookId'),
      eventId: sql.placeholder('eventId'),
      createdOn: sql.placeholder('createdOn'),
      trigger: sql.placeholder('trigger'),
      userId: sql.placeholder('userId'),
      shows: sql.placeholder('shows'),
      answer: 'accepted',
      body: unlessForgotten(),
    })
    .onConflictDoNothing()
    .prepare();
  return { run: (delivery) => statement.run({ ...delivery, body: Buffer.from(delivery.body) }) };
}

/** Of who was forgotten, only that something came. */
function unlessForgotten() {
  const isTheirs = eq(members.userId, sql.placeholder('userId'));
  const found = sql`SELECT 1 FROM ${members} WHERE ${isTheirs} AND ${isNotNull(members.forgottenAt)}`;
  return sql`CASE WHEN EXISTS (${found}) THEN x'' ELSE ${sql.placeholder('body')} END`;
}

function prepareRepeat(db: Db): { run: (delivery: NewDelivery) => void } {
  const statement = db
    .update(deliveries)
    .set({ repeats: sql`${deliveries.repeats} + 1` })
    .where(
      and(
        eq(deliveries.eventId, sql.placeholder('eventId')),
        eq(deliveries.createdOn, sql.placeholder('createdOn')),
        eq(deliveries.webhookId, sql.placeholder('webhookId')),
      ),
    )
    .prepare();
  return {
    run: ({ eventId, createdOn, webhookId }) => {
      statement.run({ eventId, createdOn, webhookId });
    },
  };
}

function prepareUnapplied(db: Db) {
  return db
    .select({
      id: deliveries.id,
      trigger: deliveries.trigger,
      userId: deliveries.userId,
      shows: deliveries.shows,
    })
    .from(deliveries)
    .where(and(gt(deliveries.id, sql.placeholder('after')), eq(deliveries.answer, 'accepted')))
    .orderBy(deliveries.id)
    .limit(givenLimit())
    .prepare();
}

/** Every accepted delivery is about a user; the columns are empty only where it was unreadable. */
function asUnapplied(row: {
  id: number;
  trigger: UnappliedDelivery['trigger'] | null;
  userId: string | null;
  shows: UnappliedDelivery['shows'] | null;
}): UnappliedDelivery[] {
  const { id, trigger, userId, shows } = row;
  return trigger && userId && shows ? [{ id, trigger, userId, shows }] : [];
}

function membersOf(db: Db, found: readonly UnappliedDelivery[]) {
  const ids = [...new Set(found.map((delivery) => delivery.userId))];
  if (ids.length === 0) return [];
  return db.select().from(members).where(inArray(members.userId, ids)).all().map(memberOf);
}
