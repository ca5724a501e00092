import { setImmediate as nextTurn } from 'node:timers/promises';
import { isNarrowed, type Listing } from './invitation-filter.ts';
import { prepareRarePieces } from './invitation-pieces.ts';
import { prepareReaders, type Reader } from './invitation-readers.ts';
import type { Walk } from './invitation-walk.ts';
import type { Db } from './open.ts';
import type { ListedRow } from './rows.ts';

/** Rows of the log that are read when a page seems to be among them: 0.15 µs each. */
const firstLook = 200;
const mostLookedAt = 5_000;
/** The same of rows that other filters find: 1 µs each. */
const mostFilteredLookedAt = 700;
/** Rows of the log that are read at a stretch after that, 1 to 3 ms; then others have their turn. */
const stretch = 5_000;
/**
 * What the text index is asked for at first, and then twice as much each time: it walks from the
 * newest at each. More than `mostByIndex` is not rare, whatever the sample said.
 */
const firstByIndex = 200;
const mostByIndex = 20_000;

/**
 * Finds text anywhere in e-mail or note, newest first by seq. The text index is quick for what is
 * rare: where a text is in everything it walks everything (235 ms for a deep page of a million), and
 * reading the rows themselves is quicker. So they are looked at first; where there are other filters,
 * those that fit them: a page of old ones takes 0.1 of reading the newest until they come.
 * @returns a function that gives one page and one row more
 */
export function prepareSearch(db: Db, walk: Walk) {
  const readersFor = prepareReaders(db, walk);
  const rarePieces = prepareRarePieces(db);

  return async (listing: Listing, q: string): Promise<readonly ListedRow[]> => {
    const readers = readersFor(listing, q);
    const wanted = listing.paging.limit + 1;
    const isFiltered = isNarrowed(listing.filter);
    const first = isFiltered ? readers.filtered() : readers.log();
    const isNear = isFiltered
      ? look(first, wanted, wanted, mostFilteredLookedAt)
      : look(first, wanted, firstLook, mostLookedAt);
    if (isNear) return first.found();
    const rare = await rarePieces(q);
    if (rare.length > 0) {
      const few = readers.index(rare);
      if (await readByIndex(few, mostByIndex)) return few.found();
    }
    const all = readers.log();
    while (!all.read(stretch)) await nextTurn();
    return all.found();
  };
}

/** Reads on as long as what was found says that a page is near; @returns whether it was */
function look({ read, found }: Reader, wanted: number, first: number, most: number): boolean {
  let all = 0;
  for (let rows = first; all < most; rows *= 2) {
    if (read(rows)) return true;
    all += rows;
    if (found().length * most < wanted * all) return false;
  }
  return false;
}

/** @returns whether the page was found before so many candidates were read */
async function readByIndex({ read }: Reader, most: number): Promise<boolean> {
  for (let rows = firstByIndex; rows < most; rows *= 2) {
    if (read(rows)) return true;
    await nextTurn();
  }
  return false;
}
