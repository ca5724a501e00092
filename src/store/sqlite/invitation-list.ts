import { desc, eq, sql } from 'drizzle-orm';
import { type Listing, value } from './invitation-filter.ts';
import { prepareSearch } from './invitation-search.ts';
import { prepareWalk } from './invitation-walk.ts';
import type { Db } from './open.ts';
import { pageRows } from './page-rows.ts';
import { type ListedRow, listedColumns } from './rows.ts';
import { invitations } from './schema.ts';

/**
 * Lists the log, newest first: by time, then by seq; text is the exception, see `invitation-search`.
 * @returns a function that gives one page and one row more
 */
export function prepareListing(db: Db): (listing: Listing) => Promise<readonly ListedRow[]> {
  const walk = prepareWalk(db);
  const timeOf = db
    .select({ createdAt: invitations.createdAt })
    .from(invitations)
    .where(eq(invitations.seq, value('seq')))
    .prepare();
  const bySeqs = db
    .select(listedColumns)
    .from(invitations)
    .where(sql`${invitations.seq} IN (SELECT value FROM json_each(${value('seqs')}))`)
    .orderBy(desc(invitations.createdAt), desc(invitations.seq))
    .prepare();
  const rowsOf = pageRows(listedColumns, bySeqs);
  const search = prepareSearch(db, walk);

  return async (listing) => {
    const { filter, paging } = listing;
    const { cursor } = paging;
    if (filter.q !== undefined) return search(listing, filter.q);
    const last = cursor === undefined ? null : timeOf.get({ seq: cursor });
    // No invitation is ever deleted, so a cursor that names none comes from nowhere: nothing follows.
    if (last === undefined) return [];
    const end = cursor !== undefined && last ? { createdAt: last.createdAt, seq: cursor } : null;
    const keys = walk(listing, end, paging.limit + 1);
    return rowsOf.all({ seqs: JSON.stringify(keys.map((key) => key.seq)) });
  };
}
