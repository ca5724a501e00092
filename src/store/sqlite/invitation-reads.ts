import { asc, desc, eq, inArray, or } from 'drizzle-orm';
import type { Invitation } from '../../onboarding/invitation.ts';
import type { ListedInvitation, StoreReads } from '../store.ts';
import { byState } from './balance.ts';
import { findImported } from './imported.ts';
import { invitationRows } from './invitation-list.ts';
import { pageOf } from './member-reads.ts';
import type { Db } from './open.ts';
import { invitationOf, memberOf } from './rows.ts';
import { invitations, members, openLinkCounts, timeline } from './schema.ts';

/** The members and lines of an open link that its story shows: the newest, for there may be many. */
const longestStory = 1_000;

export function invitationReads(
  db: Db,
): Pick<StoreReads, 'invitation' | 'invitationStory' | 'listInvitations' | 'imported'> {
  return {
    invitation: async (id) => findInvitation(db, id),
    imported: async (wish, now) => findImported(db, wish, now).standing,
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
      const rows = invitationRows(db, { filter, paging, now });
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
