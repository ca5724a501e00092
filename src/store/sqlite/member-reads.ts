import { and, asc, desc, eq, lt, sql } from 'drizzle-orm';
import { normaliseEmail } from '../../onboarding/words.ts';
import type { PageOf, Paging, StoreReads } from '../store.ts';
import type { Db } from './open.ts';
import { memberOf } from './rows.ts';
import { attempts, members, timeline } from './schema.ts';

export function memberReads(db: Db): Pick<StoreReads, 'member' | 'memberStory' | 'listMembers'> {
  // Prepared: to build these queries each time would double the time of a look-up.
  const seq = sql.placeholder('seq');
  const byId = db
    .select()
    .from(members)
    .where(eq(members.userId, sql.placeholder('userId')))
    .prepare();
  const attemptsOf = db
    .select()
    .from(attempts)
    .where(eq(attempts.member, seq))
    .orderBy(asc(attempts.startedAt))
    .prepare();
  const linesOf = db
    .select()
    .from(timeline)
    .where(eq(timeline.member, seq))
    .orderBy(asc(timeline.id))
    .prepare();

  return {
    async member(userId) {
      const row = byId.get({ userId });
      return row ? memberOf(row) : null;
    },
    async memberStory(userId) {
      const row = byId.get({ userId });
      if (!row) return null;
      const its = { seq: row.seq };
      return {
        member: memberOf(row),
        attempts: attemptsOf.all(its).map(({ member, ...attempt }) => attempt),
        timeline: linesOf.all(its).map(({ id, member, ...line }) => ({ ...line, userId })),
      };
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
