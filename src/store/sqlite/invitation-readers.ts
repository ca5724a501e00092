import { and, desc, eq, gte, lt, type SQL, sql } from 'drizzle-orm';
import { invitationLifetimeMs } from '../../domain/invitation.ts';
import { givenLimit } from './given-limit.ts';
import { askedOf, fits, isNarrowed, type Key, type Listing, value } from './invitation-filter.ts';
import { matchOf } from './invitation-pieces.ts';
import { prepareIsText, textOf } from './invitation-text.ts';
import type { Walk } from './invitation-walk.ts';
import type { Db } from './open.ts';
import { pageRows } from './page-rows.ts';
import { readProgress } from './progress.ts';
import { type ListedRow, listedColumns } from './rows.ts';
import { invitations } from './schema.ts';

/** How far the clock of this log was ever set back, in ms: kept by a trigger (drizzle/0006). */
const setBackKey = 'clock_set_back';

/** One way to the rows of a search, newest first by seq. */
export type Reader = {
  /** Reads so many rows further; @returns whether the page is full, or no more are there */
  readonly read: (rows: number) => boolean;
  readonly found: () => readonly ListedRow[];
};

/** @returns a function that gives, for one page of a search, three ways to its rows */
export function prepareReaders(db: Db, walk: Walk) {
  const { seq, createdAt } = invitations;
  const isAsked = and(fits(), gte(createdAt, value('since')), lt(createdAt, value('until')));
  const isText = prepareIsText(db);
  const prepared = (where: SQL, others?: SQL) => {
    const query = db
      .select(listedColumns)
      .from(invitations)
      .where(and(where, lt(seq, value('below')), others, isText))
      .orderBy(desc(seq))
      .limit(givenLimit())
      .prepare();
    return pageRows(listedColumns, query);
  };
  const inStretch = prepared(gte(seq, value('from')), isAsked);
  // Without the other filters, which make each row cost a quarter more even where none is asked for.
  const textInStretch = prepared(gte(seq, value('from')));
  const among = prepared(sql`${seq} IN (SELECT value FROM json_each(${value('seqs')}))`, isAsked);
  const byText = db
    .select({ seq: sql<number>`rowid` })
    .from(sql`invitations_text`)
    .where(sql`invitations_text MATCH ${value('match')} AND rowid < ${value('below')}`)
    .orderBy(sql`rowid DESC`)
    .limit(givenLimit())
    .prepare();
  const place = { seq, createdAt };
  const newest = db.select(place).from(invitations).orderBy(desc(seq)).limit(1).prepare();
  const placeOf = db
    .select(place)
    .from(invitations)
    .where(eq(seq, value('seq')))
    .prepare();
  const progress = readProgress(db);

  return (listing: Listing, q: string) => {
    const { filter, paging, now } = listing;
    const wanted = paging.limit + 1;
    const asked = {
      ...askedOf(filter),
      since: filter.since ?? 0,
      until: filter.until ?? Number.MAX_SAFE_INTEGER,
      cutoff: now - invitationLifetimeMs,
      ...textOf(q),
    };
    const end = Math.min(paging.cursor ?? Number.MAX_SAFE_INTEGER, (newest.get()?.seq ?? 0) + 1);

    /** All rows, in stretches. */
    function log(): Reader {
      const found: ListedRow[] = [];
      const rowsIn = isNarrowed(filter) ? inStretch : textInStretch;
      let below = end;
      return {
        found: () => found,
        read(rows) {
          const from = below - rows;
          found.push(...rowsIn.all({ below, from, limit: wanted - found.length, ...asked }));
          below = from;
          return found.length === wanted || below <= 1;
        },
      };
    }

    /** Those that the text index finds by all of these pieces. */
    function index(pieces: readonly string[]): Reader {
      const match = matchOf(pieces);
      const found: ListedRow[] = [];
      let below = end;
      return {
        found: () => found,
        read(rows) {
          const seqs = byText.all({ match, below, limit: rows }).map((one) => one.seq);
          const limit = wanted - found.length;
          found.push(...among.all({ below, seqs: JSON.stringify(seqs), limit, ...asked }));
          below = seqs.at(-1) ?? 0;
          return found.length === wanted || seqs.length < rows;
        },
      };
    }

    /**
     * Those that fit all but the text. They come by time, which is the order of seq but for the clock:
     * it was set back by `setBack` at most, so a row of a higher seq is no more than that older.
     */
    function filtered(): Reader {
      const setBack = Number(progress(setBackKey) ?? 0);
      const from = placeOf.get({ seq: end });
      let last: Key | null = from ? { ...from, createdAt: from.createdAt + setBack } : null;
      let found: ListedRow[] = [];
      return {
        found: () => found,
        read(rows) {
          const keys = walk(listing, last, rows);
          last = keys.at(-1) ?? last;
          const seqs = JSON.stringify(keys.map((key) => key.seq));
          const more = among.all({ below: end, seqs, limit: wanted, ...asked });
          found = [...found, ...more].sort((a, b) => b.seq - a.seq).slice(0, wanted);
          const lowest = found[wanted - 1];
          const isFull =
            lowest !== undefined &&
            (setBack === 0 || (last?.createdAt ?? 0) < lowest.createdAt - setBack);
          return isFull || keys.length < rows;
        },
      };
    }

    return { log, index, filtered };
  };
}
