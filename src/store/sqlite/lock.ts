import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { z } from 'zod';
import type { LockStatus } from '../store.ts';
import { makePrivately, openReadonly } from './open.ts';

/** Who holds the lock of a database. It is only text: for people, and to find the HTTP API. */
export type Holder = { readonly pid: number; readonly url: string | null };

export type Lock = {
  /** The process before ended without releasing the lock: it was killed, or the power failed. */
  readonly isAfterUncleanStop: boolean;
  /** Records where the holder can be reached. */
  readonly announce: (url: string) => void;
  readonly release: () => void;
};

const holderSchema = z.object({ pid: z.number(), url: z.string().nullable() });

/**
 * One writing process per database. The lock is a second SQLite file that is held exclusively. It ends
 * with its process; a pid would not do in a container, where every process has the same.
 * @param databaseFile absolute path; the lock lies beside it
 */
export function acquireLock(
  databaseFile: string,
):
  | { readonly kind: 'held'; readonly lock: Lock }
  | { readonly kind: 'busy'; readonly holder: Holder | null } {
  mkdirSync(dirname(databaseFile), { recursive: true, mode: 0o700 });
  makePrivately(lockFile(databaseFile));
  const database = new Database(lockFile(databaseFile), { timeout: 0 });
  held.add(database);
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    letGo(database);
    if (isBusy(error)) return { kind: 'busy', holder: readHolder(databaseFile) };
    throw error;
  }
  const isAfterUncleanStop = existsSync(holderFile(databaseFile));
  const announce = (url: string | null) =>
    writeFileSync(holderFile(databaseFile), JSON.stringify({ pid: process.pid, url }), {
      mode: 0o600,
    });
  announce(null);
  return {
    kind: 'held',
    lock: {
      isAfterUncleanStop,
      announce,
      release() {
        rmSync(holderFile(databaseFile), { force: true });
        letGo(database);
      },
    },
  };
}

/** Keeps the handles of held locks: the garbage collector would close one that nobody refers to. */
const held = new Set<Database.Database>();

function letGo(database: Database.Database): void {
  held.delete(database);
  database.close();
}

/** Tries the lock only where a holder left its text, so that a starting service is never disturbed. */
export function inspectLock(databaseFile: string): LockStatus {
  if (!existsSync(holderFile(databaseFile))) return { kind: 'free' };
  const kind = isLocked(lockFile(databaseFile)) ? 'served' : 'left';
  const holder = readHolder(databaseFile);
  return { kind, pid: holder?.pid ?? null, url: holder?.url ?? null };
}

function isLocked(file: string): boolean {
  if (!existsSync(file)) return false;
  const client = openReadonly(file, 0);
  try {
    client.prepare('SELECT count(*) FROM sqlite_master').get();
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    client.close();
  }
}

function lockFile(databaseFile: string): string {
  return `${databaseFile}.lock`;
}

function holderFile(databaseFile: string): string {
  return `${databaseFile}.holder.json`;
}

/** @returns null when the text is not there (yet), or is not ours */
function readHolder(databaseFile: string): Holder | null {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(holderFile(databaseFile), 'utf8')));
  } catch {
    // The text only helps people: without it the lock is held all the same.
    return null;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
}
