import {
  and,
  asc,
  eq,
  gt,
  inArray,
  isNotNull,
  isNull,
  lte,
  ne,
  or,
  type SQL,
  sql,
} from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';
import { limitedSince } from '../../domain/attempt-limits.ts';
import type { AttemptChange } from '../../domain/facts.ts';
import {
  furthestStepOf,
  type Invitation,
  isLinkUsable,
  withoutDueLetter,
} from '../../domain/invitation.ts';
import { newMember } from '../../domain/member.ts';
import { emailKey } from '../../domain/vocabulary.ts';
import {
  countedText,
  emailKeyOf,
  foldForSearch,
  hourlyPause,
  makesRoom,
  mostLeased,
  storedStatus,
} from '../rules.ts';
import type { Change, CountedOutcome, Guard, MemberWrites } from '../store.ts';
import { releaseKeys } from './idempotency.ts';
import { addPause, prepareGetValue, prepareSetValue } from './key-values.ts';
import { eraseBodies, membersAmong } from './members.ts';
import type { Db } from './open.ts';
import { entryParameters, invitationColumns, memberColumns, memberParameters } from './rows.ts';
import { attempts, invitations, memberAddresses, members, pauses, timeline } from './schema.ts';
import { prepareMilestones } from './statistics.ts';
import type { Writer } from './writer.ts';

export function memberWrites(db: Db, writer: Writer): MemberWrites {
  const commitChange = prepareCommit(db);
  const guardAttempts = prepareGuard(db);
  const claim = { sending: prepareClaim(db, true), paused: prepareClaim(db, false) };

  return {
    commit: (change, guard) =>
      writer.write(() => {
        const isBegin = change.attempts.some(({ kind }) => kind === 'begin');
        if (!guard || !isBegin) return commitChange(change);
        return guardAttempts(guard, change.at, () => commitChange(change));
      }),
    members: async (userIds) => membersAmong(db, userIds),
    claimDue: ({ now, leaseUntil, limit, maySend }) =>
      writer.write(() => {
        const { first, rest } = maySend ? claim.sending : claim.paused;
        const prior = first.all({ now, leaseUntil, limit });
        const others = rest.all({ now, leaseUntil, limit: limit - prior.length });
        // RETURNING gives the rows in no particular order (sqlite.org/lang_returning.html).
        return [prior, others].flatMap((rows) =>
          rows.sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0)),
        );
      }),
    nextDueAt: async (maySend) => findNextDue(db, maySend),
    // The lock proves that every earlier process has ended.
    releaseLeft: () =>
      writer.write(() => {
        releaseKeys(db);
        // Every leased member has a `dueAt`. The condition on `dueAt` lets SQLite use `members_due`.
        const isGiven = and(isNotNull(members.dueAt), isNotNull(members.leaseUntil));
        const isLeased = and(isGiven, ne(members.state, 'sending'));
        db.update(members).set({ leaseUntil: null }).where(isLeased).run();
      }),
    async leftSending(limit) {
      const isSending = eq(members.state, 'sending');
      return db.select(memberColumns).from(members).where(isSending).limit(limit).all();
    },
    makeReadyDue: (now) =>
      writer.write(() => {
        const waits = and(eq(members.state, 'ready'), gt(members.dueAt, now));
        db.update(members).set({ dueAt: now }).where(waits).run();
      }),
    async failedMembers({ reason, after, limit }) {
      const last = db.select({ seq: members.seq }).from(members).where(eq(members.userId, after));
      const isWanted = and(
        eq(members.state, 'failed'),
        gt(members.seq, after === '' ? 0 : (last.get()?.seq ?? 0)),
        reason === null ? undefined : eq(members.reasonCode, reason),
      );
      const rows = db.select(memberColumns).from(members).where(isWanted);
      return rows.orderBy(asc(members.seq)).limit(limit).all();
    },
  };
}

/** @returns a function that writes one decision, inside the transaction of the caller */
export function prepareCommit(db: Db): (change: Change) => 'committed' | 'stale' {
  const milestones = prepareMilestones(db);
  const writeMember = prepareWriteMember(db);
  const writeAddresses = prepareWriteAddresses(db);
  const writeAttempt = prepareWriteAttempt(db);
  const advance = prepareAdvance(db);
  const countOutcome = prepareCountOutcome(db);
  const addEntry = db
    .insert(timeline)
    .values(allGiven(['at', 'member', 'invitationId', 'event', 'params', 'actor', 'cause']))
    .prepare();

  return (change) => {
    const { member, at } = change;
    const { userId, invitationId, forgottenAt } = member;
    const countMilestones = milestones(change);
    const seq = writeMember(change);
    if (seq === null) return 'stale';
    writeAddresses(seq, change);
    countMilestones();
    for (const attempt of change.attempts) writeAttempt(seq, attempt, at);
    for (const entry of change.entries) {
      addEntry.run({ at, member: seq, invitationId, ...entryParameters(entry) });
    }
    if (change.counted) countOutcome(change.counted, userId);
    // If this change records that the person is forgotten, the bodies of their deliveries are erased.
    if (forgottenAt === at) eraseBodies(db, [userId]);
    if (invitationId !== null) advance(invitationId, change);
    return 'committed';
  };
}

/** @returns a function that checks the guard, and calls `commitChange` if the attempt may begin */
function prepareGuard(db: Db) {
  const aPause = db.select({ name: pauses.name }).from(pauses).limit(1).prepare();
  const getValue = prepareGetValue(db);
  /**
   * At least this many attempts may begin now. When the number is 0, the attempts of the hour are
   * counted again.
   */
  let room = 0;

  function countRoom(maxPerHour: number, at: number): number {
    const since = limitedSince(at, Number(getValue('hour_granted_at') ?? 0));
    const begun = db
      .select({ id: attempts.id })
      .from(attempts)
      .where(gt(attempts.startedAt, since))
      .limit(maxPerHour)
      .all();
    return maxPerHour - begun.length;
  }

  return (
    { maxPerHour }: Guard,
    at: number,
    commitChange: () => 'committed' | 'stale',
  ): 'committed' | 'stale' | 'held' => {
    if (aPause.get()) return 'held';
    if (room === 0) room = countRoom(maxPerHour, at);
    if (room === 0) {
      const { pause, entry } = hourlyPause(maxPerHour, at);
      addPause(db, pause, entry);
      return 'held';
    }
    const result = commitChange();
    if (result === 'committed') room -= 1;
    return result;
  };
}

/** @returns a function that counts an outcome for or against its channel */
function prepareCountOutcome(db: Db): (counted: CountedOutcome, userId: string) => void {
  const getValue = prepareGetValue(db);
  const setValue = prepareSetValue(db);
  return ({ channel, outcome }, userId) => {
    const before = getValue(`refusals:${channel}`);
    const after = countedText(before, outcome, userId);
    if (after !== (before ?? 'null')) setValue(`refusals:${channel}`, after);
  };
}

const staleSignal = new Error('a member changed since its change was decided');

/**
 * Runs `work` inside the transaction of the caller. `work` gets a function that commits changes. If a
 * change is stale, everything that `work` wrote is rolled back, but not the writes of other jobs in the
 * transaction.
 */
export function unlessStale<T>(
  db: Db,
  commitChange: (change: Change) => 'committed' | 'stale',
  work: (commit: (change: Change) => void) => T,
): T | 'stale' {
  try {
    // Inside a transaction this is a savepoint.
    return db.$client.transaction(() =>
      work((change) => {
        if (commitChange(change) === 'stale') throw staleSignal;
      }),
    )();
  } catch (error) {
    if (error === staleSignal) return 'stale';
    throw error;
  }
}

/*
 * The statements of a commit are prepared once, because Drizzle takes longer to build a statement
 * than SQLite takes to run it.
 */

/** A placeholder for a value that is bound when the statement runs. */
function parameter(name: string): SQL {
  return sql`${sql.placeholder(name)}`;
}

function allGiven<Name extends string>(names: readonly Name[]): Record<Name, SQL> {
  // The type of Object.fromEntries does not keep the names of the keys.
  return Object.fromEntries(names.map((name) => [name, parameter(name)])) as Record<Name, SQL>;
}

type MemberParameters = ReturnType<typeof memberParameters>;
// The type of Object.keys does not keep the names of the keys.
const memberNames = Object.keys(memberParameters(newMember(''))) as (keyof MemberParameters)[];

/**
 * Prepares the statements that write a member. If `change.before` is given, only the changed columns
 * are written. So a lease that was given meanwhile stays, and the indexes of the other columns are
 * not touched.
 * @returns a function that writes the member and returns its `seq`. It returns null, and writes nothing,
 *   if the member was added or changed since the decision
 */
function prepareWriteMember(db: Db): (change: Change) => number | null {
  const seq = { seq: members.seq };
  const insert = db
    .insert(members)
    .values(allGiven([...memberNames, 'priority']))
    .onConflictDoNothing()
    .returning(seq)
    .prepare();
  const updates = new Map<string, ReturnType<typeof prepareUpdate>>();
  const given = parameter('priority');
  const priorities = {
    ended: { priority: null },
    kept: {},
    raised: { priority: sql`min(${given}, coalesce(${members.priority}, ${given}))` },
  };
  type Priority = keyof typeof priorities;

  function prepareUpdate(names: readonly (keyof MemberParameters)[], priority: Priority) {
    return db
      .update(members)
      .set({ ...allGiven(names), ...priorities[priority] })
      .where(and(eq(members.userId, parameter('userId')), eq(members.version, parameter('madeOn'))))
      .returning(seq)
      .prepare();
  }

  /** Prepares the statement for each combination of columns once. There are few combinations. */
  function updateOf(names: readonly (keyof MemberParameters)[], priority: Priority) {
    const key = [priority, ...names].join();
    const update = updates.get(key) ?? prepareUpdate(names, priority);
    updates.set(key, update);
    return update;
  }

  return ({ member, madeOn, before, priority = null, at }) => {
    const row = { ...memberParameters({ ...member, version: (madeOn ?? 0) + 1 }), priority };
    if (madeOn === null) return insert.get(row)?.seq ?? null;
    const was = before && memberParameters(before);
    const changed = was ? memberNames.filter((name) => row[name] !== was[name]) : memberNames;
    const isDue = member.dueAt !== null && member.dueAt <= at;
    const next = isDue ? (priority === null ? 'kept' : 'raised') : 'ended';
    return updateOf(changed, next).get({ ...row, madeOn })?.seq ?? null;
  };
}

/**
 * Prepares the statements that store the addresses of a member who has or had several. If the member
 * has no address any more, the stored addresses are deleted.
 */
function prepareWriteAddresses(db: Db): (seq: number, change: Change) => void {
  const invited = db
    .select({ email: invitations.email })
    .from(invitations)
    .where(eq(invitations.id, parameter('id')))
    .prepare();
  const add = db
    .insert(memberAddresses)
    .values(allGiven(['member', 'emailKey', 'searchText']))
    .onConflictDoNothing()
    .prepare();
  const erase = db
    .delete(memberAddresses)
    .where(eq(memberAddresses.member, parameter('member')))
    .prepare();
  return (seq, { member: { email, invitationId }, before }) => {
    if (before && before.email === email && before.invitationId === invitationId) return;
    if (email === null) {
      erase.run({ member: seq });
      return;
    }
    const invitation = invitationId === null ? undefined : invited.get({ id: invitationId });
    const known = [before?.email, invitation?.email, email].flatMap((one) => one ?? []);
    const byKey = new Map(known.map((one) => [emailKey(one), one]));
    if (byKey.size === 1) return;
    for (const [key, one] of byKey) {
      add.run({ member: seq, emailKey: key, searchText: foldForSearch(one) });
    }
  };
}

function prepareWriteAttempt(db: Db): (member: number, change: AttemptChange, at: number) => void {
  const begin = db
    .insert(attempts)
    .values(allGiven(['id', 'channel', 'member', 'startedAt']))
    .prepare();
  const end = db
    .update(attempts)
    .set(allGiven(['outcome', 'reason', 'endedAt']))
    .where(and(eq(attempts.id, parameter('id')), eq(attempts.member, parameter('member'))))
    .prepare();
  return (member, change, at) => {
    if (change.kind === 'begin') {
      begin.run({ id: change.id, channel: change.channel, member, startedAt: at });
      return;
    }
    const { id, outcome } = change;
    const reason = JSON.stringify(change.reason);
    if (end.run({ id, member, outcome, reason, endedAt: at }).changes === 1) return;
    throw new Error(`attempt ${id} of member ${member} is not in the store`);
  };
}

/**
 * Prepares the statements that write the furthest step of the invited person into the row of the
 * invitation. They also erase the link when nobody can use it any more.
 */
function prepareAdvance(db: Db): (invitationId: string, change: Change) => void {
  const select = db
    .select({ current: invitations.current, invitation: invitationColumns })
    .from(invitations)
    .where(
      and(
        eq(invitations.id, parameter('id')),
        isNotNull(invitations.email),
        ne(invitations.furthestStep, parameter('furthestStep')),
      ),
    )
    .prepare();
  const update = db
    .update(invitations)
    .set(allGiven(['furthestStep', 'link', 'status', 'current', 'letter', 'letterDueAt']))
    .where(eq(invitations.id, parameter('id')))
    .prepare();
  const hasOther = ({ email }: Invitation) =>
    db
      .select({ id: invitations.id })
      .from(invitations)
      .where(and(eq(invitations.emailKey, emailKeyOf(email) ?? ''), eq(invitations.current, true)))
      .get() !== undefined;
  return (id, { member, at }) => {
    const furthestStep = furthestStepOf(member);
    const row = select.get({ id, furthestStep });
    if (!row) return;
    const returned = row.invitation.furthestStep === 'gone';
    // If a check finds that the person is not registered, the step that was reached before stays.
    if (furthestStep === 'none' && !returned) return;
    const advanced = { ...withoutDueLetter(row.invitation), furthestStep };
    update.run({
      id,
      furthestStep,
      letter: advanced.letter,
      letterDueAt: advanced.letterDueAt,
      link: isLinkUsable(advanced, at) ? advanced.link : null,
      status: storedStatus(advanced),
      // If a person returns, the invitation becomes the current one again, unless the address has
      // another current invitation.
      current: Number((returned ? !hasOther(row.invitation) : row.current) && !makesRoom(advanced)),
    });
  };
}

/** Prepares the two claims of due members: `first` for members with a priority, then `rest`. */
function prepareClaim(db: Db, maySend: boolean) {
  const now = parameter('now');
  const isFree = or(isNull(members.leaseUntil), lte(members.leaseUntil, now));
  const isDue = and(
    lte(members.dueAt, now),
    isFree,
    maySend ? undefined : ne(members.state, 'ready'),
  );
  const claim = (condition: SQL | undefined, ...order: SQLiteColumn[]) => {
    const due = db
      .select({ seq: members.seq })
      .from(members)
      .where(and(condition, isDue))
      .orderBy(...order)
      .limit(sql.placeholder('limit'));
    return db
      .update(members)
      .set(allGiven(['leaseUntil']))
      .where(inArray(members.seq, due))
      .returning(memberColumns)
      .prepare();
  };
  return {
    first: claim(isNotNull(members.priority), members.priority, members.dueAt),
    rest: claim(undefined, members.dueAt),
  };
}

/**
 * Returns when the next member is due. A leased member counts as due when its lease ends. The query
 * reads one row more than can be leased, so leased members do not hide the first member without a lease.
 */
function findNextDue(db: Db, maySend: boolean): number | null {
  const first = db
    .select({ dueAt: members.dueAt, leaseUntil: members.leaseUntil })
    .from(members)
    .where(and(isNotNull(members.dueAt), maySend ? undefined : ne(members.state, 'ready')))
    .orderBy(members.dueAt)
    .limit(mostLeased + 1)
    .as('first');
  const at = sql<number | null>`min(max(${first.dueAt}, coalesce(${first.leaseUntil}, 0)))`;
  return db.select({ at }).from(first).get()?.at ?? null;
}
