import { and, asc, desc, eq, gt, inArray, isNotNull, lt, ne, type SQL, sql } from 'drizzle-orm';
import { pageOf } from '../rows.ts';
import { addressesOf, addressIn, maxBodies } from '../rules.ts';
import type {
  DeliveryFacts,
  DeliveryFilter,
  DeliveryReads,
  DeliveryWrites,
  ListedDelivery,
  UnappliedDelivery,
} from '../store.ts';
import { prepareCommit, unlessStale } from './commit.ts';
import { prepareGetValue, prepareSetValue } from './key-values.ts';
import { isAbout, membersAmong, noteMembers } from './members.ts';
import type { Db } from './open.ts';
import { deliveryColumns } from './rows.ts';
import { deliveries, memberDeliveries, members } from './schema.ts';
import type { Writer } from './writer.ts';

export function deliveryReads(db: Db): DeliveryReads {
  const byId = db
    .select({ ...deliveryColumns, body: deliveries.body })
    .from(deliveries)
    .where(eq(deliveries.id, sql.placeholder('id')))
    .prepare();
  return {
    async listDeliveries(filter, paging) {
      const rows = db
        .select({ seq: deliveries.id, item: deliveryColumns })
        .from(deliveries)
        .where(
          and(
            ...conditionsOf(db, filter),
            lt(deliveries.id, paging.cursor ?? Number.MAX_SAFE_INTEGER),
          ),
        )
        .orderBy(desc(deliveries.id))
        .limit(paging.limit + 1)
        .all();
      return pageOf(rows, paging);
    },
    delivery: async (id) => byId.get({ id }) ?? null,
  };
}

function conditionsOf(db: Db, { answer, userId, trigger }: DeliveryFilter): (SQL | undefined)[] {
  // There are few unreadable deliveries, and few deliveries about one user, so another index is better.
  // The `+` keeps SQLite from using the index of triggers.
  const isTrigger =
    answer === 'unreadable' || userId !== undefined
      ? sql`+${deliveries.trigger} = ${trigger}`
      : sql`${deliveries.trigger} = ${trigger}`;
  return [
    // The answer is a literal. With a parameter, SQLite would not use the partial index
    // `deliveries_unreadable`.
    answer && sql`${deliveries.answer} = ${sql.raw(`'${answer}'`)}`,
    trigger && isTrigger,
    userId === undefined ? undefined : isAbout(db, [userId]),
  ];
}

export function deliveryWrites(
  db: Db,
  writer: Writer,
): Omit<DeliveryWrites, 'queuedWrites'> & DeliveryFacts {
  const insert = prepareInsert(db);
  const countRepeat = prepareCountRepeat(db);
  const unapplied = prepareUnapplied(db);
  const getValue = prepareGetValue(db);
  const setValue = prepareSetValue(db);
  const commitChange = prepareCommit(db);
  const appliedThrough = () => Number(getValue('applied_through') ?? 0);

  return {
    acceptDelivery: (delivery) =>
      writer.write(() => {
        const { receivedAt, webhookId, eventId, createdOn, trigger, userId, shows, body } =
          delivery;
        const event = [receivedAt, webhookId, eventId, createdOn, trigger] as const;
        if (insert.run(...event, userId, shows, userId, body).changes === 1) return 'accepted';
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
      const found = unapplied.all({ after: appliedThrough(), limit }).flatMap(asUnapplied);
      const userIds = found.map((delivery) => delivery.userId);
      return { deliveries: found, members: membersAmong(db, userIds) };
    },
    applyDeliveries: (hints) =>
      writer.write(() => {
        const result = unlessStale(db, commitChange, (commit) => {
          const ids = hints.flatMap((one) => one.ids);
          const after = appliedThrough();
          if (Math.min(...ids) <= after) return 'stale';
          const through = Math.max(after, ...ids);
          for (const { change } of hints) if (change) commit(change);
          noteMembers(db, { after, through });
          setValue('applied_through', String(through));
          return 'committed' as const;
        });
        return hints.map(() => result === 'committed');
      }),
    markReadable: ({ id, webhookId, eventId, createdOn, ...read }) =>
      writer.write(() => {
        const isSame = and(
          eq(deliveries.eventId, eventId),
          eq(deliveries.createdOn, createdOn),
          eq(deliveries.webhookId, webhookId),
          ne(deliveries.id, id),
        );
        const twin = db.select({ id: deliveries.id }).from(deliveries).where(isSame).get();
        const identity = twin ? {} : { webhookId, eventId, createdOn };
        db.update(deliveries)
          .set({ ...read, ...identity, answer: 'accepted', reason: null })
          .where(eq(deliveries.id, id))
          .run();
        noteMembers(db, { after: id - 1, through: id });
      }),
    deleteDeliveries: ({ before, limit }) =>
      writer.write(() => deleteOld(db, appliedThrough(), before, limit)),
    ...deliveryFacts(db),
  };
}

function deliveryFacts(db: Db): DeliveryFacts {
  const getValue = prepareGetValue(db);
  return {
    async lastWebhookId() {
      const row = db
        .select({ webhookId: deliveries.webhookId })
        .from(deliveries)
        .where(isNotNull(deliveries.webhookId))
        .orderBy(desc(deliveries.id))
        .limit(1)
        .get();
      return row?.webhookId ?? null;
    },
    async joinedAt(userId) {
      const row = db
        .select({ createdOn: deliveries.createdOn })
        .from(deliveries)
        .where(and(isAbout(db, [userId]), eq(deliveries.trigger, 'user.created')))
        .orderBy(desc(deliveries.id))
        .limit(1)
        .get();
      return row?.createdOn ?? null;
    },
    async deliveredAddresses(userId) {
      const rows = db
        .select({ body: deliveries.body })
        .from(deliveries)
        .where(isAbout(db, [userId]))
        .orderBy(desc(deliveries.id))
        .limit(maxBodies)
        .all();
      return [...new Set(rows.flatMap(({ body }) => addressIn(body)))];
    },
    async shownAddresses(ids) {
      const { id, body } = deliveries;
      const rows = db.select({ id, body }).from(deliveries);
      return addressesOf(rows.where(inArray(id, [...ids])).all());
    },
    async shownInactive(userIds) {
      if (userIds.length === 0) return [];
      const isShown = and(
        gt(deliveries.id, Number(getValue('applied_through') ?? 0)),
        eq(deliveries.shows, 'not_active'),
        inArray(deliveries.userId, [...userIds]),
      );
      const rows = db
        .selectDistinct({ userId: deliveries.userId })
        .from(deliveries)
        .where(isShown)
        .all();
      return rows.flatMap((row) => row.userId ?? []);
    },
  };
}

/**
 * The statement is plain SQL, because it runs for each delivery, and Drizzle binds values slowly.
 * `test/support/crash-points.ts` recognises the statement by its first words.
 */
function prepareInsert(db: Db) {
  // For a forgotten person, an empty body is stored.
  return db.$client.prepare(`
    insert into "deliveries" (received_at, webhook_id, event_id, created_on, trigger, user_id, shows, answer, body)
    VALUES (?, ?, ?, ?, ?, ?, ?, 'accepted',
      CASE WHEN EXISTS (SELECT 1 FROM members WHERE user_id = ? AND forgotten_at IS NOT NULL)
      THEN x'' ELSE ? END)
    ON CONFLICT DO NOTHING`);
}

function prepareCountRepeat(db: Db) {
  return db
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
    .limit(sql.placeholder('limit'))
    .prepare();
}

/**
 * Returns the delivery as a list, which is empty if a column is null. Every accepted delivery has values
 * in these columns, but the types do not say that.
 */
function asUnapplied(
  row: Pick<ListedDelivery, 'id' | 'trigger' | 'userId' | 'shows'>,
): UnappliedDelivery[] {
  const { id, trigger, userId, shows } = row;
  return trigger && userId && shows ? [{ id, trigger, userId, shows }] : [];
}

function deleteOld(db: Db, appliedThrough: number, before: number, limit: number): number {
  // Ids grow with the time of arrival, so the rows with the lowest ids are the oldest. Only the first
  // `limit` rows are read.
  const firstUnapplied = db
    .select({ id: deliveries.id })
    .from(deliveries)
    .where(and(gt(deliveries.id, appliedThrough), eq(deliveries.answer, 'accepted')))
    .orderBy(asc(deliveries.id))
    .limit(1)
    .get();
  const oldest = db
    .select({ id: deliveries.id, receivedAt: deliveries.receivedAt, userId: deliveries.userId })
    .from(deliveries)
    .where(lt(deliveries.id, firstUnapplied?.id ?? Number.MAX_SAFE_INTEGER))
    .orderBy(asc(deliveries.id))
    .limit(limit)
    .all();
  const old = oldest.filter((row) => row.receivedAt < before);
  if (old.length === 0) return 0;
  const ids = old.map((row) => row.id);
  const owners = db
    .select({ seq: members.seq })
    .from(members)
    .where(
      inArray(
        members.userId,
        old.flatMap((row) => row.userId ?? []),
      ),
    );
  db.delete(memberDeliveries)
    .where(and(inArray(memberDeliveries.member, owners), inArray(memberDeliveries.delivery, ids)))
    .run();
  db.delete(deliveries).where(inArray(deliveries.id, ids)).run();
  return old.length;
}
