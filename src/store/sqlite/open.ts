import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { type BetterSQLite3Database, drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import { z } from 'zod';
import { projectPath } from '../../project.ts';
import type { DatabaseStatus } from '../store.ts';
import * as schema from './schema.ts';

export type Db = BetterSQLite3Database<typeof schema> & { $client: Database.Database };

const journalSchema = z.object({ entries: z.array(z.object({ when: z.number() })).min(1) });

/**
 * How long a statement waits for another program that holds the database. The whole process waits
 * with it, so it is short: a delivery is answered 503 and comes again.
 */
const busyTimeoutMs = 250;

/** How long a program that only reads waits. */
const readTimeoutMs = 5_000;

/**
 * Opens the database for the one process that writes it, and brings its tables up to date.
 * @param file absolute path; it and its folder are made when missing, readable by its owner only
 * @throws when the file was written by a newer version of this program, or cannot be opened
 */
export function openForWriting(file: string): Db {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  makePrivately(file);
  const client = new Database(file, { timeout: busyTimeoutMs });
  client.pragma('journal_mode = WAL');
  // better-sqlite3 opens WAL with NORMAL, which loses the last commits when the power fails.
  client.pragma('synchronous = FULL');
  client.pragma('foreign_keys = ON');
  client.pragma('trusted_schema = OFF');
  // Deleted content is overwritten in the file, not only unlinked: see `erasure.ts`.
  client.pragma('secure_delete = ON');
  assertDurable(client, file);
  refuseNewer(client, file);
  const db = drizzle(client, { schema });
  migrate(db, { migrationsFolder: projectPath('drizzle') });
  return db;
}

/**
 * Opens an existing database for reading, beside a process that may be writing it.
 * @throws when there is no such file, or when its tables are not those of this version
 */
export function openForReading(file: string): Db {
  const client = openReadonly(file);
  refuseNewer(client, file);
  if (lastMigration(client) < newestMigration()) {
    client.close();
    throw new Error(`${file} was written by an older version: start the service once to update it`);
  }
  return drizzle(client, { schema });
}

/** SQLite would make the file readable by everybody. Its -wal and -shm files take its mode. */
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
  client.close();
  throw new Error(
    `${file} was written by a newer version of docspace-welcome: update this program, or restore a backup`,
  );
}

/** Drizzle records the time at which each migration was made (`__drizzle_migrations.created_at`). */
function lastMigration(client: Database.Database): number {
  const isThere = client
    .prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '__drizzle_migrations'")
    .get();
  if (!isThere) return 0;
  return Number(client.prepare('SELECT max(created_at) FROM __drizzle_migrations').pluck().get());
}

export function newestMigration(): number {
  const journal: unknown = JSON.parse(
    readFileSync(projectPath('drizzle/meta/_journal.json'), 'utf8'),
  );
  const { entries } = journalSchema.parse(journal);
  return Math.max(...entries.map((entry) => entry.when));
}

/** @param file absolute path; nothing is made or written */
export function inspectDatabase(file: string): DatabaseStatus {
  if (!existsSync(file)) return { kind: 'missing' };
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
    return { kind: 'unreadable', detail: error instanceof Error ? error.message : String(error) };
  }
}

/** The thread has no source file of its own: evaluated text runs the same from src/ and from dist/. */
const quickCheckSource = `
  const { parentPort, workerData } = require('node:worker_threads');
  const Database = require(workerData.driver);
  const database = new Database(workerData.file, { readonly: true, timeout: 5000 });
  parentPort.postMessage(database.pragma('quick_check(1)', { simple: true }));
  database.close();
`;

/**
 * Looks for damage in the database file, in a thread, so that nothing waits for it
 * (sqlite.org/pragma.html#pragma_quick_check).
 * @returns null when the file is sound, else what SQLite says about the first damage
 * @throws when the file cannot be read
 */
export function quickCheck(file: string): Promise<string | null> {
  const workerData = { driver: createRequire(import.meta.url).resolve('better-sqlite3'), file };
  return new Promise((resolve, reject) => {
    // Without the parent's --import hooks: the thread runs plain JavaScript.
    const thread = new Worker(quickCheckSource, { eval: true, execArgv: [], workerData });
    thread.once('message', (message: unknown) => {
      const text = z.string().parse(message);
      resolve(text === 'ok' ? null : text);
    });
    thread.once('error', reject);
  });
}
