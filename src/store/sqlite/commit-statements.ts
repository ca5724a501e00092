import { and, eq, inArray, isNotNull, isNull, lte, ne, or, type SQL, sql } from 'drizzle-orm';
import type { AttemptChange } from '../../domain/facts.ts';
import { linkIsOfUse, progressOf } from '../../domain/invitation.ts';
import type { Change } from '../store.ts';
import { givenLimit } from './given-limit.ts';
import type { Db } from './open.ts';
import { derivedColumns, invitationOf, isOver, memberParameters } from './rows.ts';
import { attempts, invitations, members, timeline } from './schema.ts';

/*
 * The statements of a commit, each prepared once: to build them anew for each change took Drizzle
 * three quarters of the time of a drain (bench/drain).
 */

/** A value that is given when the statement runs, as the driver takes it. */
function given(name: string): SQL {
  return sql`${sql.placeholder(name)}`;
}

function allGiven<Name extends string>(names: readonly Name[]): Record<Name, SQL> {
  // Object.fromEntries forgets the names.
  return Object.fromEntries(names.map((name) => [name, given(name)])) as Record<Name, SQL>;
}

/** What a decision may change of a member. `userId` is none of it: attempts refer to it. */
const memberColumns = [
  'state',
  'reason',
  'version',
  'dueAt',
  'leaseUntil',
  'invitationId',
  'adopted',
  'email',
  'emailKey',
  'firstName',
  'lastName',
  'cultureName',
  'employeeType',
  'registeredAt',
  'activatedAt',
  'confirmedAt',
  'welcomedAt',
  'absentSince',
  'lookCount',
  'notSentCount',
  'hinted',
  'openAttempt',
  'unknownAttemptId',
  'sentLate',
  'resendThrough',
  'refusedBy',
  'forgottenAt',
] as const;

type MemberColumn = (typeof memberColumns)[number];

/**
 * Of a member that was read before only what changed is written: its indexes stay as they are where
 * their columns do.
 * @returns a function that gives the member's `seq`, or null when the member is not the one that the
 *   decision was made on
 */
export function prepareMember(db: Db): (change: Change) => number | null {
  const insert = db
    .insert(members)
    .values({ userId: given('userId'), ...allGiven(memberColumns) })
    .onConflictDoNothing()
    .returning({ seq: members.seq })
    .prepare();
  const updates = new Map<string, ReturnType<typeof prepareUpdate>>();

  function prepareUpdate(columns: readonly MemberColumn[]) {
    return db
      .update(members)
      .set(allGiven(columns))
      .where(and(eq(members.userId, given('userId')), eq(members.version, given('madeOn'))))
      .returning({ seq: members.seq })
      .prepare();
  }

  /** Few sets of columns ever change together, so each is prepared at its first time. */
  function updateOf(columns: readonly MemberColumn[]) {
    const key = columns.join();
    const update = updates.get(key) ?? prepareUpdate(columns);
    updates.set(key, update);
    return update;
  }

  return ({ member, madeOn, before }) => {
    const row = { ...memberParameters(member), version: (madeOn ?? 0) + 1 };
    if (madeOn === null) return insert.get(row)?.seq ?? null;
    const was = before && memberParameters(before);
    const changed = was ? memberColumns.filter((name) => row[name] !== was[name]) : memberColumns;
    return updateOf(changed).get({ madeOn, ...row })?.seq ?? null;
  };
}

export function prepareAttempt(
  db: Db,
): (member: number, change: AttemptChange, at: number) => void {
  const begin = db
    .insert(attempts)
    .values(allGiven(['id', 'channel', 'member', 'startedAt']))
    .prepare();
  const end = db
    .update(attempts)
    .set(allGiven(['outcome', 'detail', 'endedAt']))
    .where(and(eq(attempts.id, given('id')), eq(attempts.member, given('member'))))
    .prepare();
  return (member, change, at) => {
    if (change.kind === 'begin') {
      const { id, channel } = change;
      begin.run({ id, channel, member, startedAt: at });
      return;
    }
    const { id, outcome, detail } = change;
    if (end.run({ id, member, outcome, detail, endedAt: at }).changes === 1) return;
    throw new Error(`attempt ${id} of member ${member} is not in the store`);
  };
}

/** Lists show how far the invited person came; the link goes once it is of no use any more. */
export function prepareAdvance(db: Db): (invitationId: string, change: Change) => void {
  const select = db
    .select()
    .from(invitations)
    .where(and(eq(invitations.id, given('id')), ne(invitations.progress, given('progress'))))
    .prepare();
  const update = db
    .update(invitations)
    .set(allGiven(['progress', 'link', 'standing', 'current']))
    .where(eq(invitations.id, given('id')))
    .prepare();
  return (id, change) => {
    const progress = progressOf(change.member);
    if (progress === 'none') return;
    const row = select.get({ id, progress });
    if (!row || row.email === null) return;
    const advanced = { ...invitationOf(row), progress };
    update.run({
      id,
      progress,
      link: linkIsOfUse(advanced, change.at) ? advanced.link : null,
      standing: derivedColumns(advanced).standing,
      // A former invitation stays a former one, whoever still comes by it.
      current: Number(row.current && !isOver(advanced)),
    });
  };
}

export function prepareEntry(db: Db) {
  return db
    .insert(timeline)
    .values(allGiven(['at', 'member', 'invitationId', 'what', 'cause', 'actor']))
    .prepare();
}

export function prepareClaim(db: Db, maySend: boolean) {
  const now = given('now');
  const isFree = or(isNull(members.leaseUntil), lte(members.leaseUntil, now));
  const isDue = and(lte(members.dueAt, now), isFree);
  const due = db
    .select({ seq: members.seq })
    .from(members)
    .where(maySend ? isDue : and(isDue, ne(members.state, 'ready')))
    .orderBy(members.dueAt)
    .limit(givenLimit());
  return db
    .update(members)
    .set(allGiven(['leaseUntil']))
    .where(inArray(members.seq, due))
    .returning()
    .prepare();
}

/** Members that workers can have at a time: DOCSPACE_CONCURRENCY at its most. */
const mostLeased = 256;

export function prepareNextDue(db: Db, maySend: boolean) {
  const isDue = isNotNull(members.dueAt);
  const first = db
    .select({ dueAt: members.dueAt, leaseUntil: members.leaseUntil })
    .from(members)
    .where(maySend ? isDue : and(isDue, ne(members.state, 'ready')))
    .orderBy(members.dueAt)
    .limit(mostLeased + 1)
    .as('first');
  const at = sql<number | null>`min(max(${first.dueAt}, coalesce(${first.leaseUntil}, 0)))`;
  return db.select({ at }).from(first).prepare();
}
