import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { z } from 'zod';
import { projectPath } from '../../project.ts';
import type { Place } from '../place.ts';
import { DatabaseRefused, type DatabaseServer, type Migrated } from '../store.ts';
import { beginStatement, quoted } from './connection.ts';

/*
 * Drizzle's own `migrate()` takes no lock, so replicas that start at the same time would disturb each
 * other. That is why this module runs the files that Drizzle generates, in the schema of the settings.
 * The number of a migration is its place in the journal, from 1. The number of a program is the number
 * of the newest migration that the program knows.
 */

/**
 * The lowest number of a program that can use the tables as this program leaves them. Only a migration
 * that removes something raises this number (CONTRIBUTING.md#add-a-database).
 */
const compatibleSince = 1;

const oldestServer = 140_000;
/** A migration may read or rewrite a whole table. */
const migrationTimeoutMs = 3_600_000;

const journalSchema = z.object({ entries: z.array(z.object({ tag: z.string() })).min(1) });
const generatedSchema = '"docspace_welcome"';

/** Returns the statements of each migration, in their order. */
function migrationsFor(schemaName: string): readonly (readonly string[])[] {
  return readJournal().map(({ tag }) =>
    readFileSync(`${projectPath('drizzle/postgres')}/${tag}.sql`, 'utf8')
      .split('--> statement-breakpoint')
      .filter((statement) => !statement.trim().startsWith('CREATE SCHEMA'))
      .map((statement) => statement.replaceAll(generatedSchema, quoted(schemaName))),
  );
}

function readJournal() {
  // The path is not stored in a constant, because tests replace this folder.
  const folder = projectPath('drizzle/postgres');
  const journal: unknown = JSON.parse(readFileSync(`${folder}/meta/_journal.json`, 'utf8'));
  return journalSchema.parse(journal).entries;
}

/** Returns the number of the newest migration that this program knows. */
export function programNumber(): number {
  return readJournal().length;
}

/**
 * `number`: the number of the newest applied migration (0: there are no tables). `compatibleSince`: the
 * lowest number of a program that can use the tables.
 */
type Applied = { readonly number: number; readonly compatibleSince: number };

async function readApplied(client: pg.Client, schemaName: string): Promise<Applied> {
  const table = `${quoted(schemaName)}.migrations`;
  const found = await client.query('SELECT to_regclass($1) AS found', [table]);
  if (found.rows[0].found === null) return { number: 0, compatibleSince: 0 };
  const { rows } = await client.query<Applied>(
    `SELECT coalesce(max(number), 0) AS number, coalesce(max(compatible_since), 0) AS "compatibleSince" FROM ${table}`,
  );
  return rows[0] ?? { number: 0, compatibleSince: 0 };
}

/**
 * Compares the version of the tables with this program. Newer tables count as `this` if this program can
 * use them.
 * @returns null if there are no tables
 */
export async function versionOf(
  client: pg.Client,
  { schemaName }: Place,
): Promise<'this' | 'older' | 'newer' | null> {
  const applied = await readApplied(client, schemaName);
  const known = programNumber();
  if (applied.number === 0) return null;
  if (applied.compatibleSince > known) return 'newer';
  return applied.number < known ? 'older' : 'this';
}

/**
 * Creates the schema and its tables, or brings them up to date, in one transaction. Programs that are
 * too old for the new tables lose their rows in `replicas`, without which they cannot commit.
 * If this throws, the caller ends the connection, and the transaction with it.
 * @param usableSince the lowest number of a program that can use the new tables
 * @throws DatabaseRefused if the server or the tables do not fit this program, or if the tables are
 *   missing or older, and `place` does not allow changing them
 */
export async function migrate(
  client: pg.Client,
  place: Place,
  usableSince = compatibleSince,
): Promise<Migrated> {
  const { schemaName, shown } = place;
  const schema = quoted(schemaName);
  refuseServer(await readServer(client), shown);
  await client.query(beginStatement);
  // The time-outs of the role are meant for single statements of the service.
  await client.query('SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0');
  // The lock ends with the transaction, so PgBouncer cannot pass it on to another program.
  await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`${schemaName}.migrations`]);
  const applied = await readApplied(client, schemaName);
  const migrations = migrationsFor(schemaName);
  refuseTables(applied, migrations.length, place);
  if (applied.number === 0) {
    // `IF NOT EXISTS` would need the right to create schemas, even if the schema exists.
    const found = await client.query('SELECT to_regnamespace($1) AS found', [schema]);
    if (found.rows[0].found === null) await client.query(`CREATE SCHEMA ${schema}`);
    await client.query(
      `CREATE TABLE ${schema}.migrations (number integer PRIMARY KEY, compatible_since integer NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
    );
  }
  for (const [index, statements] of migrations.entries()) {
    if (index < applied.number) continue;
    for (const text of statements) {
      // The types of the driver lack `query_timeout`. TypeScript accepts it only in an object that is
      // not written inside the call.
      const statement = { text, query_timeout: migrationTimeoutMs };
      await client.query(statement);
    }
    await client.query(
      `INSERT INTO ${schema}.migrations (number, compatible_since) VALUES ($1, $2)`,
      [index + 1, usableSince],
    );
  }
  if (applied.compatibleSince < usableSince) {
    await client.query(`DELETE FROM ${schema}.replicas WHERE program < $1`, [usableSince]);
  }
  await client.query('COMMIT');
  return { from: applied.number, to: Math.max(applied.number, migrations.length) };
}

/** @throws DatabaseRefused if the program with this number is too old for the tables */
export async function refuseNewer(client: pg.Client, place: Place, program: number): Promise<void> {
  assertUsable(await readApplied(client, place.schemaName), program, place);
}

function assertUsable(applied: Applied, known: number, { shown }: Place): void {
  if (applied.compatibleSince <= known) return;
  throw new DatabaseRefused(
    `the tables of ${shown} were written by a newer version of docspace-welcome (their migrations go up to number ${applied.number}, those of this program to ${known}): update this program, or restore a backup`,
  );
}

function refuseTables(applied: Applied, known: number, place: Place): void {
  const { shown, migrates } = place;
  assertUsable(applied, known, place);
  if (migrates || applied.number >= known) return;
  const found =
    applied.number === 0
      ? `${shown} has no tables of docspace-welcome`
      : `the tables of ${shown} are of an older version (their migrations go up to number ${applied.number}, those of this program to ${known})`;
  throw new DatabaseRefused(`${found}, and MIGRATE is off: run "docspace-welcome migrate"`);
}

/** Reads the properties of the server that matter to this program. */
export async function readServer(client: pg.Client): Promise<DatabaseServer> {
  const { rows } = await client.query(`SELECT current_setting('server_version_num') AS number,
    current_setting('server_version') AS version, current_setting('server_encoding') AS encoding,
    current_setting('synchronous_commit') AS commits,
    EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm') AS trigrams`);
  const { number, version, encoding, commits, trigrams } = rows[0];
  return {
    version,
    encoding,
    isTooOld: Number(number) < oldestServer,
    isOtherEncoding: encoding !== 'UTF8',
    losesCommits: commits === 'off',
    hasTrigrams: trigrams,
  };
}

function refuseServer(server: DatabaseServer, shown: string): void {
  if (server.isTooOld) {
    throw new DatabaseRefused(
      `the server of ${shown} has PostgreSQL ${server.version}: use version 14 or newer`,
    );
  }
  if (server.isOtherEncoding) {
    throw new DatabaseRefused(
      `the database ${shown} has the encoding ${server.encoding}: make a new one with ENCODING 'UTF8' TEMPLATE template0, and name it in DATABASE_URL`,
    );
  }
}
