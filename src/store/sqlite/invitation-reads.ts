import { desc, eq, inArray, type SQL } from 'drizzle-orm';
import type { Invitation } from '../../onboarding/invitation.ts';
import type { Member } from '../../onboarding/member.ts';
import type { ListedInvitation, StoreReads, TimelineEntry } from '../store.ts';
import { byState } from './balance.ts';
import { findImported } from './imported.ts';
import { prepareListing } from './invitation-list.ts';
import { pageOf } from './member-reads.ts';
import type { Db } from './open.ts';
import { invitationOf, memberOf } from './rows.ts';
import { invitations, members, openLinkCounts, timeline } from './schema.ts';

/** What the story of an open link shows of its members and lines: the newest, for there may be many. */
const mostOfMany = 100;
/** One person has so many lines only if something went round in circles. */
const mostOfOne = 1_000;

export function invitationReads(
  db: Db,
): Pick<StoreReads, 'invitation' | 'invitationStory' | 'listInvitations' | 'imported'> {
  const list = prepareListing(db);
  return {
    invitation: async (id) => findInvitation(db, id),
    imported: async (wish, now) => findImported(db, wish, now).standing,
    async invitationStory(id) {
      const invitation = findInvitation(db, id);
      if (!invitation) return null;
      const most = invitation.email === null ? mostOfMany : mostOfOne;
      const newest = membersOf(db, id, most);
      return {
        invitation: withCounts(db, [invitation])[0] ?? { ...invitation, memberCounts: null },
        members: newest,
        timeline: timelineOf(db, invitation, newest).slice(-most),
      };
    },
    async listInvitations(filter, paging, now) {
      const rows = await list({ filter, paging, now });
      const page = pageOf(rows, paging, invitationOf);
      return { ...page, items: withCounts(db, page.items) };
    },
  };
}

export function findInvitation(db: Db, id: string): Invitation | null {
  const row = db.select().from(invitations).where(eq(invitations.id, id)).get();
  return row ? invitationOf(row) : null;
}

function withCounts(db: Db, found: readonly Invitation[]): ListedInvitation[] {
  const openIds = found.filter((one) => one.email === null).map((one) => one.id);
  const rows =
    openIds.length === 0
      ? []
      : db.select().from(openLinkCounts).where(inArray(openLinkCounts.invitationId, openIds)).all();
  const countsOf = (id: string) => byState(rows.filter((row) => row.invitationId === id));
  return found.map((one) => ({
    ...one,
    memberCounts: one.email === null ? countsOf(one.id) : null,
  }));
}

function membersOf(db: Db, invitationId: string, most: number): Member[] {
  return db
    .select()
    .from(members)
    .where(eq(members.invitationId, invitationId))
    .orderBy(desc(members.seq))
    .limit(most)
    .all()
    .map(memberOf);
}

/** What happened to the invitation, and to these members from before they were known to be theirs. */
function timelineOf(db: Db, { id }: Invitation, theirs: readonly Member[]): TimelineEntry[] {
  const isTheirs = inArray(
    timeline.userId,
    theirs.map((one) => one.userId),
  );
  const own = linesWhere(db, eq(timeline.invitationId, id));
  const lines = theirs.length === 0 ? own : [...own, ...linesWhere(db, isTheirs)];
  const byId = new Map(lines.map((line) => [line.id, line]));
  return [...byId.values()].sort((a, b) => a.id - b.id).map(({ id: _, ...entry }) => entry);
}

/** The newest of one index: several at once would be sorted as a whole. */
function linesWhere(db: Db, condition: SQL) {
  return db
    .select()
    .from(timeline)
    .where(condition)
    .orderBy(desc(timeline.id))
    .limit(mostOfOne)
    .all();
}
