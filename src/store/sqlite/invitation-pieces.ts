import { setImmediate as nextTurn } from 'node:timers/promises';
import { desc, sql } from 'drizzle-orm';
import { value } from './invitation-filter.ts';
import type { Db } from './open.ts';
import { invitations } from './schema.ts';

/** Rows, from all over the log, that tell common pieces from rare ones. */
const sampleSize = 500;
/** Read at a stretch: from a cold disk each takes 0.1 ms. */
const stretch = 100;
/** What holds in so many of the rows is walked by the text index for longer than rows are read. */
const rareShare = 0.02;
/** More narrow nothing further, and each is walked as a whole. */
const piecesUsed = 3;

/** What the text index holds of a text: each four characters of it; of three, what begins with them. */
const pieceLength = 4;
const shortest = 3;
/** What stands between pieces in the index (drizzle/0008), and what ends a text there: in none of them. */
const isInNone = /[␟\0]/;

/** What the index has of every text that holds this one; none: it does not help to find it. */
export function piecesOf(text: string): string[] {
  const length = [...text].length < pieceLength ? shortest : pieceLength;
  return windowsOf(text, length).filter((piece) => !isInNone.test(piece));
}

/** What finds all of these in the index. Nothing in quotes is query syntax (sqlite.org/fts5.html, 3). */
export function matchOf(pieces: readonly string[]): string {
  return pieces
    .map((piece) => {
      const quoted = `"${piece.replaceAll('"', '""')}"`;
      return [...piece].length < pieceLength ? `${quoted}*` : quoted;
    })
    .join(' AND ');
}

/**
 * The rarest pieces of a text: whatever holds the text holds them. Told by a sample, of which only
 * the counts are kept; it is taken again when the log has grown by a tenth. A wrong guess costs time,
 * never a row.
 * @returns a function that gives none when all pieces of a text are common
 */
export function prepareRarePieces(db: Db): (text: string) => Promise<string[]> {
  const newest = db
    .select({ seq: invitations.seq })
    .from(invitations)
    .orderBy(desc(invitations.seq))
    .limit(1)
    .prepare();
  const texts = db
    .select({ email: invitations.email, note: invitations.note })
    .from(invitations)
    .where(sql`${invitations.seq} IN (SELECT value FROM json_each(${value('seqs')}))`)
    .prepare();
  let counts: ReadonlyMap<string, number> = new Map();
  let sampledAt = 0;

  async function takeSample(size: number): Promise<void> {
    const found = new Map<string, number>();
    for (let n = 0; n < sampleSize; n += stretch) {
      const seqs = Array.from({ length: stretch }, (_, at) => placeOf(n + at, size));
      for (const row of texts.all({ seqs: JSON.stringify(seqs) })) {
        const own = [row.email ?? '', row.note ?? ''].map((text) => text.toLowerCase());
        const pieces = own.flatMap((text) => [
          ...windowsOf(text, pieceLength),
          ...windowsOf(text, shortest),
        ]);
        for (const piece of new Set(pieces)) found.set(piece, (found.get(piece) ?? 0) + 1);
      }
      await nextTurn();
    }
    counts = found;
    sampledAt = size;
  }

  return async (text) => {
    const size = newest.get()?.seq ?? 0;
    if (size > sampledAt * 1.1) await takeSample(size);
    const most = Math.min(size, sampleSize) * rareShare;
    return [...new Set(piecesOf(text))]
      .map((piece) => ({ piece, count: counts.get(piece.toLowerCase()) ?? 0 }))
      .filter(({ count }) => count <= most)
      .sort((a, b) => a.count - b.count)
      .slice(0, piecesUsed)
      .map(({ piece }) => piece);
  };
}

/** By the golden ratio: evenly, and in no step that what is sampled could have as well. */
function placeOf(n: number, size: number): number {
  return 1 + Math.floor(((n * 0.6180339887498949) % 1) * size);
}

function windowsOf(text: string, length: number): string[] {
  const letters = [...text];
  return Array.from({ length: Math.max(0, letters.length - length + 1) }, (_, at) =>
    letters.slice(at, at + length).join(''),
  );
}
