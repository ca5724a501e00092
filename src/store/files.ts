import { closeSync, fsyncSync, linkSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreUnavailable } from './store.ts';

/**
 * Gives a complete file its name, without replacing another file.
 * @returns false if another file has this name already; that file stays
 */
export function publishFile(unfinished: string, to: string): boolean {
  try {
    if (!isLinked(unfinished, to)) {
      // The name is reserved first, so that no file is overwritten.
      closeSync(openSync(to, 'wx', 0o600));
      renameSync(unfinished, to);
    }
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
  flush(dirname(to));
  return true;
}

/** @returns false if this file system has no hard links */
function isLinked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (['EPERM', 'ENOTSUP', 'EOPNOTSUPP'].includes(codeOf(error))) return false;
    throw error;
  }
}

/** Waits until a file or folder is on disk. */
export function flush(path: string): void {
  const opened = openSync(path, 'r');
  fsyncSync(opened);
  closeSync(opened);
}

/**
 * SQLite's error codes, without `SQLITE_`, for faults of the database file. Other codes concern the data
 * of one statement (sqlite.org/rescode.html).
 */
const storeFaults = [
  'FULL',
  'IOERR',
  'READONLY',
  'BUSY',
  'LOCKED',
  'CANTOPEN',
  'CORRUPT',
  'NOTADB',
  'NOMEM',
];

/** Node's error codes for faults of a file, such as the key beside the database. */
const fileFaults = ['EACCES', 'EPERM', 'EROFS', 'EIO', 'EMFILE', 'ENFILE', 'ENOENT', 'ENOTDIR'];

/**
 * Returns an error whose message names the file, because SQLite only says "attempt to write a
 * readonly database".
 * @param file absolute path of the file that could not be used
 * @returns null if the error does not concern the file itself
 */
export function faultOf(error: unknown, file: string): StoreUnavailable | null {
  const code = codeOf(error);
  const isFault =
    ['ENOSPC', 'EDQUOT', ...fileFaults].includes(code) ||
    storeFaults.some((fault) => code.startsWith(`SQLITE_${fault}`));
  return isFault ? new StoreUnavailable(faultSentence(code, file), { cause: error }) : null;
}

/** Returns the code of an error, or of its cause: Drizzle wraps the errors of SQLite. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return 'code' in error ? String(error.code) : codeOf(error.cause);
}

function faultSentence(code: string, file: string): string {
  const user = `user id ${process.getuid?.() ?? 'unknown'}`;
  if (['ENOSPC', 'EDQUOT', 'SQLITE_FULL'].includes(code)) return `the disk of ${file} is full`;
  if (code.startsWith('SQLITE_BUSY')) return `another program holds ${file}`;
  const isForbidden = ['EACCES', 'EPERM', 'EROFS'].includes(code);
  if (isForbidden || code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN')) {
    return `${file} cannot be opened or written by ${user} (${code}): check the owner and the mode of the file and of its folder, and that the disk is writable`;
  }
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB')) {
    return `${file} is damaged, or is not a database (${code}): restore a backup`;
  }
  return `${file} cannot be used by ${user} (${code})`;
}

/** Whether a process with this id runs on this machine. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
