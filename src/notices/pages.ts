import type { PageOf, Paging } from '../store/store.ts';

/** Enough to say how many there are. A mail lists fewer. */
export const maxRows = 1_000;
const pageSize = 200;

/** Reads page after page, until it has `maxRows` rows or all. */
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
