import { setImmediate as nextTurn } from 'node:timers/promises';
import { desc, sql } from 'drizzle-orm';
import { value } from './invitation-filter.ts';
import type { Db } from './open.ts';
import { invitations } from './schema.ts';

/** Rows, from all over the log, that tell common trigrams from rare ones. */
const sampleSize = 500;
/** Read at a stretch: from a cold disk each takes 0.1 ms. */
const stretch = 100;
/** What holds in so many of the rows is walked by the text index for longer than rows are read. */
const rareShare = 0.02;
/** More narrow nothing further, and each is walked as a whole: five take 3 times as long. */
const trigramsUsed = 3;

/**
 * The rarest pieces of a text: whatever holds the text holds them. Told by a sample, of which only
 * the counts are kept; it is taken again when the log has grown by a tenth. A wrong guess costs time,
 * never a row.
 * @returns a function that gives none when all pieces of a text are common
 */
export function prepareRareTrigrams(db: Db): (text: string) => Promise<string[]> {
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
      for (const { email, note } of texts.all({ seqs: JSON.stringify(seqs) })) {
        const own = new Set([...trigramsOf(email ?? ''), ...trigramsOf(note ?? '')]);
        for (const trigram of own) found.set(trigram, (found.get(trigram) ?? 0) + 1);
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
    return [...new Set(trigramsOf(text))]
      .map((trigram) => ({ trigram, count: counts.get(trigram) ?? 0 }))
      .filter(({ count }) => count <= most)
      .sort((a, b) => a.count - b.count)
      .slice(0, trigramsUsed)
      .map(({ trigram }) => trigram);
  };
}

/** By the golden ratio: evenly, and in no step that what is sampled could have as well. */
function placeOf(n: number, size: number): number {
  return 1 + Math.floor(((n * 0.6180339887498949) % 1) * size);
}

function trigramsOf(text: string): string[] {
  const folded = text.toLowerCase();
  return Array.from({ length: Math.max(0, folded.length - 2) }, (_, at) =>
    folded.slice(at, at + 3),
  );
}
