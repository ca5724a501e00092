import { createReadStream, existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';

/** Another program may read the database: it is waited for in short steps, in which others work. */
const checkpointTurns = 20;
const turnMs = 250;

/**
 * Takes texts out of the bytes of the database: what was overwritten still lies in the write-ahead
 * log, and pages that were split may keep a stale copy of a row (`secure_delete` clears only what is
 * freed). Only where such a copy is found is the whole file rewritten.
 * @returns false when they are still there, because another program holds the log back
 */
export async function scrub(
  client: Database,
  file: string,
  texts: readonly string[],
): Promise<boolean> {
  if (!(await emptyLog(client))) return false;
  if (!(await isInFiles(file, texts))) return true;
  client.exec('VACUUM');
  return (await emptyLog(client)) && !(await isInFiles(file, texts));
}

/** Finishes what a crash cut off, without knowing any more whom it was about. */
export function scrubAll(client: Database): void {
  client.exec('VACUUM');
  client.pragma('wal_checkpoint(TRUNCATE)');
}

async function emptyLog(client: Database): Promise<boolean> {
  for (let turn = 0; turn < checkpointTurns; turn += 1) {
    // Without patience of its own: SQLite would wait in this thread, and every delivery with it.
    const patience = client.pragma('busy_timeout', { simple: true });
    client.pragma('busy_timeout = 0');
    const isBusy = client.pragma('wal_checkpoint(TRUNCATE)', { simple: true }) !== 0;
    client.pragma(`busy_timeout = ${Number(patience)}`);
    if (!isBusy) return true;
    await sleep(turnMs);
  }
  return false;
}

async function isInFiles(file: string, texts: readonly string[]): Promise<boolean> {
  // Byte for character, and ASCII in lower case: addresses are matched however they were typed.
  const needles = texts.map((text) => asBytes(Buffer.from(text, 'utf8')));
  const longest = Math.max(0, ...needles.map((needle) => needle.length));
  for (const name of [file, `${file}-wal`]) {
    if (!existsSync(name)) continue;
    let before = '';
    for await (const chunk of createReadStream(name, { highWaterMark: 1024 * 1024 })) {
      const text = before + asBytes(chunk);
      if (needles.some((needle) => text.includes(needle))) return true;
      before = text.slice(-longest);
    }
  }
  return false;
}

function asBytes(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
