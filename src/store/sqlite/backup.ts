import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';

/** What `backup` came to. */
export type BackedUp =
  | { readonly kind: 'done'; readonly bytes: number }
  | { readonly kind: 'exists' };

/**
 * Copies a database beside the process that serves it: one read transaction, so the copy is of one
 * moment, and no delivery waits for it. The copy is stamped and paused, because whoever serves it
 * cannot know what was sent since. It appears under its name only when it is complete and on disk.
 * @param from absolute path of the database
 * @param to absolute path of a file that does not exist; its folder does
 * @param now when the copying begins (UTC ms)
 * @throws when the database cannot be read or the copy cannot be written
 */
export function backUp(given: {
  readonly from: string;
  readonly to: string;
  readonly now: number;
}): BackedUp {
  const { from, to, now } = given;
  if (existsSync(to)) return { kind: 'exists' };
  clearLeftovers(to);
  const unfinished = `${to}.${process.pid}-${randomUUID().slice(0, 8)}.unfinished`;
  // Made by us first: SQLite would make it readable for everybody, and fills an empty file as well.
  closeSync(openSync(unfinished, 'wx', 0o600));
  try {
    copyTo(from, unfinished);
    stamp(unfinished, now);
    flush(unfinished);
    return publishFile(unfinished, to)
      ? { kind: 'done', bytes: statSync(to).size }
      : { kind: 'exists' };
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** Older tables are copied as they are: a backup comes before an update. */
function copyTo(from: string, unfinished: string): void {
  const source = new Database(from, { readonly: true, fileMustExist: true, timeout: 5_000 });
  try {
    // Not SQLite's backup API: that begins anew whenever the serving process writes.
    source.prepare('VACUUM INTO ?').run(unfinished);
  } finally {
    source.close();
  }
}

/** The earliest stamp stays: a copy of a copy is as old as the first. */
function stamp(unfinished: string, now: number): void {
  const copy = new Database(unfinished);
  copy.pragma('journal_mode = DELETE');
  copy.pragma('synchronous = FULL');
  copy.transaction(() => {
    copy
      .prepare('INSERT INTO key_values (key, value) VALUES (?, ?) ON CONFLICT DO NOTHING')
      .run('copied_at', String(now));
    const reason = JSON.stringify({ code: 'restored_copy' });
    copy
      .prepare('INSERT INTO pauses (name, reason, since) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
      .run('restored', reason, now);
  })();
  copy.close();
}

/**
 * Gives a complete file its name, without replacing another file.
 * @returns false when a file with this name was made meanwhile: that one stays
 */
export function publishFile(unfinished: string, to: string): boolean {
  try {
    linkSync(unfinished, to);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'EEXIST') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP') throw error;
    // A file system without hard links: the name is taken first, so that nothing is overwritten.
    closeSync(openSync(to, 'wx', 0o600));
    renameSync(unfinished, to);
  }
  flush(dirname(to));
  return true;
}

function flush(path: string): void {
  const opened = openSync(path, 'r');
  fsyncSync(opened);
  closeSync(opened);
}

/** What a killed backup of the same name left behind. */
function clearLeftovers(to: string): void {
  const begun = `${basename(to)}.`;
  for (const name of readdirSync(dirname(to))) {
    if (!name.startsWith(begun)) continue;
    const pid = /^(\d+)-[0-9a-f]{8}\.unfinished(-journal)?$/.exec(name.slice(begun.length))?.[1];
    if (pid && !isAlive(Number(pid))) rmSync(join(dirname(to), name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
