import { and, asc, count, desc, eq, gt, gte, inArray, lt, lte, or, sql } from 'drizzle-orm';
import { type Invitation, invitationLifetimeMs } from '../../onboarding/invitation.ts';
import { normaliseEmail } from '../../onboarding/words.ts';
import type { InvitationFilter, ListedInvitation, MemberCounts, StoreReads } from '../store.ts';
import { pageOf } from './member-reads.ts';
import type { Db } from './open.ts';
import { invitationOf, memberOf } from './rows.ts';
import { invitations, members, timeline } from './schema.ts';

/** The members and lines of an open link that its story shows: the newest, for there may be many. */
const longestStory = 1_000;

export function invitationReads(
  db: Db,
): Pick<StoreReads, 'invitation' | 'invitationStory' | 'listInvitations'> {
  return {
    invitation: async (id) => findInvitation(db, id),
    async invitationStory(id) {
      const invitation = findInvitation(db, id);
      if (!invitation) return null;
      const counted = withCounts(db, [invitation])[0];
      return {
        invitation: counted ?? { ...invitation, memberCounts: null },
        members: membersOf(db, id),
        timeline: timelineOfInvitation(db, id),
      };
    },
    async listInvitations(filter, paging, now) {
      const rows = db
        .select()
        .from(invitations)
        .where(
          and(
            ...conditions(filter, now),
            paging.cursor === undefined ? undefined : lt(invitations.seq, paging.cursor),
          ),
        )
        .orderBy(desc(invitations.seq))
        .limit(paging.limit + 1)
        .all();
      const page = pageOf(rows, paging, invitationOf);
      return { ...page, items: withCounts(db, page.items) };
    },
  };
}

export function findInvitation(db: Db, id: string): Invitation | null {
  const row = db.select().from(invitations).where(eq(invitations.id, id)).get();
  return row ? invitationOf(row) : null;
}

function conditions(filter: InvitationFilter, now: number) {
  return [
    statusIs(filter.status, now),
    filter.employeeType && eq(invitations.employeeType, filter.employeeType),
    filter.mode && eq(invitations.mode, filter.mode),
    filter.email === undefined ? undefined : eq(invitations.emailKey, normaliseEmail(filter.email)),
    filter.since === undefined ? undefined : gte(invitations.createdAt, filter.since),
    filter.until === undefined ? undefined : lt(invitations.createdAt, filter.until),
    filter.q === undefined ? undefined : containsText(filter.q),
  ];
}

/** `expired` is the one status that only time brings, so it is asked for by time. */
function statusIs(status: InvitationFilter['status'], now: number) {
  if (status === undefined) return undefined;
  const cutoff = now - invitationLifetimeMs;
  if (status === 'expired') {
    return and(
      inArray(invitations.standing, ['issued', 'open']),
      lte(invitations.issuedAt, cutoff),
    );
  }
  const isStanding = eq(invitations.standing, status);
  if (status !== 'issued' && status !== 'open') return isStanding;
  return and(isStanding, gt(invitations.issuedAt, cutoff));
}

/** A quoted phrase: nothing in it is query syntax (sqlite.org/fts5.html, 3); NUL would end it. */
function containsText(q: string) {
  const phrase = `"${q.replaceAll('\0', '\uFFFD').replaceAll('"', '""')}"`;
  return sql`${invitations.seq} IN (SELECT rowid FROM invitations_text WHERE invitations_text MATCH ${phrase})`;
}

function withCounts(db: Db, found: readonly Invitation[]): ListedInvitation[] {
  const openIds = found.filter((one) => one.email === null).map((one) => one.id);
  const counts = new Map<string, MemberCounts>(openIds.map((id) => [id, {}]));
  if (openIds.length > 0) {
    const rows = db
      .select({ id: members.invitationId, state: members.state, count: count() })
      .from(members)
      .where(inArray(members.invitationId, openIds))
      .groupBy(members.invitationId, members.state)
      .all();
    for (const row of rows) {
      if (row.id !== null) counts.set(row.id, { ...counts.get(row.id), [row.state]: row.count });
    }
  }
  return found.map((one) => ({ ...one, memberCounts: counts.get(one.id) ?? null }));
}

function membersOf(db: Db, invitationId: string) {
  return db
    .select()
    .from(members)
    .where(eq(members.invitationId, invitationId))
    .orderBy(desc(members.seq))
    .limit(longestStory)
    .all()
    .map(memberOf);
}

/** What happened to the invitation, and to each member from before it was known to be theirs. */
function timelineOfInvitation(db: Db, id: string) {
  const theirs = db
    .select({ userId: members.userId })
    .from(members)
    .where(eq(members.invitationId, id));
  return db
    .select()
    .from(timeline)
    .where(or(eq(timeline.invitationId, id), inArray(timeline.userId, theirs)))
    .orderBy(asc(timeline.id))
    .limit(longestStory)
    .all();
}
