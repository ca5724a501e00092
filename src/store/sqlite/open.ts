import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { type BetterSQLite3Database, drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import { z } from 'zod';
import { projectPath } from '../../project.ts';
import * as schema from './schema.ts';

const journalSchema = z.object({ entries: z.array(z.object({ when: z.number() })).min(1) });

export type Db = BetterSQLite3Database<typeof schema> & { $client: Database.Database };

/**
 * How long a statement waits for another program that holds the database. The whole process waits
 * with it, so it is short: a delivery is answered 503 and comes again.
 */
const busyTimeoutMs = 250;

/**
 * Opens the database for the one process that writes it, and brings its tables up to date.
 * @param file absolute path; it and its folder are made when missing, readable by its owner only
 * @throws when the file was written by a newer version of this program, or cannot be opened
 */
export function openForWriting(file: string): Db {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // SQLite would make it readable by everybody; its -wal and -shm take the mode of the file.
  closeSync(openSync(file, 'a', 0o600));
  const client = new Database(file, { timeout: busyTimeoutMs });
  client.pragma('journal_mode = WAL');
  // better-sqlite3 opens WAL with NORMAL, which loses the last commits with the power.
  client.pragma('synchronous = FULL');
  client.pragma('foreign_keys = ON');
  client.pragma('trusted_schema = OFF');
  // What is deleted is gone from the file, not only from its tables: see `forget`.
  client.pragma('secure_delete = ON');
  assertDurable(client, file);
  const db = drizzle(client, { schema });
  refuseNewer(client, file);
  migrate(db, { migrationsFolder: projectPath('drizzle') });
  return db;
}

/**
 * Opens an existing database for reading, beside a process that may be writing it.
 * @throws when there is no such file, or when its tables are not those of this version
 */
export function openForReading(file: string): Db {
  const client = new Database(file, { readonly: true, fileMustExist: true, timeout: 5_000 });
  refuseNewer(client, file);
  if (lastMigration(client) < newestMigration()) {
    client.close();
    throw new Error(`${file} was written by an older version: start the service once to update it`);
  }
  return drizzle(client, { schema });
}

function assertDurable(client: Database.Database, file: string): void {
  const journal = client.pragma('journal_mode', { simple: true });
  const synchronous = client.pragma('synchronous', { simple: true });
  if (journal === 'wal' && synchronous === 2) return;
  throw new Error(
    `${file} cannot be written durably (journal ${journal}, synchronous ${synchronous}): use a local disk`,
  );
}

function refuseNewer(client: Database.Database, file: string): void {
  if (lastMigration(client) <= newestMigration()) return;
  client.close();
  throw new Error(
    `${file} was written by a newer version of docspace-welcome: update this program, or restore a backup`,
  );
}

/** drizzle notes each migration with the time of its making (`__drizzle_migrations.created_at`). */
export function lastMigration(client: Database.Database): number {
  const isThere = client
    .prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '__drizzle_migrations'")
    .get();
  if (!isThere) return 0;
  const last = client.prepare('SELECT max(created_at) FROM __drizzle_migrations').pluck().get();
  return Number(last ?? 0);
}

export function newestMigration(): number {
  const journal: unknown = JSON.parse(
    readFileSync(projectPath('drizzle/meta/_journal.json'), 'utf8'),
  );
  const { entries } = journalSchema.parse(journal);
  return Math.max(...entries.map((entry) => entry.when));
}
