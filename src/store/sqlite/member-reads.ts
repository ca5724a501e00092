import { and, asc, desc, eq, lt } from 'drizzle-orm';
import { normaliseEmail } from '../../onboarding/words.ts';
import type { PageOf, Paging, StoreReads } from '../store.ts';
import type { Db } from './open.ts';
import { memberOf } from './rows.ts';
import { attempts, members, timeline } from './schema.ts';

export function memberReads(db: Db): Pick<StoreReads, 'member' | 'memberStory' | 'listMembers'> {
  return {
    member: async (userId) => findMember(db, userId),
    async memberStory(userId) {
      const member = findMember(db, userId);
      if (!member) return null;
      return { member, attempts: attemptsOf(db, userId), timeline: timelineOfMember(db, userId) };
    },
    async listMembers(filter, paging) {
      const rows = db
        .select()
        .from(members)
        .where(
          and(
            filter.state && eq(members.state, filter.state),
            filter.email !== undefined
              ? eq(members.emailKey, normaliseEmail(filter.email))
              : undefined,
            filter.reason === undefined ? undefined : eq(members.reason, filter.reason),
            paging.cursor === undefined ? undefined : lt(members.seq, paging.cursor),
          ),
        )
        .orderBy(desc(members.seq))
        .limit(paging.limit + 1)
        .all();
      return pageOf(rows, paging, memberOf);
    },
  };
}

/** One row more than asked for was read: its presence says that there is a further page. */
export function pageOf<Row extends { readonly seq: number }, T>(
  rows: readonly Row[],
  paging: Paging,
  convert: (row: Row) => T,
): PageOf<T> {
  const shown = rows.slice(0, paging.limit);
  const isMore = rows.length > paging.limit;
  return { items: shown.map(convert), nextCursor: isMore ? (shown.at(-1)?.seq ?? null) : null };
}

function findMember(db: Db, userId: string) {
  const row = db.select().from(members).where(eq(members.userId, userId)).get();
  return row ? memberOf(row) : null;
}

function attemptsOf(db: Db, userId: string) {
  return db
    .select()
    .from(attempts)
    .where(eq(attempts.userId, userId))
    .orderBy(asc(attempts.startedAt))
    .all();
}

function timelineOfMember(db: Db, userId: string) {
  return db
    .select()
    .from(timeline)
    .where(eq(timeline.userId, userId))
    .orderBy(asc(timeline.id))
    .all();
}
