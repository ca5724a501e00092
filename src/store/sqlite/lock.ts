import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { z } from 'zod';

/** Who holds the lock of a database; only text, for people and for the way to its HTTP API. */
export type Holder = { readonly pid: number; readonly url: string | null };

export type Lock = {
  /** The process before ended without releasing it: killed, or the power went. */
  readonly isAfterUncleanStop: boolean;
  /** Says where the holder can be reached. */
  readonly announce: (url: string) => void;
  readonly release: () => void;
};

const holderSchema = z.object({ pid: z.number(), url: z.string().nullable() });

/**
 * One writing process per database. The lock is a second SQLite file held exclusively, which dies
 * with its process, where a pid would not in a container.
 * @param databaseFile absolute path; the lock lies beside it
 */
export function acquireLock(
  databaseFile: string,
):
  | { readonly kind: 'held'; readonly lock: Lock }
  | { readonly kind: 'busy'; readonly holder: Holder | null } {
  mkdirSync(dirname(databaseFile), { recursive: true, mode: 0o700 });
  const database = new Database(`${databaseFile}.lock`, { timeout: 0 });
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

/** The lock lives as long as its handle, which the garbage collector would close when forgotten. */
const held = new Set<Database.Database>();

function letGo(database: Database.Database): void {
  held.delete(database);
  database.close();
}

export function holderFile(databaseFile: string): string {
  return `${databaseFile}.holder.json`;
}

/** @returns null when the text is not there (yet), or is not ours */
export function readHolder(databaseFile: string): Holder | null {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(holderFile(databaseFile), 'utf8')));
  } catch {
    // The text is a courtesy of the holder: without it the lock is as busy as with it.
    return null;
  }
}

export function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
}
