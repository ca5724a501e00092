import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { flush, isAlive, publishFile } from '../files.ts';

/** The result of `backUp`. */
export type BackedUp =
  | { readonly kind: 'done'; readonly bytes: number }
  | { readonly kind: 'exists' };

/**
 * Copies a database while a process may be serving it. The copy is made in one read transaction, so
 * it shows one moment, and no delivery is delayed. The copy is marked as a copy and paused, because a
 * service that starts from it cannot know what was sent later. The file gets its name only when it is
 * complete and on disk.
 * @param from absolute path of the database
 * @param to absolute path of a file that does not exist, in a folder that does
 * @param now when the copying begins (UTC ms)
 * @throws when the database cannot be read or the copy cannot be written
 */
export function backUp(options: {
  readonly from: string;
  readonly to: string;
  readonly now: number;
}): BackedUp {
  const { from, to, now } = options;
  if (existsSync(to)) return { kind: 'exists' };
  clearLeftovers(to);
  const unfinished = `${to}.${process.pid}-${randomUUID().slice(0, 8)}.unfinished`;
  // The file is created here, because SQLite would make it readable for everybody. `VACUUM INTO`
  // accepts an existing empty file.
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

/** Copies the database without migrating it, because a backup is made before an update. */
function copyTo(from: string, unfinished: string): void {
  const source = new Database(from, { readonly: true, fileMustExist: true, timeout: 5_000 });
  try {
    // SQLite's backup API would start again whenever the serving process writes.
    source.prepare('VACUUM INTO ?').run(unfinished);
  } finally {
    source.close();
  }
}

/** Records when the copy was made, and pauses it. A copy of a copy keeps the time of the first copy. */
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

/** Deletes the unfinished files of earlier backups to the same path, if their process has ended. */
function clearLeftovers(to: string): void {
  const prefix = `${basename(to)}.`;
  for (const name of readdirSync(dirname(to))) {
    if (!name.startsWith(prefix)) continue;
    const pid = /^(\d+)-[0-9a-f]{8}\.unfinished(-journal)?$/.exec(name.slice(prefix.length))?.[1];
    if (pid && !isAlive(Number(pid))) rmSync(join(dirname(to), name), { force: true });
  }
}
