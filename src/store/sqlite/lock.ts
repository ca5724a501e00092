import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { faultOf, isAlive } from '../files.ts';
import {
  type Holder,
  type Lock,
  type LockResult,
  type LockStatus,
  StoreUnavailable,
} from '../store.ts';
import { makePrivately, openReadonly } from './open.ts';

/** The lock of a SQLite file. Its functions are synchronous. */
type FileLock = Lock & {
  readonly announce: (url: string) => void;
  readonly release: () => void;
};

const holderSchema = z.object({
  pid: z.number(),
  url: z.string().nullable(),
  host: z.string().optional(),
});

/**
 * Takes the lock that allows one process to write a database. The lock is an exclusive lock on a second
 * SQLite file, and ends with the process. A file with a process id would not be enough, because
 * processes in different containers can have the same id.
 * @param databaseFile absolute path; the lock file lies beside this file
 * @throws StoreUnavailable when the lock file cannot be written, or the file system refuses every lock
 */
export function acquireLock(
  databaseFile: string,
): { readonly kind: 'held'; readonly lock: FileLock } | Extract<LockResult, { kind: 'busy' }> {
  const database = lockExclusively(databaseFile);
  if (database === null) return { kind: 'busy', holder: readHolder(databaseFile) };
  const isAfterUncleanStop = existsSync(holderFile(databaseFile));
  const isReliable = isSeenByOthers(lockFile(databaseFile));
  const holder = isReliable ? null : readHolder(databaseFile);
  if (holder !== null && !isGone(holder)) {
    letGo(database);
    const hint = `Its file system does not keep locks. If no service runs, delete ${holderFile(databaseFile)}.`;
    return { kind: 'busy', holder, hint };
  }
  const announce = (url: string | null) => {
    const text = { pid: process.pid, url, ...(isReliable ? {} : { host: hostname() }) };
    writeFileSync(holderFile(databaseFile), JSON.stringify(text), { mode: 0o600 });
  };
  try {
    announce(null);
  } catch (error) {
    letGo(database);
    throw faultOf(error, holderFile(databaseFile)) ?? error;
  }
  return {
    kind: 'held',
    lock: {
      isAfterUncleanStop,
      isReliable,
      announce,
      release() {
        rmSync(holderFile(databaseFile), { force: true });
        letGo(database);
      },
    },
  };
}

/**
 * Opens the lock file and locks it.
 * @returns null if another process holds the lock
 */
function lockExclusively(databaseFile: string): Database.Database | null {
  const file = lockFile(databaseFile);
  let database: Database.Database | null = null;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    makePrivately(file);
    database = new Database(file, { timeout: 0 });
    held.add(database);
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    if (database) letGo(database);
    if (!isBusy(error)) throw faultOf(error, file) ?? error;
  }
  // If the file system refuses every lock (ENOLCK), SQLite reports the same error as for a lock that
  // another process holds.
  if (canLockNewFile(`${file}-probe-${process.pid}`)) return null;
  const user = `user id ${process.getuid?.() ?? 'unknown'}`;
  throw new StoreUnavailable(
    `${file} cannot be locked by ${user}: its file system has no working locks. Set DATABASE_URL to a file on a local disk`,
  );
}

/**
 * Whether the file system grants a lock. The file is deleted afterwards.
 * @param file a new file that no other process uses, so only the file system can refuse the lock
 */
function canLockNewFile(file: string): boolean {
  const database = new Database(file, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  } finally {
    database.close();
    rmSync(file, { force: true });
  }
}

const probeSource = `
  const database = new (require(process.argv[1]))(process.argv[2], { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
    console.log('not locked');
  } catch {}
`;
const probeTimeoutMs = 10_000;

/**
 * Whether other processes notice a lock that this process holds. Some network shares grant every
 * lock. Linux lists the locks that it knows. If this lock is not in the list, a child process tries to
 * take the lock.
 */
function isSeenByOthers(file: string): boolean {
  try {
    const { ino } = statSync(file, { bigint: true });
    // Files of two file systems can have the same inode. The device is not compared, because some file
    // systems have another device in this list than in `stat`.
    const own = new RegExp(` ${process.pid} \\S+:${ino} `);
    if (own.test(readFileSync('/proc/locks', 'utf8'))) return true;
  } catch {
    // This system is not Linux and has no such list. Its locks are assumed to work.
    return true;
  }
  const driver = createRequire(import.meta.url).resolve('better-sqlite3');
  const probe = spawnSync(process.execPath, ['-e', probeSource, driver, file], {
    encoding: 'utf8',
    timeout: probeTimeoutMs,
  });
  return !probe.stdout.includes('not locked');
}

/**
 * Whether the holder has certainly ended. This can be known only if the holder ran on this machine. If
 * it has the id of this process, it was an earlier process with the same id.
 */
function isGone({ pid, host }: Holder): boolean {
  return host === hostname() && (pid === process.pid || !isAlive(pid));
}

/** The handles of the held locks. The garbage collector would close a handle that nothing refers to. */
const held = new Set<Database.Database>();

function letGo(database: Database.Database): void {
  held.delete(database);
  database.close();
}

/**
 * Finds out which process serves a database. The lock is tried only if the text of a process lies beside
 * it, so that a service that is just starting is not disturbed.
 */
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

/**
 * Reads the text of the process that holds the lock.
 * @returns null if the text does not exist (yet), or is not of the form that this program writes
 */
function readHolder(databaseFile: string): Holder | null {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(holderFile(databaseFile), 'utf8')));
  } catch {
    // A lock on a local disk works without the text.
    return null;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
}
