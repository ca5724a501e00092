import {
  and,
  desc,
  eq,
  getTableColumns,
  gt,
  gte,
  inArray,
  lt,
  lte,
  or,
  type SQL,
  sql,
} from 'drizzle-orm';
import { invitationLifetimeMs } from '../../onboarding/invitation.ts';
import { normaliseEmail } from '../../onboarding/words.ts';
import type { InvitationFilter, Paging } from '../store.ts';
import type { Db } from './open.ts';
import { isOutstanding } from './rows.ts';
import { invitations } from './schema.ts';

type Row = typeof invitations.$inferSelect;
type Listing = {
  readonly filter: InvitationFilter;
  readonly paging: Paging;
  /** UTC ms. */
  readonly now: number;
};

/**
 * One page of the log and one row more, newest first: by time, then by seq. Each filter has an index
 * in that order, so that an old range begins where it begins. Text is the exception: its matches
 * come in the order of the log, for that is how the text index streams them.
 */
export function invitationRows(db: Db, listing: Listing): Row[] {
  const [only, ...others] = listingQueries(db, listing).map((query) => query.all());
  if (only === undefined || others.length === 0) return only ?? [];
  return [only, ...others]
    .flat()
    .sort((a, b) => b.createdAt - a.createdAt || b.seq - a.seq)
    .slice(0, listing.paging.limit + 1);
}

/** The queries whose rows make a page; exported for the test that reads their plans. */
export function listingQueries(db: Db, listing: Listing) {
  const { filter, now } = listing;
  const cutoff = now - invitationLifetimeMs;
  if (filter.status !== 'expired' || filter.q !== undefined) {
    return [listingQuery(db, listing, hasStatus(filter.status, cutoff))];
  }
  // Whose time came since it was last noted are few: they are found by it, sorted, and merged in.
  const due = db
    .select({ seq: invitations.seq })
    .from(invitations)
    .where(and(isOutstanding, lte(invitations.issuedAt, cutoff)));
  return [
    listingQuery(db, listing, eq(invitations.standing, 'expired')),
    listingQuery(db, listing, inArray(invitations.seq, due)),
  ];
}

function listingQuery(db: Db, { filter, paging }: Listing, status: SQL | undefined) {
  const { cursor } = paging;
  const isFitting = and(
    status,
    filter.employeeType && eq(invitations.employeeType, filter.employeeType),
    filter.mode && eq(invitations.mode, filter.mode),
    filter.email === undefined ? undefined : eq(invitations.emailKey, normaliseEmail(filter.email)),
    filter.since === undefined ? undefined : gte(invitations.createdAt, filter.since),
    filter.until === undefined ? undefined : lt(invitations.createdAt, filter.until),
  );
  const columns = db.select(getTableColumns(invitations));
  if (filter.q !== undefined) {
    // CROSS: the text index is read first, whatever else is asked for (sqlite.org/optoverview.html, 9).
    return columns
      .from(sql`invitations_text`)
      .crossJoin(invitations)
      .where(and(containsText(filter.q, cursor), isFitting))
      .orderBy(sql`invitations_text.rowid DESC`)
      .limit(paging.limit + 1);
  }
  return columns
    .from(invitations)
    .where(and(isFitting, cursor === undefined ? undefined : isAfter(db, cursor)))
    .orderBy(desc(invitations.createdAt), desc(invitations.seq))
    .limit(paging.limit + 1);
}

/** @param cutoff who was issued until then (UTC ms) is over, noted in the row or not yet */
function hasStatus(status: InvitationFilter['status'], cutoff: number): SQL | undefined {
  const { standing, issuedAt } = invitations;
  if (status === undefined) return undefined;
  if (status === 'expired') {
    return or(eq(standing, 'expired'), and(isOutstanding, lte(issuedAt, cutoff)));
  }
  const isIt = eq(standing, status);
  return status === 'issued' || status === 'open' ? and(isIt, gt(issuedAt, cutoff)) : isIt;
}

/** Where the page before ended, in the order of the list. */
function isAfter(db: Db, cursor: number) {
  const last = db
    .select({ createdAt: invitations.createdAt })
    .from(invitations)
    .where(eq(invitations.seq, cursor))
    .get();
  // No invitation is ever deleted, so a cursor that names none comes from nowhere: nothing follows.
  if (!last) return eq(invitations.seq, -1);
  return sql`(${invitations.createdAt}, ${invitations.seq}) < (${last.createdAt}, ${cursor})`;
}

/** A quoted phrase: nothing in it is query syntax (sqlite.org/fts5.html, 3); NUL would end it. */
function containsText(q: string, cursor: number | undefined) {
  const phrase = `"${q.replaceAll('\0', '\uFFFD').replaceAll('"', '""')}"`;
  const below = cursor === undefined ? sql`` : sql` AND invitations_text.rowid < ${cursor}`;
  return sql`invitations_text MATCH ${phrase}${below} AND ${invitations.seq} = invitations_text.rowid`;
}
