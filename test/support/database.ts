import SqliteDatabase from 'better-sqlite3';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import { placeOf } from '../../src/store/place.ts';
import { openClient } from '../../src/store/postgres/connection.ts';
import { migrate } from '../../src/store/postgres/migrate.ts';
import { databasePool } from './postgres.ts';

/*
 * The database of a test of the whole service: a SQLite file, or with `TEST_STORE=postgres` a
 * PostgreSQL database for each folder.
 */

export const isSqlite = process.env['TEST_STORE'] !== 'postgres';

export const schemaName = 'docspace_welcome';

/** Takes an empty PostgreSQL database that has all tables. */
export const takeMigratedDatabase = databasePool(async (url) => {
  const place = placeOf(url, schemaName);
  const client = await openClient(place);
  await migrate(client, place);
  await client.end();
});

const urls = new Map<string, Promise<string>>();

/** The settings by which a service in this folder finds its database. None are needed for SQLite. */
export async function databaseSettings(folder: string): Promise<Readonly<Record<string, string>>> {
  if (isSqlite) return {};
  return { DATABASE_URL: await urlFor(folder), FORGET_KEY_FILE: `${folder}/forget-key` };
}

function urlFor(folder: string): Promise<string> {
  const known = urls.get(folder);
  if (known) return known;
  const taken = takeMigratedDatabase();
  urls.set(
    folder,
    taken.then(({ url }) => url),
  );
  // The services that use it end earlier, because they are started later in the test.
  onTestFinished(async () => (await taken).giveBack());
  return taken.then(({ url }) => url);
}

/** A database as `Config` names it. */
export type TestDatabase =
  | { readonly kind: 'sqlite'; readonly file: string }
  | { readonly kind: 'postgres'; readonly place: { readonly url: string } };

/** The database of the processes that run in this folder. */
export async function databaseIn(folder: string): Promise<TestDatabase> {
  if (isSqlite) return { kind: 'sqlite', file: `${folder}/welcome.db` };
  return { kind: 'postgres', place: { url: await urlFor(folder) } };
}

/**
 * Runs a statement with parameters `$1`, `$2` and so on, whether or not a service has the database
 * open.
 */
export async function queryDatabase<Row>(
  database: TestDatabase,
  sql: string,
  ...values: readonly unknown[]
): Promise<Row[]> {
  // The caller knows the columns that its query selects.
  if (database.kind === 'sqlite') return querySqlite(database.file, sql, values) as Row[];
  const client = new pg.Client({
    connectionString: database.place.url,
    options: `-c search_path=${schemaName}`,
  });
  await client.connect();
  try {
    // As above.
    return (await client.query(sql, [...values])).rows as Row[];
  } finally {
    await client.end();
  }
}

function querySqlite(file: string, sql: string, values: readonly unknown[]): unknown[] {
  const readonly = /^(SELECT|EXPLAIN|PRAGMA) /.test(sql);
  const database = new SqliteDatabase(file, { readonly, fileMustExist: true });
  try {
    const statement = database.prepare(sql);
    const named = Object.fromEntries(values.map((value, index) => [String(index + 1), value]));
    if (statement.reader) return statement.all(named);
    statement.run(named);
    return [];
  } finally {
    database.close();
  }
}
