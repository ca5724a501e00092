import { and, count, desc, eq, gte, inArray, isNotNull, lte, or, type SQL, sql } from 'drizzle-orm';
import { type Invitation, invitationLifetimeMs } from '../../domain/invitation.ts';
import { emailKey } from '../../domain/vocabulary.ts';
import { pageOf } from '../rows.ts';
import { foldForSearch } from '../rules.ts';
import type { InvitationFilter, ListedInvitation, Paging, StoreReads } from '../store.ts';
import type { Access } from './connection.ts';
import { contains } from './members.ts';
import { invitationColumns } from './rows.ts';
import type { Tables } from './schema.ts';

/** Lists invitations, the newest first. At equal times the highest `seq` comes first. */
export function invitationListReads(access: Access): Pick<StoreReads, 'listInvitations'> {
  return {
    async listInvitations(filter, paging, now) {
      const rows = await readPage(access, filter, paging, now - invitationLifetimeMs);
      const page = pageOf(rows, paging);
      return { ...page, items: await withMemberCounts(access, page.items) };
    },
  };
}

type ListedRow = { readonly seq: number; readonly item: Invitation & { readonly seq: number } };

/** @param cutoff invitations that were issued at this time or earlier are expired (UTC ms) */
async function readPage(
  access: Access,
  filter: InvitationFilter,
  { limit, cursor }: Paging,
  cutoff: number,
): Promise<readonly ListedRow[]> {
  const { db, tables } = access;
  const { seq, createdAt } = tables.invitations;
  const position = cursor === undefined ? firstPosition : await positionOf(access, cursor);
  // No invitation has this number, so the service has never returned this cursor: invitations are
  // never deleted. The page is empty.
  if (!position) return [];
  const { email, until = Number.MAX_SAFE_INTEGER } = filter;
  const brought = email === undefined ? [] : await invitationsOfPeopleWhoHad(access, email);
  const last = until < position.createdAt ? { createdAt: until, seq: 0 } : position;
  const isAfter = sql`(${createdAt}, ${seq}) < (${last.createdAt}, ${last.seq})`;
  return db
    .select({ seq, item: { ...invitationColumns(tables), seq } })
    .from(tables.invitations)
    .where(and(...conditionsOf(tables, filter, brought, cutoff), isAfter))
    .orderBy(desc(createdAt), desc(seq))
    .limit(limit + 1);
}

type Position = { readonly createdAt: number; readonly seq: number };
const firstPosition: Position = { createdAt: Number.MAX_SAFE_INTEGER, seq: 0 };

async function positionOf(
  { db, tables: { invitations } }: Access,
  seq: number,
): Promise<Position | undefined> {
  const columns = { createdAt: invitations.createdAt, seq: invitations.seq };
  const [row] = await db.select(columns).from(invitations).where(eq(invitations.seq, seq));
  return row;
}

/**
 * Makes SQL that selects the invitations to people who have or had several addresses.
 * @param fits a condition that one of the addresses must meet
 */
function invitationsOfPeople({ invitations, memberAddresses, members }: Tables, fits: SQL): SQL {
  return sql`SELECT ${invitations.seq} FROM ${memberAddresses}
    JOIN ${members} ON ${members.seq} = ${memberAddresses.member}
    JOIN ${invitations} ON ${invitations.id} = ${members.invitationId}
    WHERE ${fits} AND ${isNotNull(invitations.emailKey)}`;
}

async function invitationsOfPeopleWhoHad(
  { db, tables }: Access,
  email: string,
): Promise<readonly number[]> {
  const fits = eq(tables.memberAddresses.emailKey, emailKey(email));
  const { rows } = await db.execute<{ seq: number }>(invitationsOfPeople(tables, fits));
  return rows.map((row) => row.seq);
}

/** Whether a text is in the invited address, the note, or another address of the invited person. */
function containsText(tables: Tables, q: string): SQL {
  const { invitations, memberAddresses } = tables;
  const text = foldForSearch(q);
  const ofPeople = invitationsOfPeople(tables, contains(memberAddresses.searchText, text));
  return sql`(${contains(invitations.searchText, text)} OR ${invitations.seq} IN (${ofPeople}))`;
}

function conditionsOf(
  tables: Tables,
  filter: InvitationFilter,
  brought: readonly number[],
  cutoff: number,
): (SQL | undefined)[] {
  const { invitations } = tables;
  const { status, employeeType, mode, email, q, since, letter } = filter;
  const isTheirs = brought.length === 0 ? undefined : inArray(invitations.seq, [...brought]);
  const overdue = isOverdue(tables, cutoff);
  return [
    q === undefined ? undefined : containsText(tables, q),
    email === undefined ? undefined : or(eq(invitations.emailKey, emailKey(email)), isTheirs),
    status === undefined
      ? undefined
      : status === 'expired'
        ? // A few expired invitations still have another status in their row: see `expireInvitations`.
          or(eq(invitations.status, status), overdue)
        : and(eq(invitations.status, status), sql`(${overdue}) IS NOT TRUE`),
    employeeType === undefined ? undefined : eq(invitations.employeeType, employeeType),
    mode === undefined ? undefined : eq(invitations.mode, mode),
    letter === undefined ? undefined : eq(invitations.letter, letter),
    since === undefined ? undefined : gte(invitations.createdAt, since),
  ];
}

/**
 * Whether an invitation is unused and was issued at `cutoff` or earlier. The condition on the status
 * must match the WHERE clause of the index `invitations_unused`.
 */
export function isOverdue({ invitations }: Tables, cutoff: number): SQL {
  return sql`${invitations.status} IN ('issued', 'open') AND ${lte(invitations.issuedAt, cutoff)}`;
}

/** Adds to each open link the counts of the members who registered with it. */
export async function withMemberCounts<I extends Invitation>(
  { db, tables: { members } }: Access,
  found: readonly I[],
): Promise<(I & Pick<ListedInvitation, 'memberCounts'>)[]> {
  const openIds = found.filter((one) => one.email === null).map((one) => one.id);
  const { invitationId, state } = members;
  const rows =
    openIds.length === 0
      ? []
      : await db
          .select({ id: invitationId, state, count: count() })
          .from(members)
          .where(inArray(invitationId, openIds))
          .groupBy(invitationId, state);
  const countsOf = (id: string) =>
    Object.fromEntries(rows.filter((row) => row.id === id).map((row) => [row.state, row.count]));
  return found.map((one) => ({
    ...one,
    memberCounts: one.email === null ? countsOf(one.id) : null,
  }));
}
