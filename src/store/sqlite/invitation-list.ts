import { and, desc, eq, gte, inArray, lte, type SQL, sql } from 'drizzle-orm';
import { type Invitation, invitationLifetimeMs } from '../../domain/invitation.ts';
import type { MemberState } from '../../domain/member.ts';
import { normaliseEmail } from '../../domain/vocabulary.ts';
import { foldForSearch } from '../rules.ts';
import type { InvitationFilter, ListedInvitation, Paging, StoreReads } from '../store.ts';
import { memberCountsOf } from './members.ts';
import type { Db } from './open.ts';
import { invitationColumns, pageOf } from './rows.ts';
import { invitations, members } from './schema.ts';

const listed = { seq: invitations.seq, invitation: invitationColumns };
type ListedRow = { readonly seq: number; readonly invitation: Invitation };

/** Lists invitations, newest first: by time, then by seq. */
export function invitationListReads(db: Db): Pick<StoreReads, 'listInvitations'> {
  return {
    async listInvitations(filter, paging, now) {
      const rows = readPage(db, filter, paging, now - invitationLifetimeMs);
      const page = pageOf(
        rows,
        paging,
        (row) => row.seq,
        (row) => row.invitation,
      );
      return { ...page, items: withMemberCounts(db, page.items) };
    },
  };
}

/** @param cutoff invitations that were issued until then are expired (UTC ms) */
function readPage(
  db: Db,
  filter: InvitationFilter,
  { limit, cursor }: Paging,
  cutoff: number,
): readonly ListedRow[] {
  const place = cursor === undefined ? firstPlace : placeOf(db, cursor);
  // No invitation is ever deleted, so this cursor was never given out: nothing follows.
  if (!place) return [];
  const conditions = [...conditionsOf(filter, cutoff), isAfter(place, filter.until)];
  const { seq, createdAt } = invitations;
  const read = (index: string, ...more: SQL[]): ListedRow[] => {
    const page = sql`(SELECT ${seq} FROM ${invitations} INDEXED BY ${sql.raw(index)}
      WHERE ${and(...conditions, ...more)} ORDER BY ${createdAt} DESC, ${seq} DESC LIMIT ${limit + 1})`;
    const rows = db.select(listed).from(invitations).where(inArray(seq, page));
    return rows.orderBy(desc(createdAt), desc(seq)).all();
  };
  const { q, email, status, employeeType, mode } = filter;
  if (q !== undefined) return read('invitations_list');
  if (email !== undefined) return read('invitations_email');
  if (status === 'expired') {
    // Few are expired without a note of it in the row: see `expireInvitations`.
    return [
      ...read('invitations_status', eq(invitations.status, status)),
      ...read('invitations_unused', isOverdue(cutoff)),
    ]
      .sort((a, b) => b.invitation.createdAt - a.invitation.createdAt || b.seq - a.seq)
      .slice(0, limit + 1);
  }
  if (status !== undefined) return read('invitations_status', eq(invitations.status, status));
  if (employeeType !== undefined) return read('invitations_type');
  return read(mode === undefined ? 'invitations_list' : 'invitations_mode');
}

type Place = { readonly createdAt: number; readonly seq: number };
const firstPlace: Place = { createdAt: Number.MAX_SAFE_INTEGER, seq: 0 };

function placeOf(db: Db, seq: number): Place | undefined {
  const columns = { createdAt: invitations.createdAt, seq: invitations.seq };
  return db.select(columns).from(invitations).where(eq(invitations.seq, seq)).get();
}

/** The end of the page before and `until` are one bound: with two SQLite could use the wider one. */
function isAfter(place: Place, until = Number.MAX_SAFE_INTEGER): SQL {
  const { createdAt, seq } = until < place.createdAt ? { createdAt: until, seq: 0 } : place;
  return sql`(${invitations.createdAt}, ${invitations.seq}) < (${createdAt}, ${seq})`;
}

function conditionsOf(filter: InvitationFilter, cutoff: number): SQL[] {
  const { status, employeeType, mode, email, q, since } = filter;
  const statusNow = sql`CASE WHEN ${isOverdue(cutoff)} THEN 'expired' ELSE ${invitations.status} END`;
  return [
    ...(q === undefined ? [] : [sql`instr(${invitations.searchText}, ${foldForSearch(q)}) > 0`]),
    ...(email === undefined ? [] : [eq(invitations.emailKey, normaliseEmail(email))]),
    ...(status === undefined ? [] : [sql`${statusNow} = ${status}`]),
    ...(employeeType === undefined ? [] : [eq(invitations.employeeType, employeeType)]),
    ...(mode === undefined ? [] : [eq(invitations.mode, mode)]),
    ...(since === undefined ? [] : [gte(invitations.createdAt, since)]),
  ];
}

/** Not used by anybody, and issued until `cutoff`. In the words of the index `invitations_unused`. */
export function isOverdue(cutoff: number): SQL {
  return sql`${invitations.status} IN ('issued', 'open') AND ${lte(invitations.issuedAt, cutoff)}`;
}

/** Adds to each open link who came by it. */
export function withMemberCounts(db: Db, found: readonly Invitation[]): ListedInvitation[] {
  const openIds = found.filter((one) => one.email === null).map((one) => one.id);
  const rows =
    openIds.length === 0
      ? []
      : db
          .select({
            id: members.invitationId,
            state: members.state,
            count: sql<number>`count(*)`,
          })
          .from(members)
          .where(inArray(members.invitationId, openIds))
          .groupBy(members.invitationId, members.state)
          .all();
  const countsOf = (id: string) =>
    memberCountsOf(rows.filter((row): row is typeof row & { state: MemberState } => row.id === id));
  return found.map((one) => ({
    ...one,
    memberCounts: one.email === null ? countsOf(one.id) : null,
  }));
}
