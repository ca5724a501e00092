import { hostname } from 'node:os';
import { asc, eq, getTableColumns, getTableName, min, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type pg from 'pg';
import { isAlive } from '../files.ts';
import type { Place } from '../place.ts';
import {
  type Access,
  databaseNow,
  endClient,
  faultOf,
  openClient,
  quoted,
  withClient,
  withFaults,
} from '../postgres/connection.ts';
import { getValue, setValue } from '../postgres/key-values.ts';
import { migrate, versionOf } from '../postgres/migrate.ts';
import { tablesIn } from '../postgres/schema.ts';
import type { Holder } from '../store.ts';
import type { Marks, OpenedSide, Side } from './side.ts';
import {
  isAfter,
  type MovedTable,
  movedColumns,
  movedTables,
  numberedTables,
  tableNames,
} from './tables.ts';

/** A process that was not seen for this long does not use the database any more. */
const goneAfterMs = 30_000;

/** Reads the marks of a database, which may have no tables yet. */
export function readPostgresMarks(place: Place): Promise<Marks> {
  return withClient(place, async (access, client) => {
    if ((await versionOf(client, place)) === null) return { movedTo: null, arrivingFrom: null };
    return marksOf(access);
  });
}

async function marksOf(access: Access): Promise<Marks> {
  return {
    movedTo: await getValue(access, 'moved_to'),
    arrivingFrom: await getValue(access, 'arriving'),
  };
}

/**
 * Opens a PostgreSQL database for a move. A lock on the table `replicas` keeps other processes away,
 * because each process has to add its row there, and to record each of its commits there.
 */
export async function openPostgresSide(place: Place): Promise<OpenedSide> {
  try {
    const client = await openClient(place);
    try {
      return await openOn(client, place);
    } catch (error) {
      await endClient(client);
      throw error;
    }
  } catch (error) {
    throw faultOf(error, place) ?? error;
  }
}

async function openOn(client: pg.Client, place: Place): Promise<OpenedSide> {
  await migrate(client, { ...place, migrates: true });
  const access = { db: drizzle(client), tables: tablesIn(place.schemaName) };
  await client.query('BEGIN');
  // A process that joins the replicas waits for this lock before it writes anything.
  const { schema, replicas } = access.tables;
  await access.db.execute(
    sql`SELECT pg_advisory_xact_lock(hashtext(${`${schema.schemaName}.join`}))`,
  );
  await access.db.execute(sql`LOCK TABLE ${replicas} IN SHARE ROW EXCLUSIVE MODE`);
  const holder = await liveHolder(access);
  if (holder === null) return { kind: 'opened', side: withFaults(sideOf(client, access), place) };
  await endClient(client);
  return { kind: 'busy', holder };
}

async function liveHolder({ db, tables: { replicas } }: Access): Promise<Holder | null> {
  const ageMs = sql<number>`${databaseNow} - ${replicas.seenAt}`.mapWith(Number);
  const rows = await db.select({ holder: replicas.holder, ageMs }).from(replicas);
  const live = rows.find(({ holder: { host, pid }, ageMs: age }) => {
    const hasEnded = host === hostname() && pid !== process.pid && !isAlive(pid);
    return !hasEnded && age <= goneAfterMs;
  });
  return live?.holder ?? null;
}

function sideOf(client: pg.Client, access: Access): Side {
  const { db, tables } = access;
  const { deliveries, inbox, keyValues, replicas, schema } = tables;
  const tableOf = (table: MovedTable): PgTable => tables[table];
  const columnsOf = (table: MovedTable) =>
    movedColumns<PgColumn>(table, getTableColumns(tables[table]));
  const numbersOf = (table: MovedTable) => {
    const name = `${quoted(schema.schemaName)}.${quoted(getTableName(tables[table]))}`;
    return sql`pg_get_serial_sequence(${name}, ${movedTables[table][0]})::regclass`;
  };
  return {
    marks: () => marksOf(access),
    async page(table, after, limit) {
      const columns = columnsOf(table);
      const order = movedTables[table].flatMap((name) => columns[name] ?? []);
      return db
        .select(columns)
        .from(tableOf(table))
        .where(after === null ? undefined : isAfter(table, columns, after))
        .orderBy(...order.map((column) => asc(column)))
        .limit(limit);
    },
    async lastNumbers() {
      const read = numberedTables.map(
        (table) =>
          sql`SELECT ${table}::text AS name, pg_sequence_last_value(${numbersOf(table)}) AS last`,
      );
      const { rows } = await db.execute<{ name: string; last: number | null }>(
        sql.join(read, sql` UNION ALL `),
      );
      return Object.fromEntries(rows.map(({ name, last }) => [name, last ?? 0]));
    },
    async appliedThrough() {
      const [first] = await db.select({ id: min(inbox.delivery) }).from(inbox);
      // Some deliveries with higher ids may have become hints already. They become hints again, which
      // only makes the service check these people once more.
      if (first?.id != null) return first.id - 1;
      const { rows } = await db.execute<{ last: number | null }>(
        sql`SELECT pg_sequence_last_value(${numbersOf('deliveries')}) AS last`,
      );
      return rows[0]?.last ?? 0;
    },

    async clear() {
      const all = [...tableNames.map(tableOf), inbox].map((table) => sql`${table}`);
      await db.execute(sql`TRUNCATE ${sql.join(all, sql`, `)}`);
      await db.delete(replicas);
    },
    async insert(table, rows) {
      await db
        .insert(tableOf(table))
        .overridingSystemValue()
        .values([...rows]);
    },
    async setLastNumbers(numbers) {
      for (const table of numberedTables) {
        const last = numbers[table] ?? 0;
        await db.execute(
          sql`SELECT setval(${numbersOf(table)}, ${Math.max(1, last)}, ${last > 0})`,
        );
      }
    },
    async setAppliedThrough(id) {
      await db.execute(sql`INSERT INTO ${inbox} (delivery, replica, received_at)
        SELECT ${deliveries.id}, 'move', ${deliveries.receivedAt} FROM ${deliveries}
        WHERE ${deliveries.id} > ${id} AND ${deliveries.answer} = 'accepted'
          AND num_nulls(${deliveries.trigger}, ${deliveries.userId}, ${deliveries.shows}) = 0`);
    },
    async commitArriving(from) {
      await setValue(access, 'arriving', from);
      await client.query('COMMIT');
    },
    async commitMoved(to) {
      await setValue(access, 'moved_to', to);
      // A process that was silent for a long time has no row any more, so it can commit nothing.
      await db.delete(replicas);
      await client.query('COMMIT');
    },
    async arrive() {
      await db.delete(keyValues).where(eq(keyValues.key, 'arriving'));
      // A transaction is open only if the move was run again for this step. Otherwise, COMMIT does
      // nothing.
      await client.query('COMMIT');
    },
    close: () => endClient(client),
  };
}
