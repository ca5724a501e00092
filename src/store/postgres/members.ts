import {
  and,
  asc,
  count,
  desc,
  eq,
  gt,
  gte,
  inArray,
  isNotNull,
  lt,
  type SQL,
  sql,
} from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';
import { emailKey } from '../../domain/vocabulary.ts';
import { pageOf, timelineEntryOf } from '../rows.ts';
import { foldForSearch, longestWaitMs } from '../rules.ts';
import type { MemberCounts, MemberFilter, MemberReads } from '../store.ts';
import { type Access, readOnlySnapshot } from './connection.ts';
import { memberColumns } from './rows.ts';

export function memberReads(access: Access): MemberReads {
  const { db, tables } = access;
  const { members, attempts, timeline } = tables;
  const columns = memberColumns(tables);
  const listed = { seq: members.seq, item: columns };
  return {
    async member(userId) {
      return (await db.select(columns).from(members).where(eq(members.userId, userId)))[0] ?? null;
    },
    memberStory: (userId) =>
      // In a snapshot, all queries see the same moment, whatever is committed between them.
      db.transaction(async (snapshot) => {
        const [row] = await snapshot.select(listed).from(members).where(eq(members.userId, userId));
        if (!row) return null;
        const { id, channel, startedAt, endedAt, outcome, reason } = attempts;
        const entries = snapshot.select().from(timeline).where(eq(timeline.member, row.seq));
        return {
          member: row.item,
          attempts: await snapshot
            .select({ id, channel, startedAt, endedAt, outcome, reason })
            .from(attempts)
            .where(eq(attempts.member, row.seq))
            .orderBy(asc(startedAt)),
          timeline: (await entries.orderBy(asc(timeline.id))).map((entry) =>
            timelineEntryOf({ ...entry, userId }),
          ),
        };
      }, readOnlySnapshot),
    async listMembers(filter, paging) {
      const isBefore = paging.cursor === undefined ? undefined : lt(members.seq, paging.cursor);
      const rows = await db
        .select(listed)
        .from(members)
        .where(and(...conditionsOf(access, filter), isBefore))
        .orderBy(desc(members.seq))
        .limit(paging.limit + 1);
      return pageOf(rows, paging);
    },
    async membersByEvent({ events, since, until, limit }) {
      const happened = and(
        gte(timeline.at, since),
        lt(timeline.at, until),
        inArray(timeline.event, [...events]),
      );
      const found = db.select({ member: timeline.member }).from(timeline).where(happened);
      const rows = db
        .select(columns)
        .from(members)
        .where(and(inArray(members.seq, found), isNotNull(members.email)));
      return rows.orderBy(asc(members.seq)).limit(limit);
    },
  };
}

function conditionsOf({ db, tables }: Access, filter: MemberFilter): (SQL | undefined)[] {
  const { state, email, reason, q, invitationId } = filter;
  const { members, memberAddresses } = tables;
  const whoHad = (condition: SQL) =>
    inArray(
      members.seq,
      db.select({ member: memberAddresses.member }).from(memberAddresses).where(condition),
    );
  const key = emailKey(email ?? '');
  const text = foldForSearch(q ?? '');
  return [
    state && eq(members.state, state),
    email === undefined
      ? undefined
      : sql`(${eq(members.emailKey, key)} OR ${whoHad(eq(memberAddresses.emailKey, key))})`,
    reason && eq(members.reasonCode, reason),
    q === undefined
      ? undefined
      : sql`(${contains(members.searchText, text)} OR ${whoHad(contains(memberAddresses.searchText, text))})`,
    invitationId === undefined ? undefined : eq(members.invitationId, invitationId),
  ];
}

/** @param text folded by `foldForSearch`, like the texts of the column */
export function contains(column: AnyPgColumn, text: string): SQL {
  // No stored text contains this character, and PostgreSQL refuses it in a parameter.
  return text.includes('\0') ? sql`false` : sql`strpos(${column}, ${text}) > 0`;
}

/** @returns the members among these users */
export async function membersAmong({ db, tables }: Access, userIds: readonly string[]) {
  if (userIds.length === 0) return [];
  const isAmong = inArray(tables.members.userId, [...new Set(userIds)]);
  return db.select(memberColumns(tables)).from(tables.members).where(isAmong);
}

export async function countMembers({
  db,
  tables: { members },
}: Pick<Access, 'db' | 'tables'>): Promise<MemberCounts> {
  const rows = db.select({ state: members.state, count: count() }).from(members);
  const counts = await rows.groupBy(members.state);
  return Object.fromEntries(counts.map((row) => [row.state, row.count]));
}

/** Counts the members who registered with an open link, by state. */
export async function countOpenLinkMembers({ db, tables }: Access): Promise<MemberCounts> {
  const { invitations, members } = tables;
  const rows = await db
    .select({ state: members.state, count: count() })
    .from(invitations)
    .innerJoin(members, eq(members.invitationId, invitations.id))
    .where(sql`${invitations.emailKey} IS NULL`)
    .groupBy(members.state);
  return Object.fromEntries(rows.map((row) => [row.state, row.count]));
}

// ── The deliveries of members ───────────────────────────────────────────────────────────────────

/** Empties the bodies of all deliveries about these users. The rows stay. */
export async function eraseBodies(access: Access, userIds: readonly string[]): Promise<number> {
  if (userIds.length === 0) return 0;
  const { body, userId } = access.tables.deliveries;
  return emptyBodies(access, and(inArray(userId, [...userIds]), sql`length(${body}) > 0`));
}

export async function emptyBodies(
  { db, tables: { deliveries } }: Access,
  condition: SQL | undefined,
): Promise<number> {
  const { rowCount } = await db
    .update(deliveries)
    .set({ body: Buffer.alloc(0) })
    .where(condition);
  return rowCount ?? 0;
}

/**
 * Subtracts `byMs` from each due time of members and letters that is later than `now`. The new time is
 * not earlier than `now`, and for members not later than `longestWaitMs` after `now`. The leases of
 * these members end `byMs` earlier, too.
 */
export async function advanceWaits(
  { db, tables: { members, invitations } }: Access,
  byMs: number,
  now: number,
): Promise<void> {
  const latest = now + longestWaitMs;
  const dueAt = sql`greatest(${now}::bigint, least(${members.dueAt} - ${byMs}::bigint, ${latest}::bigint))`;
  const leaseUntil = sql`CASE WHEN ${members.leaseUntil} > ${now}
    THEN greatest(${now}::bigint, ${members.leaseUntil} - ${byMs}::bigint) ELSE ${members.leaseUntil} END`;
  await db.update(members).set({ dueAt, leaseUntil }).where(gt(members.dueAt, now));
  const letterDueAt = sql`greatest(${now}::bigint, ${invitations.letterDueAt} - ${byMs}::bigint)`;
  await db.update(invitations).set({ letterDueAt }).where(gt(invitations.letterDueAt, now));
}
