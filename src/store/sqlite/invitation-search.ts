import { setImmediate as nextTurn } from 'node:timers/promises';
import { and, desc, getTableColumns, gte, lt, type SQL, sql } from 'drizzle-orm';
import { invitationLifetimeMs } from '../../onboarding/invitation.ts';
import { askedOf, fits, type Listing, value, type Walk } from './invitation-filter.ts';
import type { Db } from './open.ts';
import { invitations } from './schema.ts';

type Row = typeof invitations.$inferSelect;

/** The newest rows, read before any index: 0.2 ms, and text that is common fills its page there. */
const firstStretch = 1_000;
/** Rows that are read at a stretch after that, 1 to 3 ms; then others have their turn. */
const nextStretch = 5_000;
/** What other filters leave over is read as a whole when it is no more. */
const mostRead = 2_000;
/** How much of the log tells common trigrams from rare ones. A wrong guess costs time, never a row. */
const sampleSize = 100;
const rareShare = 0.02;
/** More narrow nothing further; with three, the address of one person takes 1.3 times as long. */
const trigramsUsed = 5;

/**
 * Finds text anywhere in e-mail or note, in the order of the log. The text index is quick for what is
 * rare: where a text is in everything it walks everything (235 ms for a deep page of a million), and
 * reading the rows themselves is quicker: 0.15 µs each.
 * @returns a function that gives one page and one row more
 */
export function prepareSearch(db: Db, walk: Walk) {
  const { seq } = invitations;
  const asked = and(fits(), gte(invitations.createdAt, value('since')), isUntil());
  const rows = db.select().from(invitations);
  const inStretch = rows
    .where(and(lt(seq, value('below')), gte(seq, value('from')), asked, hasText()))
    .orderBy(desc(seq))
    .limit(value('limit'))
    .prepare();
  const among = db
    .select()
    .from(invitations)
    .where(
      and(
        sql`${seq} IN (SELECT value FROM json_each(${value('seqs')}))`,
        lt(seq, value('below')),
        hasText(),
      ),
    )
    .orderBy(desc(seq))
    .limit(value('limit'))
    .prepare();
  // CROSS: the text index is read first, whatever else is asked for (sqlite.org/optoverview.html, 9).
  const byIndex = db
    .select(getTableColumns(invitations))
    .from(sql`invitations_text`)
    .crossJoin(invitations)
    .where(
      and(
        sql`invitations_text MATCH ${value('match')} AND invitations_text.rowid < ${value('below')}`,
        sql`${seq} = invitations_text.rowid`,
        asked,
        sql`(${value('pattern')} IS NULL OR ${hasText()})`,
      ),
    )
    .orderBy(sql`invitations_text.rowid DESC`)
    .limit(value('limit'))
    .prepare();
  const newest = db
    .select({ seq, email: invitations.email, note: invitations.note })
    .from(invitations)
    .orderBy(desc(seq))
    .limit(sampleSize)
    .prepare();

  return async ({ filter, paging, now }: Listing, q: string): Promise<Row[]> => {
    const wanted = paging.limit + 1;
    const pattern = isAscii(q) ? likePattern(q) : null;
    const fixed = {
      ...askedOf(filter),
      since: filter.since ?? 0,
      until: filter.until ?? Number.MAX_SAFE_INTEGER,
      cutoff: now - invitationLifetimeMs,
      pattern,
    };
    const sample = newest.all();
    const end = Math.min(paging.cursor ?? Number.MAX_SAFE_INTEGER, (sample[0]?.seq ?? 0) + 1);
    const found: Row[] = [];
    const index = (match: string, below: number) =>
      byIndex.all({ ...fixed, match, below, limit: wanted - found.length });
    // Only the text index folds letters beyond ASCII.
    if (pattern === null) return index(quoted(q), end);

    let below = end;
    const read = (length: number) => {
      const from = below - length;
      found.push(...inStretch.all({ ...fixed, below, from, limit: wanted - found.length }));
      below = from;
      return found.length === wanted || below <= 0;
    };
    if (read(firstStretch)) return found;
    if (
      Object.values(askedOf(filter)).some((one) => one !== null) ||
      filter.since ||
      filter.until
    ) {
      const few = walk.whole({ filter, now }, mostRead);
      if (few) {
        const seqs = JSON.stringify(few.map((key) => key.seq));
        return among.all({ ...fixed, seqs, below: end, limit: wanted });
      }
    }
    const rare = rareTrigrams(q, sample);
    if (rare.length > 0) return [...found, ...index(rare.map(quoted).join(' AND '), below)];
    while (!read(nextStretch)) await nextTurn();
    return found;
  };
}

/** The rarest pieces of a text: whatever holds the text holds them. */
function rareTrigrams(q: string, sample: readonly Pick<Row, 'email' | 'note'>[]): string[] {
  const texts = sample.map(({ email, note }) => `${email ?? ''}\n${note ?? ''}`.toLowerCase());
  const text = q.toLowerCase();
  const trigrams = new Set(
    Array.from({ length: text.length - 2 }, (_, at) => text.slice(at, at + 3)),
  );
  return [...trigrams]
    .map((trigram) => ({ trigram, count: texts.filter((one) => one.includes(trigram)).length }))
    .filter(({ count }) => count <= texts.length * rareShare)
    .sort((a, b) => a.count - b.count)
    .slice(0, trigramsUsed)
    .map(({ trigram }) => trigram);
}

/** A quoted phrase: nothing in it is query syntax (sqlite.org/fts5.html, 3); NUL would end it. */
function quoted(phrase: string): string {
  return `"${phrase.replaceAll('\0', '\uFFFD').replaceAll('"', '""')}"`;
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]+$/.test(text);
}

function likePattern(text: string): string {
  return `%${text.replace(/[%_\\]/g, '\\$&')}%`;
}

function hasText(): SQL {
  const { email, note } = invitations;
  return sql`(${email} LIKE ${value('pattern')} ESCAPE '\\' OR ${note} LIKE ${value('pattern')} ESCAPE '\\')`;
}

function isUntil(): SQL {
  return lt(invitations.createdAt, value('until'));
}
