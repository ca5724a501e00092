import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { z } from 'zod';
import { projectPath } from '../../project.ts';
import type { Place } from './connection.ts';

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
 * Creates the schema and its tables, or brings them up to date, in one transaction.
 * @throws Error if a newer version of this program has written them
 */
export async function migrate(client: pg.Client, { schemaName, shown }: Place): Promise<void> {
  const schema = quoted(schemaName);
  await client.query('BEGIN');
  try {
    // The lock ends with the transaction, so PgBouncer cannot leave it with another program.
    await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`${schemaName}.migrations`]);
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    await client.query(
      `CREATE TABLE IF NOT EXISTS ${schema}.migrations (hash text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`,
    );
    const { rows } = await client.query<{ hash: string }>(`SELECT hash FROM ${schema}.migrations`);
    const applied = new Set(rows.map((row) => row.hash));
    const all = migrationsFor(schemaName);
    if (rows.some(({ hash }) => !all.some((one) => one.hash === hash))) {
      throw new Error(
        `the tables of ${shown} were written by a newer version of docspace-welcome: update this program, or restore a backup`,
      );
    }
    for (const { hash, statements } of all.filter((one) => !applied.has(one.hash))) {
      for (const statement of statements) await client.query(statement);
      await client.query(`INSERT INTO ${schema}.migrations (hash) VALUES ($1)`, [hash]);
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}
