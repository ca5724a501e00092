import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { z } from 'zod';
import { projectPath } from '../../project.ts';
import type { Place } from '../place.ts';
import { beginStatement } from './connection.ts';

/*
 * Drizzle's own `migrate()` takes no lock: of four replicas that start at the same time, three fail.
 * Its files are used, with the schema of the settings.
 */

const journalSchema = z.object({ entries: z.array(z.object({ tag: z.string() })).min(1) });
const generatedSchema = '"docspace_welcome"';

type Migration = { readonly hash: string; readonly statements: readonly string[] };

function migrationsFor(schemaName: string): readonly Migration[] {
  const folder = projectPath('drizzle/postgres');
  const journal: unknown = JSON.parse(readFileSync(`${folder}/meta/_journal.json`, 'utf8'));
  return journalSchema.parse(journal).entries.map(({ tag }) => {
    const text = readFileSync(`${folder}/${tag}.sql`, 'utf8');
    const statements = text
      .split('--> statement-breakpoint')
      .filter((statement) => !statement.trim().startsWith('CREATE SCHEMA'))
      .map((statement) => statement.replaceAll(generatedSchema, quoted(schemaName)));
    return { hash: createHash('sha256').update(text).digest('hex'), statements };
  });
}

/** A name as SQL writes it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * The version of the tables.
 * @returns null if there are none
 */
export async function versionOf(
  client: pg.Client,
  { schemaName }: Place,
): Promise<'this' | 'older' | 'newer' | null> {
  const table = `${quoted(schemaName)}.migrations`;
  const found = await client.query('SELECT to_regclass($1) AS found', [table]);
  if (found.rows[0].found === null) return null;
  const applied = await appliedMigrations(client, schemaName);
  const known = migrationsFor(schemaName).map(({ hash }) => hash);
  if ([...applied].some((hash) => !known.includes(hash))) return 'newer';
  return known.every((hash) => applied.has(hash)) ? 'this' : 'older';
}

async function appliedMigrations(client: pg.Client, schemaName: string): Promise<Set<string>> {
  const table = `${quoted(schemaName)}.migrations`;
  const { rows } = await client.query<{ hash: string }>(`SELECT hash FROM ${table}`);
  return new Set(rows.map((row) => row.hash));
}

/**
 * Creates the schema and its tables, or brings them up to date, in one transaction.
 * If this throws, the caller ends the connection, and the transaction with it.
 * @throws Error if a newer version of this program has written them
 */
export async function migrate(client: pg.Client, place: Place): Promise<void> {
  const { schemaName, shown } = place;
  const schema = quoted(schemaName);
  await client.query(beginStatement);
  // The lock ends with the transaction, so PgBouncer cannot leave it with another program.
  await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`${schemaName}.migrations`]);
  const version = await versionOf(client, place);
  if (version === 'newer') {
    throw new Error(
      `the tables of ${shown} were written by a newer version of docspace-welcome: update this program, or restore a backup`,
    );
  }
  if (version === null) {
    // `IF NOT EXISTS` would need the right to create schemas, even if the schema exists.
    const found = await client.query('SELECT to_regnamespace($1) AS found', [schema]);
    if (found.rows[0].found === null) await client.query(`CREATE SCHEMA ${schema}`);
    await client.query(
      `CREATE TABLE ${schema}.migrations (hash text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`,
    );
  }
  const applied = await appliedMigrations(client, schemaName);
  const missing = migrationsFor(schemaName).filter(({ hash }) => !applied.has(hash));
  for (const { hash, statements } of missing) {
    for (const statement of statements) await client.query(statement);
    await client.query(`INSERT INTO ${schema}.migrations (hash) VALUES ($1)`, [hash]);
  }
  await client.query('COMMIT');
}
