import { existsSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { DatabaseSight, Use } from '../sight.ts';
import { holderFile, isBusy, readHolder } from './lock.ts';
import { lastMigration, newestMigration } from './open.ts';

/** @param file absolute path; nothing is made or written */
export function inspectDatabase(file: string): DatabaseSight {
  if (!existsSync(file)) return { kind: 'missing' };
  try {
    const client = new Database(file, { readonly: true, fileMustExist: true, timeout: 5_000 });
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
    return { kind: 'unreadable', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Looks at the lock only where a holder left its text, so that a starting service is never in its way. */
export function inspectUse(file: string): Use {
  if (!existsSync(holderFile(file))) return { kind: 'free' };
  const kind = isLocked(`${file}.lock`) ? 'served' : 'left';
  const holder = readHolder(file);
  return { kind, pid: holder?.pid ?? null, url: holder?.url ?? null };
}

function isLocked(lockFile: string): boolean {
  if (!existsSync(lockFile)) return false;
  const client = new Database(lockFile, { readonly: true, fileMustExist: true, timeout: 0 });
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
