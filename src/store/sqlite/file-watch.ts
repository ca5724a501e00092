import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';

/** The device and inode of a file. Null if there is no file, or if it cannot be read. */
function identityOf(path: string): string | null {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return null;
  }
}

/**
 * Remembers which files are open now. If a file is removed or replaced, SQLite keeps writing to the
 * old file, and everything that it writes there is lost.
 * @param client a connection that has just been opened
 * @returns a function that tells whether the database and its write-ahead log are still the files at
 *   their paths
 */
export function watchFiles(client: Database): () => boolean {
  // The first read opens the write-ahead log.
  client.prepare('SELECT count(*) FROM sqlite_master').get();
  const paths = [client.name, `${client.name}-wal`];
  const opened = paths.map(identityOf);
  return () => paths.every((path, index) => identityOf(path) === opened[index]);
}

/**
 * The content of the stamp, a file beside the database. If an older copy replaces the database, the
 * copy has a lower commit number than the stamp.
 */
const stampSchema = z.object({
  /** See `commitNumber`. */
  commit: z.number(),
  /** When the stamp was written (UTC ms). */
  at: z.number(),
  /** The database file at that time: see `identityOf`. */
  identity: z.string().nullable(),
});
export type Stamp = z.infer<typeof stampSchema>;

function stampFile(databaseFile: string): string {
  return `${databaseFile}.stamp.json`;
}

/** @returns null if no service has used a database at this path yet, or if the stamp cannot be read */
export function readStamp(databaseFile: string): Stamp | null {
  try {
    return stampSchema.parse(JSON.parse(readFileSync(stampFile(databaseFile), 'utf8')));
  } catch {
    // The service works without the stamp, but then it does not recognise an older copy.
    return null;
  }
}

/** Replaces the stamp in one step. Errors are ignored, because the service works without a stamp. */
export function writeStamp(databaseFile: string, stamp: Omit<Stamp, 'identity'>): void {
  const unfinished = `${stampFile(databaseFile)}.unfinished`;
  try {
    const text = JSON.stringify({ ...stamp, identity: identityOf(databaseFile) });
    writeFileSync(unfinished, text, { mode: 0o600 });
    renameSync(unfinished, stampFile(databaseFile));
  } catch {
    rmSync(unfinished, { force: true });
  }
}

/** Whether the database file was removed or replaced after the stamp was written. */
export function isOtherFile(databaseFile: string, stamp: Stamp): boolean {
  return stamp.identity !== null && stamp.identity !== identityOf(databaseFile);
}

/**
 * Returns a number that grows with every new delivery, member, invitation, letter and timeline entry.
 * It does not fall, even if rows are deleted.
 */
export function commitNumber(client: Database): number {
  const sum = client.prepare('SELECT coalesce(sum(seq), 0) FROM sqlite_sequence');
  return Number(sum.pluck().get());
}
