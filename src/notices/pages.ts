import type { PageOf, Paging } from '../store/store.ts';

/** If there are at least this many rows, a mail shows their number with a `+`. It lists fewer rows. */
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
