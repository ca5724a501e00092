import { desc, eq, getTableColumns, type SQL, sql } from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';
import type { Invitation } from '../../domain/invitation.ts';
import type { ListedInvitation, StoreReads, TimelineEntry } from '../store.ts';
import { byState } from './balance.ts';
import { givenLimit } from './given-limit.ts';
import { findImported } from './imported.ts';
import { value } from './invitation-filter.ts';
import { prepareListing } from './invitation-list.ts';
import { pageOf } from './member-reads.ts';
import type { Db } from './open.ts';
import { pageRows } from './page-rows.ts';
import { invitationOf, listedMember } from './rows.ts';
import { invitations, members, timeline } from './schema.ts';
import { openLinkCounts } from './schema-counts.ts';

/** What the story of an open link shows of its members and lines: the newest, for there may be many. */
const mostOfMany = 100;
/** One person has so many lines only if something went round in circles. */
const mostOfOne = 1_000;

export function invitationReads(
  db: Db,
): Pick<StoreReads, 'invitation' | 'invitationStory' | 'listInvitations' | 'imported'> {
  const list = prepareListing(db);
  const story = prepareStory(db);
  const withCounts = prepareCounts(db);
  const find = prepareFindInvitation(db);
  return {
    invitation: async (id) => find(id),
    imported: async (wish, now) => findImported(db, wish, now).standing,
    async invitationStory(id) {
      const found = story(id);
      if (!found) return null;
      const [invitation = { ...found.invitation, memberCounts: null }] = withCounts([
        found.invitation,
      ]);
      return { ...found, invitation };
    },
    async listInvitations(filter, paging, now) {
      const rows = await list({ filter, paging, now });
      const page = pageOf(rows, paging, ({ seq: _, ...invitation }) => invitation);
      return { ...page, items: withCounts(page.items) };
    },
  };
}

/** For what is asked for each person: prepared once. */
export function prepareFindInvitation(db: Db): (id: string) => Invitation | null {
  const select = db
    .select()
    .from(invitations)
    .where(eq(invitations.id, sql.placeholder('id')))
    .prepare();
  return (id) => {
    const row = select.get({ id });
    return row ? invitationOf(row) : null;
  };
}

export function findInvitation(db: Db, id: string): Invitation | null {
  const row = db.select().from(invitations).where(eq(invitations.id, id)).get();
  return row ? invitationOf(row) : null;
}

/** Of open links, who came by them; of the others null. */
function prepareCounts(db: Db): (found: readonly Invitation[]) => ListedInvitation[] {
  const counts = db
    .select()
    .from(openLinkCounts)
    .where(isAmong(openLinkCounts.invitationId, 'ids'))
    .prepare();
  return (found) => {
    const openIds = found.filter((one) => one.email === null).map((one) => one.id);
    const rows = openIds.length === 0 ? [] : counts.all({ ids: JSON.stringify(openIds) });
    const countsOf = (id: string) => byState(rows.filter((row) => row.invitationId === id));
    return found.map((one) => ({
      // Before the others: a field that is added to a spread makes V8 describe each object anew.
      memberCounts: one.email === null ? countsOf(one.id) : null,
      ...one,
    }));
  };
}

/** Prepared: to build these queries each time would double the time of a look-up. */
function prepareStory(db: Db) {
  const invitation = db
    .select()
    .from(invitations)
    .where(eq(invitations.id, value('id')))
    .prepare();
  const ofInvitation = db
    .select(listedMember)
    .from(members)
    .where(eq(members.invitationId, value('id')))
    .orderBy(desc(members.seq))
    .limit(givenLimit())
    .prepare();
  const newestMembers = pageRows(listedMember, ofInvitation);
  // The newest of each index: both at once would be sorted as a whole.
  const ownLines = prepareLines(db, eq(timeline.invitationId, value('id')));
  const memberLines = prepareLines(db, isAmong(timeline.member, 'theirs'));

  /** What happened to it, and to these members from before they were known to be theirs. */
  function linesOf(id: string, seqs: readonly number[], most: number): TimelineEntry[] {
    const theirs = JSON.stringify(seqs);
    const limit = most;
    const lines = [...ownLines.all({ id, limit }), ...memberLines.all({ theirs, limit })];
    const byId = new Map(lines.map((line) => [line.id, line]));
    const inOrder = [...byId.values()].sort((a, b) => a.id - b.id).slice(-most);
    return inOrder.map(({ id: _, ...entry }) => entry);
  }

  return (id: string) => {
    const row = invitation.get({ id });
    if (!row) return null;
    const most = row.email === null ? mostOfMany : mostOfOne;
    const theirs = newestMembers.all({ id, limit: most });
    const seqs = theirs.map((one) => one.seq);
    return {
      invitation: invitationOf(row),
      members: theirs.map(({ seq: _, ...member }) => member),
      timeline: linesOf(id, seqs, most),
    };
  };
}

function prepareLines(db: Db, condition: SQL) {
  const { member, ...own } = getTableColumns(timeline);
  const columns = { ...own, userId: members.userId };
  const query = db
    .select(columns)
    .from(timeline)
    .leftJoin(members, eq(members.seq, member))
    .where(condition)
    .orderBy(desc(timeline.id))
    .limit(givenLimit())
    .prepare();
  return pageRows(columns, query);
}

/** @param name of the parameter: a JSON array, so that one prepared query serves any number */
function isAmong(column: SQLiteColumn, name: string): SQL {
  return sql`${column} IN (SELECT value FROM json_each(${value(name)}))`;
}
