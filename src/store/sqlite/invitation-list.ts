import { and, desc, eq, gte, inArray, isNotNull, lte, type SQL, sql } from 'drizzle-orm';
import { type Invitation, invitationLifetimeMs } from '../../domain/invitation.ts';
import type { MemberState } from '../../domain/member.ts';
import { emailKey } from '../../domain/vocabulary.ts';
import { pageOf } from '../rows.ts';
import { foldForSearch } from '../rules.ts';
import type { InvitationFilter, ListedInvitation, Paging, StoreReads } from '../store.ts';
import { memberCountsOf } from './members.ts';
import type { Db } from './open.ts';
import { invitationColumns } from './rows.ts';
import { invitations, memberAddresses, members } from './schema.ts';

const listed = { seq: invitations.seq, item: { ...invitationColumns, seq: invitations.seq } };
type ListedRow = { readonly seq: number; readonly item: Invitation & { readonly seq: number } };

/** Lists invitations, the newest first. At equal times the highest `seq` comes first. */
export function invitationListReads(db: Db): Pick<StoreReads, 'listInvitations'> {
  return {
    async listInvitations(filter, paging, now) {
      const rows = readPage(db, filter, paging, now - invitationLifetimeMs);
      const page = pageOf(rows, paging);
      return { ...page, items: withMemberCounts(db, page.items) };
    },
  };
}

/**
 * Reads the rows of a page, and one more row if there is a further page.
 * @param cutoff invitations that were issued at this time or earlier are expired (UTC ms)
 */
function readPage(
  db: Db,
  filter: InvitationFilter,
  { limit, cursor }: Paging,
  cutoff: number,
): readonly ListedRow[] {
  const position = cursor === undefined ? firstPosition : positionOf(db, cursor);
  // Invitations are never deleted, so the service has never returned this cursor.
  if (!position) return [];
  const { q, email, status, employeeType, mode, letter } = filter;
  const brought = email === undefined ? [] : invitationsOfPeopleWhoHad(db, email);
  const conditions = [...conditionsOf(filter, brought, cutoff), isAfter(position, filter.until)];
  const { seq, createdAt } = invitations;
  const read = (index: string | null, ...more: SQL[]): ListedRow[] => {
    const by = index === null ? sql`` : sql`INDEXED BY ${sql.raw(index)}`;
    const page = sql`(SELECT ${seq} FROM ${invitations} ${by}
      WHERE ${and(...conditions, ...more)} ORDER BY ${createdAt} DESC, ${seq} DESC LIMIT ${limit + 1})`;
    const rows = db.select(listed).from(invitations).where(inArray(seq, page));
    return rows.orderBy(desc(createdAt), desc(seq)).all();
  };
  if (q !== undefined) return read('invitations_list');
  // If `brought` has rows, the condition needs two indexes, so no index is named.
  if (email !== undefined) return read(brought.length > 0 ? null : 'invitations_email');
  if (letter !== undefined) return read('invitations_letter');
  if (status === 'expired') {
    // The second query reads the rows that `expireInvitations` has not marked yet. They are few.
    return [
      ...read('invitations_status', eq(invitations.status, status)),
      ...read('invitations_unused', isOverdue(cutoff)),
    ]
      .sort((a, b) => b.item.createdAt - a.item.createdAt || b.seq - a.seq)
      .slice(0, limit + 1);
  }
  if (status !== undefined) return read('invitations_status', eq(invitations.status, status));
  if (employeeType !== undefined) return read('invitations_type');
  return read(mode === undefined ? 'invitations_list' : 'invitations_mode');
}

type Position = { readonly createdAt: number; readonly seq: number };
const firstPosition: Position = { createdAt: Number.MAX_SAFE_INTEGER, seq: 0 };

function positionOf(db: Db, seq: number): Position | undefined {
  const columns = { createdAt: invitations.createdAt, seq: invitations.seq };
  return db.select(columns).from(invitations).where(eq(invitations.seq, seq)).get();
}

/**
 * The condition that a row is older than the last row of the previous page and older than `until`. Only
 * the earlier of the two times is compared. With two conditions, SQLite might begin at the later time.
 */
function isAfter(position: Position, until = Number.MAX_SAFE_INTEGER): SQL {
  const { createdAt, seq } = until < position.createdAt ? { createdAt: until, seq: 0 } : position;
  return sql`(${invitations.createdAt}, ${invitations.seq}) < (${createdAt}, ${seq})`;
}

/**
 * Selects the personal invitations of members who have or had several addresses.
 * @param fits the condition that one of these addresses must meet
 */
function invitationsOfPeople(fits: SQL): SQL {
  return sql`SELECT ${invitations.seq} FROM ${memberAddresses}
    CROSS JOIN ${members} ON ${members.seq} = ${memberAddresses.member}
    CROSS JOIN ${invitations} ON ${invitations.id} = ${members.invitationId}
    WHERE ${fits} AND ${isNotNull(invitations.emailKey)}`;
}

function invitationsOfPeopleWhoHad(db: Db, email: string): readonly number[] {
  const query = invitationsOfPeople(eq(memberAddresses.emailKey, emailKey(email)));
  return db.all<{ seq: number }>(query).map((row) => row.seq);
}

/**
 * The condition that the invited address, the note, or another address of the invited person contains
 * a text.
 */
function containsText(q: string): SQL {
  const text = foldForSearch(q);
  const ofPeople = invitationsOfPeople(sql`instr(${memberAddresses.searchText}, ${text}) > 0`);
  return sql`(instr(${invitations.searchText}, ${text}) > 0 OR ${invitations.seq} IN (${ofPeople}))`;
}

function conditionsOf(filter: InvitationFilter, brought: readonly number[], cutoff: number): SQL[] {
  const { status, employeeType, mode, email, q, since, letter } = filter;
  const isInvited = (key: string) => sql`${invitations.emailKey} = ${key}`;
  const isTheirs =
    brought.length === 0 ? sql`` : sql` OR ${inArray(invitations.seq, [...brought])}`;
  const statusNow = sql`CASE WHEN ${isOverdue(cutoff)} THEN 'expired' ELSE ${invitations.status} END`;
  return [
    ...(q === undefined ? [] : [containsText(q)]),
    ...(email === undefined ? [] : [sql`(${isInvited(emailKey(email))}${isTheirs})`]),
    ...(status === undefined ? [] : [sql`${statusNow} = ${status}`]),
    ...(employeeType === undefined ? [] : [eq(invitations.employeeType, employeeType)]),
    ...(mode === undefined ? [] : [eq(invitations.mode, mode)]),
    ...(letter === undefined ? [] : [eq(invitations.letter, letter)]),
    ...(since === undefined ? [] : [gte(invitations.createdAt, since)]),
  ];
}

/**
 * The condition for unused invitations that were issued at `cutoff` or earlier. The condition on the
 * status must match the WHERE clause of the index `invitations_unused`.
 */
export function isOverdue(cutoff: number): SQL {
  return sql`${invitations.status} IN ('issued', 'open') AND ${lte(invitations.issuedAt, cutoff)}`;
}

/** Adds to each open link the counts of the members who registered with it. */
export function withMemberCounts<I extends Invitation>(
  db: Db,
  found: readonly I[],
): (I & Pick<ListedInvitation, 'memberCounts'>)[] {
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
