import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { type BetterSQLite3Database, drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import { z } from 'zod';
import { emailKey } from '../../domain/vocabulary.ts';
import { projectPath } from '../../project.ts';
import { faultOf } from '../files.ts';
import { foldForSearch } from '../rules.ts';
import { DatabaseRefused, type DatabaseStatus, type Migrated } from '../store.ts';
import { isOtherFile, readStamp } from './file-watch.ts';
import * as schema from './schema.ts';

export type Db = BetterSQLite3Database<typeof schema> & { $client: Database.Database };

const journalSchema = z.object({ entries: z.array(z.object({ when: z.number() })).min(1) });

/**
 * How long a statement waits for another program that locks the database. The time is short, because the
 * whole process waits. After this time, a delivery is answered 503, and the portal sends it again.
 */
const busyTimeoutMs = 250;

/** How long a program that only reads waits for a lock. */
const readTimeoutMs = 5_000;

/**
 * Opens the database for the one process that writes it, and migrates its tables.
 * @param file absolute path. If the file or its folder is missing, it is created, readable only by its
 *   owner
 * @param migrates whether the file may be created and its tables changed
 * @throws DatabaseRefused when the file was written by a newer version of this program, or when it
 *   would have to be created or migrated and `migrates` is false
 */
export function openForWriting(file: string, migrates = true): Db {
  let client: Database.Database | null = null;
  try {
    if (!migrates) refuseOlder(file);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    makePrivately(file);
    client = new Database(file, { timeout: busyTimeoutMs });
    return prepareForWriting(client, file);
  } catch (error) {
    client?.close();
    throw faultOf(error, file) ?? error;
  }
}

function prepareForWriting(client: Database.Database, file: string): Db {
  client.pragma('journal_mode = WAL');
  // The default of better-sqlite3 is NORMAL, which can lose the last commits when the power fails.
  client.pragma('synchronous = FULL');
  client.pragma('foreign_keys = ON');
  client.pragma('trusted_schema = OFF');
  // Deleted content is overwritten in the file: see `erasure.ts`.
  client.pragma('secure_delete = ON');
  assertDurable(client, file);
  refuseNewer(client, file);
  // Migrations use these two functions to fill columns.
  client.function('key_of_email', (email) => emailKey(String(email)));
  client.function('fold_for_search', (text) => foldForSearch(String(text)));
  const db = drizzle(client, { schema });
  migrate(db, { migrationsFolder: projectPath('drizzle') });
  return db;
}

/**
 * Creates the file, or brings its tables to this version. The caller holds the lock of the database.
 * @throws the same errors as `openForWriting`
 */
export function migrateFile(file: string): Migrated {
  const from = existsSync(file) ? migrationNumber(writtenBy(file)) : 0;
  openForWriting(file).$client.close();
  return { from, to: migrationNumber(newestMigration()) };
}

/** Returns the newest migration of an existing file: see `lastMigration`. */
function writtenBy(file: string): number {
  try {
    const client = openReadonly(file);
    try {
      return lastMigration(client);
    } finally {
      client.close();
    }
  } catch (error) {
    throw faultOf(error, file) ?? error;
  }
}

function refuseOlder(file: string): void {
  const isThere = existsSync(file);
  if (isThere && writtenBy(file) >= newestMigration()) return;
  const found = isThere ? `${file} was written by an older version` : `${file} does not exist`;
  throw new DatabaseRefused(`${found}, and MIGRATE is off: run "docspace-welcome migrate"`);
}

/**
 * Opens an existing database for reading, while another process may be writing it.
 * @throws when the file does not exist, or when its tables are not of this version
 */
export function openForReading(file: string): Db {
  let client: Database.Database | null = null;
  try {
    client = openReadonly(file);
    return prepareForReading(client, file);
  } catch (error) {
    client?.close();
    throw faultOf(error, file) ?? error;
  }
}

function prepareForReading(client: Database.Database, file: string): Db {
  refuseNewer(client, file);
  if (lastMigration(client) < newestMigration()) {
    throw new DatabaseRefused(
      `${file} was written by an older version: run "docspace-welcome migrate", or start the service once`,
    );
  }
  return drizzle(client, { schema });
}

/**
 * Creates the file readable only by its owner, if it does not exist. SQLite gives its -wal and -shm
 * files the same mode. If SQLite created the file, everybody could read it.
 */
export function makePrivately(file: string): void {
  closeSync(openSync(file, 'a', 0o600));
}

export function openReadonly(file: string, timeoutMs = readTimeoutMs): Database.Database {
  return new Database(file, { readonly: true, fileMustExist: true, timeout: timeoutMs });
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
  throw new DatabaseRefused(
    `${file} was written by a newer version of docspace-welcome: update this program, or restore a backup`,
  );
}

/**
 * Returns the newest migration that a database has, as the time when the SQL of the migration was
 * generated (UTC ms; 0: no migration). Drizzle stores this time in `__drizzle_migrations`.
 */
function lastMigration(client: Database.Database): number {
  const isThere = client
    .prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '__drizzle_migrations'")
    .get();
  if (!isThere) return 0;
  return Number(client.prepare('SELECT max(created_at) FROM __drizzle_migrations').pluck().get());
}

export function newestMigration(): number {
  return Math.max(...migrationTimes());
}

/** The number of known migrations that were generated at this time (UTC ms) or earlier. */
function migrationNumber(until: number): number {
  return migrationTimes().filter((time) => time <= until).length;
}

function migrationTimes(): readonly number[] {
  const path = projectPath('drizzle/meta/_journal.json');
  const journal: unknown = JSON.parse(readFileSync(path, 'utf8'));
  return journalSchema.parse(journal).entries.map((entry) => entry.when);
}

/**
 * Reads the status of a database without creating or writing anything.
 * @param file absolute path
 * @param isServed whether a service uses the database now
 */
export function inspectDatabase(file: string, isServed = false): DatabaseStatus {
  const stamp = readStamp(file);
  if (!existsSync(file)) return { kind: 'missing', servedUntil: stamp?.at ?? null };
  if (isServed && stamp && isOtherFile(file, stamp)) return { kind: 'replaced' };
  try {
    const client = openReadonly(file);
    try {
      const written = lastMigration(client);
      const known = newestMigration();
      return {
        kind: 'database',
        version: written === known ? 'this' : written < known ? 'older' : 'newer',
        journalMode: String(client.pragma('journal_mode', { simple: true })),
        sizeBytes: statSync(file).size,
      };
    } finally {
      client.close();
    }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const detail = faultOf(error, file)?.message ?? `${file} cannot be read: ${text}`;
    return { kind: 'unreadable', detail };
  }
}

/** The thread's code is a string, because a file would have another path in src/ than in dist/. */
const quickCheckSource = `
  const { parentPort, workerData } = require('node:worker_threads');
  const Database = require(workerData.driver);
  const database = new Database(workerData.file, { readonly: true, timeout: 5000 });
  parentPort.postMessage(database.pragma('quick_check(1)', { simple: true }));
  database.close();
`;

/**
 * Searches the database file for damage (sqlite.org/pragma.html#pragma_quick_check). The search runs in
 * a thread, so that other work can go on.
 * @returns null if the file is sound, else SQLite's description of the first damage
 * @throws when the file cannot be read
 */
export function quickCheck(file: string): Promise<string | null> {
  const workerData = { driver: createRequire(import.meta.url).resolve('better-sqlite3'), file };
  return new Promise((resolve, reject) => {
    // The thread runs plain JavaScript, so it does not need the --import hooks of the parent.
    const thread = new Worker(quickCheckSource, { eval: true, execArgv: [], workerData });
    thread.once('message', (message: unknown) => {
      const text = z.string().parse(message);
      resolve(text === 'ok' ? null : text);
    });
    thread.once('error', reject);
  });
}
