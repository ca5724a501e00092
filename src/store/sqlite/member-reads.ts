import { and, asc, desc, eq, lt, type SQL, sql } from 'drizzle-orm';
import { normaliseEmail } from '../../domain/vocabulary.ts';
import type { PageOf, Paging, StoreReads } from '../store.ts';
import { givenLimit } from './given-limit.ts';
import { isNoneOr } from './invitation-filter.ts';
import type { Db } from './open.ts';
import { pageRows } from './page-rows.ts';
import { listedMember, memberOf } from './rows.ts';
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

  const isOfState = isNoneOr('state', members.state);
  const isOfReason = isNoneOr('reason', members.reason);
  const all = prepareList(db);
  const byState = prepareList(db, eq(members.state, sql.placeholder('state')));
  const byReason = prepareList(db, eq(members.reason, sql.placeholder('reason')), isOfState);
  const emailKey = eq(members.emailKey, sql.placeholder('emailKey'));
  const byEmail = prepareList(db, emailKey, isOfReason, isOfState);

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
        timeline: linesOf.all(its).map(({ id, member, ...line }) => ({ userId, ...line })),
      };
    },
    async listMembers(filter, paging) {
      const emailKey = filter.email === undefined ? null : normaliseEmail(filter.email);
      const { state = null, reason = null } = filter;
      const list =
        emailKey !== null ? byEmail : reason !== null ? byReason : state !== null ? byState : all;
      const before = paging.cursor ?? Number.MAX_SAFE_INTEGER;
      const rows = list.all({ emailKey, state, reason, before, limit: paging.limit + 1 });
      return pageOf(rows, paging, ({ seq: _, ...member }) => member);
    },
  };
}

/** The newest by seq: each condition but the first is looked at row by row. */
function prepareList(db: Db, ...conditions: SQL[]) {
  const query = db
    .select(listedMember)
    .from(members)
    .where(and(...conditions, lt(members.seq, sql.placeholder('before'))))
    .orderBy(desc(members.seq))
    .limit(givenLimit())
    .prepare();
  return pageRows(listedMember, query);
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
