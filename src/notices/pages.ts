import type { PageOf, Paging } from '../store/store.ts';

/** From this many rows on, a mail shows the number of rows with a `+`. Its lists are shorter. */
export const maxRows = 1_000;
const pageSize = 200;

/** Reads pages until all rows, or at least `maxRows` rows, are read. */
export async function readPages<T>(
  read: (paging: Paging) => Promise<PageOf<T>>,
): Promise<readonly T[]> {
  const found: T[] = [];
  let cursor: number | undefined;
  do {
    const page = await read({ limit: pageSize, cursor });
    found.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && found.length < maxRows);
  return found;
}
