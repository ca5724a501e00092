import {
  and,
  asc,
  desc,
  eq,
  gt,
  gte,
  inArray,
  isNotNull,
  lt,
  lte,
  type SQL,
  sql,
} from 'drizzle-orm';
import { unionAll } from 'drizzle-orm/sqlite-core';
import { type MemberState, memberStates } from '../../domain/member.ts';
import { emailKey, triggers } from '../../domain/vocabulary.ts';
import { pageOf, timelineEntryOf } from '../rows.ts';
import { foldForSearch } from '../rules.ts';
import type { MemberCounts, MemberFilter, MemberReads } from '../store.ts';
import type { Db } from './open.ts';
import { countEach, memberColumns } from './rows.ts';
import {
  attempts,
  deliveries,
  invitations,
  keyValues,
  memberAddresses,
  memberDeliveries,
  members,
  timeline,
} from './schema.ts';

const listed = { seq: members.seq, item: memberColumns };

export function memberReads(db: Db): MemberReads {
  const byId = db
    .select(memberColumns)
    .from(members)
    .where(eq(members.userId, sql.placeholder('userId')))
    .prepare();

  return {
    member: async (userId) => byId.get({ userId }) ?? null,
    async memberStory(userId) {
      const row = db.select(listed).from(members).where(eq(members.userId, userId)).get();
      if (!row) return null;
      return {
        member: row.item,
        attempts: db
          .select({
            id: attempts.id,
            channel: attempts.channel,
            startedAt: attempts.startedAt,
            endedAt: attempts.endedAt,
            outcome: attempts.outcome,
            reason: attempts.reason,
          })
          .from(attempts)
          .where(eq(attempts.member, row.seq))
          .orderBy(asc(attempts.startedAt))
          .all(),
        timeline: db
          .select()
          .from(timeline)
          .where(eq(timeline.member, row.seq))
          .orderBy(asc(timeline.id))
          .all()
          .map((entry) => timelineEntryOf({ ...entry, userId })),
      };
    },
    async listMembers(filter, paging) {
      const { limit, cursor = Number.MAX_SAFE_INTEGER } = paging;
      const had = filter.email === undefined ? [] : membersWhoHad(db, filter.email);
      // If `had` has rows, the condition needs two indexes, so no index is named.
      const index = had.length > 0 ? sql`` : sql`INDEXED BY ${sql.raw(indexFor(filter))}`;
      const conditions = and(...conditionsOf(filter, had), lt(members.seq, cursor));
      const page = sql`(SELECT ${members.seq} FROM ${members} ${index}
        WHERE ${conditions} ORDER BY ${members.seq} DESC LIMIT ${limit + 1})`;
      const isOnPage = inArray(members.seq, page);
      const rows = db.select(listed).from(members).where(isOnPage).orderBy(desc(members.seq)).all();
      return pageOf(rows, paging);
    },
    async membersByEvent({ events, since, until, limit }) {
      // Ids grow with time, so the entries of a period lie together, and no index of times is needed.
      const before = sql`SELECT ${timeline.id} FROM ${timeline} WHERE ${lt(timeline.at, since)} ORDER BY ${timeline.id} DESC LIMIT 1`;
      const happened = and(
        sql`${timeline.id} > coalesce((${before}), 0)`,
        gte(timeline.at, since),
        lt(timeline.at, until),
        inArray(timeline.event, [...events]),
      );
      const found = sql`(SELECT ${timeline.member} FROM ${timeline} NOT INDEXED WHERE ${happened})`;
      const rows = db
        .select(memberColumns)
        .from(members)
        .where(and(inArray(members.seq, found), isNotNull(members.email)));
      return rows.orderBy(asc(members.seq)).limit(limit).all();
    },
  };
}

/**
 * Returns the `seq` of each member who has or had several addresses, one of which is this address. There
 * are few such members.
 */
function membersWhoHad(db: Db, email: string): readonly number[] {
  return db
    .select({ member: memberAddresses.member })
    .from(memberAddresses)
    .where(eq(memberAddresses.emailKey, emailKey(email)))
    .all()
    .map((row) => row.member);
}

/** The index with which the fewest members are read. It has the order of the list. */
function indexFor(filter: MemberFilter): string {
  if (filter.email !== undefined) return 'members_email';
  if (filter.invitationId !== undefined) return 'members_invitation';
  if (filter.q !== undefined) return 'members_search';
  if (filter.reason !== undefined) return 'members_reason';
  return filter.state === undefined ? 'members_search' : 'members_state';
}

function conditionsOf(filter: MemberFilter, had: readonly number[]): SQL[] {
  const { state, email, reason, q, invitationId } = filter;
  const isNow = (key: string) => sql`${members.emailKey} = ${key}`;
  const wasEver = had.length === 0 ? sql`` : sql` OR ${inArray(members.seq, [...had])}`;
  return [
    ...(state === undefined ? [] : [eq(members.state, state)]),
    ...(email === undefined ? [] : [sql`(${isNow(emailKey(email))}${wasEver})`]),
    ...(reason === undefined ? [] : [eq(members.reasonCode, reason)]),
    ...(q === undefined ? [] : [containsText(q)]),
    ...(invitationId === undefined ? [] : [eq(members.invitationId, invitationId)]),
  ];
}

/** The condition that the name, the address or a former address contains a text. */
function containsText(q: string): SQL {
  const text = foldForSearch(q);
  return sql`(instr(${members.searchText}, ${text}) > 0 OR ${members.seq} IN (
    SELECT ${memberAddresses.member} FROM ${memberAddresses}
    WHERE instr(${memberAddresses.searchText}, ${text}) > 0))`;
}

/** @returns the members among these users */
export function membersAmong(db: Db, userIds: readonly string[]) {
  if (userIds.length === 0) return [];
  const isAmong = inArray(members.userId, [...new Set(userIds)]);
  return db.select(memberColumns).from(members).where(isAmong).all();
}

type StateCount = { readonly state: MemberState; readonly count: number };

export function memberCountsOf(rows: readonly StateCount[]): MemberCounts {
  const found = rows.filter(({ count }) => count > 0);
  return Object.fromEntries(found.map(({ state, count }) => [state, count]));
}

export function countMembers(db: Db): MemberCounts {
  const counts = countEach(db, {
    table: members,
    column: members.state,
    values: memberStates,
    commonest: 'welcomed',
  });
  return Object.fromEntries([...counts].filter(([, count]) => count > 0));
}

/** Counts the members who registered with an open link, by state. */
export function countOpenLinkMembers(db: Db): MemberCounts {
  return memberCountsOf(
    db.all<StateCount>(
      sql`SELECT ${members.state} AS state, count(*) AS count
        FROM ${invitations} INDEXED BY invitations_open_links CROSS JOIN ${members} INDEXED BY members_invitation
        ON ${members.invitationId} = ${invitations.id}
        WHERE ${invitations.emailKey} IS NULL GROUP BY ${members.state}`,
    ),
  );
}

// ── The deliveries of members ───────────────────────────────────────────────────────────────────

/**
 * The condition that a delivery is about one of these users. Deliveries that became hints are in
 * `member_deliveries`. The other deliveries are the newest ones. Usually there are few of them.
 */
export function isAbout(db: Db, userIds: readonly string[]): SQL {
  const known = db
    .select({ id: memberDeliveries.delivery })
    .from(memberDeliveries)
    .innerJoin(members, eq(members.seq, memberDeliveries.member))
    .where(inArray(members.userId, [...userIds]));
  const appliedThrough = db
    .select({ value: keyValues.value })
    .from(keyValues)
    .where(eq(keyValues.key, 'applied_through'));
  const fresh = db
    .select({ id: deliveries.id })
    .from(deliveries)
    .where(
      and(
        // Under load, many deliveries are not applied yet. With this condition SQLite searches them in
        // the index `deliveries_trigger` and does not read their rows.
        inArray(deliveries.trigger, [...triggers]),
        sql`${deliveries.id} > coalesce(CAST(${appliedThrough} AS INTEGER), 0)`,
        inArray(deliveries.userId, [...userIds]),
      ),
    );
  return inArray(deliveries.id, unionAll(known, fresh));
}

/**
 * Records the member of each delivery with an id above `after`, up to `through`. The members of these
 * deliveries must have been stored before.
 */
export function noteMembers(db: Db, { after, through }: { after: number; through: number }): void {
  const found = db
    .select({ member: members.seq, delivery: deliveries.id })
    .from(deliveries)
    .innerJoin(members, eq(members.userId, deliveries.userId))
    .where(and(gt(deliveries.id, after), lte(deliveries.id, through)));
  db.insert(memberDeliveries).select(found).onConflictDoNothing().run();
}

/** Empties the bodies of all deliveries about these users. The rows stay. Returns how many changed. */
export function eraseBodies(db: Db, userIds: readonly string[]): number {
  if (userIds.length === 0) return 0;
  const isFilled = sql`length(${deliveries.body}) > 0`;
  return emptyBodies(db, and(isAbout(db, userIds), isFilled));
}

export function emptyBodies(db: Db, condition: SQL | undefined): number {
  return db
    .update(deliveries)
    .set({ body: Buffer.alloc(0) })
    .where(condition)
    .run().changes;
}
