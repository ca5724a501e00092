import { and, asc, desc, eq, inArray, isNotNull, lt, min, ne, type SQL, sql } from 'drizzle-orm';
import { pageOf } from '../rows.ts';
import { addressesOf, addressIn, maxBodies } from '../rules.ts';
import type {
  DeliveryFacts,
  DeliveryFilter,
  DeliveryReads,
  DeliveryWrites,
  HintsOfUser,
  NewDelivery,
} from '../store.ts';
import { allOrNothing, commitAll } from './commit.ts';
import { type Access, isAnyOf } from './connection.ts';
import { membersAmong } from './members.ts';
import { mayApply } from './replicas.ts';
import { deliveryColumns } from './rows.ts';
import { storable } from './schema.ts';
import type { Together, Writer } from './writer.ts';

export function deliveryReads({ db, tables }: Access): DeliveryReads {
  const { deliveries } = tables;
  return {
    async listDeliveries(filter, paging) {
      const isBefore = paging.cursor === undefined ? undefined : lt(deliveries.id, paging.cursor);
      const rows = await db
        .select({ seq: deliveries.id, item: deliveryColumns(tables) })
        .from(deliveries)
        .where(and(...conditionsOf({ db, tables }, filter), isBefore))
        .orderBy(desc(deliveries.id))
        .limit(paging.limit + 1);
      return pageOf(rows, paging);
    },
    async delivery(id) {
      const columns = { ...deliveryColumns(tables), body: deliveries.body };
      const rows = await db.select(columns).from(deliveries).where(eq(deliveries.id, id));
      return rows[0] ?? null;
    },
  };
}

function conditionsOf(
  { tables: { deliveries } }: Access,
  { answer, userId, trigger }: DeliveryFilter,
): (SQL | undefined)[] {
  return [
    answer && eq(deliveries.answer, answer),
    trigger && eq(deliveries.trigger, trigger),
    userId === undefined ? undefined : eq(deliveries.userId, userId),
  ];
}

export function deliveryWrites(
  access: Access,
  writer: Writer,
  intake: Writer,
  replica: string,
): Omit<DeliveryWrites, 'queuedWrites'> & DeliveryFacts {
  const accept: Together<NewDelivery, 'accepted' | 'duplicate'> = {
    call: accepting(access.tables.schema.schemaName, replica),
  };
  return {
    acceptDelivery: (delivery) => intake.writeTogether(accept, delivery),
    keepUnreadable: (body, reason, receivedAt) =>
      writer.write(async ({ db, tables: { deliveries } }) => {
        const row = { body: Buffer.from(body), reason, receivedAt, answer: 'unreadable' } as const;
        await db.insert(deliveries).values(row);
      }),
    async unappliedDeliveries(limit) {
      const { db, tables } = access;
      const { deliveries, inbox } = tables;
      const { id, trigger, userId, shows } = deliveries;
      // With a join, PostgreSQL would read all deliveries of the inbox before it sorts them.
      const oldest = db
        .select({ delivery: inbox.delivery })
        .from(inbox)
        .where(mayApply(access, replica))
        .orderBy(asc(inbox.delivery))
        .limit(limit);
      const rows = await db
        .select({ id, trigger, userId, shows })
        .from(deliveries)
        .where(isAnyOf(id, oldest))
        .orderBy(asc(id));
      // Only accepted deliveries are in the inbox, so none of these columns is null.
      const found = rows.flatMap((row) =>
        row.trigger && row.userId && row.shows
          ? [{ id: row.id, trigger: row.trigger, userId: row.userId, shows: row.shows }]
          : [],
      );
      const userIds = found.map((delivery) => delivery.userId);
      return { deliveries: found, members: await membersAmong(access, userIds) };
    },
    applyDeliveries: (hints) => writer.write((inside) => apply(inside, hints)),
    markReadable: ({ id, ...read }) => writer.write((inside) => markReadable(inside, id, read)),
    deleteDeliveries: (query) => writer.write((inside) => deleteOld(inside, query)),
    ...deliveryFacts(access),
  };
}

/**
 * @returns a function that makes the statement for several deliveries: see `accept_deliveries` in
 *   drizzle/postgres/0001_intake.sql
 */
function accepting(schemaName: string, replica: string) {
  return (all: readonly NewDelivery[], number: number): SQL => {
    const column = <T>(read: (one: NewDelivery) => T) => sql.param(all.map(read));
    // The driver would send a list of bodies as text, so the bodies are sent as one value.
    const bodies = Buffer.concat(all.map((one) => one.body));
    let next = 1;
    const startOf = ({ body }: NewDelivery) => {
      const start = next;
      next += body.length;
      return start;
    };
    return sql`SELECT ${sql.identifier(schemaName)}.accept_deliveries(${replica},
      ${column((one) => one.receivedAt)}, ${column((one) => one.webhookId)}, ${column((one) => one.eventId)},
      ${column((one) => one.createdOn)}, ${column((one) => one.trigger)}, ${column((one) => storable(one.userId))},
      ${column((one) => one.shows)}, ${column(startOf)}, ${column((one) => one.body.length)}, ${sql.param(bodies)},
      ${number}) AS results`;
  };
}

/**
 * Commits hints, and deletes their deliveries from the inbox. If a member was changed meanwhile, the
 * deliveries about that member stay in the inbox.
 * @returns for each user whether the hints were applied
 */
async function apply(access: Access, hints: readonly HintsOfUser[]): Promise<readonly boolean[]> {
  const { db, tables } = access;
  const result = await allOrNothing(access, async () => {
    const changes = hints.flatMap(({ change }) => change ?? []);
    const results = await commitAll(access, changes);
    const applied = hints.map(
      ({ change }) => change === null || results.get(change) === 'committed',
    );
    const ids = hints.flatMap((one, index) => (applied[index] ? one.ids : []));
    const taken = db.delete(tables.inbox).where(inArray(tables.inbox.delivery, ids));
    // If another replica has applied one of these deliveries, nothing is written.
    return (await taken).rowCount === ids.length ? applied : 'stale';
  });
  return result === 'stale' ? hints.map(() => false) : result;
}

type Read = Omit<Parameters<DeliveryWrites['markReadable']>[0], 'id'>;

async function markReadable(access: Access, id: number, given: Read): Promise<void> {
  const { webhookId, eventId, createdOn, ...read } = given;
  const { deliveries } = access.tables;
  const isSame = and(
    eq(deliveries.eventId, eventId),
    eq(deliveries.createdOn, createdOn),
    eq(deliveries.webhookId, webhookId),
    ne(deliveries.id, id),
  );
  const [twin] = await access.db.select({ id: deliveries.id }).from(deliveries).where(isSame);
  const identity = twin ? {} : { webhookId, eventId, createdOn };
  const changed = { ...read, ...identity, answer: 'accepted', reason: null } as const;
  await access.db.update(deliveries).set(changed).where(eq(deliveries.id, id));
}

async function deleteOld(
  { db, tables: { deliveries, inbox } }: Access,
  { before, limit }: { readonly before: number; readonly limit: number },
): Promise<number> {
  const [first] = await db.select({ id: min(inbox.delivery) }).from(inbox);
  const firstUnapplied = first?.id ?? null;
  const oldest = await db
    .select({ id: deliveries.id, receivedAt: deliveries.receivedAt })
    .from(deliveries)
    .where(firstUnapplied === null ? undefined : lt(deliveries.id, firstUnapplied))
    .orderBy(asc(deliveries.id))
    .limit(limit);
  const ids = oldest.filter((row) => row.receivedAt < before).map((row) => row.id);
  if (ids.length === 0) return 0;
  await db.delete(deliveries).where(inArray(deliveries.id, ids));
  return ids.length;
}

/** The functions that read facts about users and webhooks from stored deliveries. */
function deliveryFacts(access: Access): DeliveryFacts {
  const { db, tables } = access;
  const { deliveries, inbox } = tables;
  return {
    async lastWebhookId() {
      const rows = db.select({ webhookId: deliveries.webhookId }).from(deliveries);
      const newest = rows.where(isNotNull(deliveries.webhookId)).orderBy(desc(deliveries.id));
      return (await newest.limit(1))[0]?.webhookId ?? null;
    },
    async joinedAt(userId) {
      const joined = and(eq(deliveries.userId, userId), eq(deliveries.trigger, 'user.created'));
      const rows = db.select({ createdOn: deliveries.createdOn }).from(deliveries).where(joined);
      return (await rows.orderBy(desc(deliveries.id)).limit(1))[0]?.createdOn ?? null;
    },
    async deliveredAddresses(userId) {
      const rows = db.select({ body: deliveries.body }).from(deliveries);
      const newest = rows.where(eq(deliveries.userId, userId)).orderBy(desc(deliveries.id));
      return [...new Set((await newest.limit(maxBodies)).flatMap(({ body }) => addressIn(body)))];
    },
    async shownAddresses(ids) {
      const { id, body } = deliveries;
      const rows = db.select({ id, body }).from(deliveries);
      return addressesOf(ids.length === 0 ? [] : await rows.where(inArray(id, [...ids])));
    },
    async shownInactive(userIds) {
      if (userIds.length === 0) return [];
      const isShown = and(
        eq(deliveries.shows, 'not_active'),
        inArray(deliveries.userId, [...userIds]),
      );
      const rows = await db
        .selectDistinct({ userId: deliveries.userId })
        .from(inbox)
        .innerJoin(deliveries, eq(deliveries.id, inbox.delivery))
        .where(isShown);
      return rows.flatMap((row) => row.userId ?? []);
    },
  };
}
