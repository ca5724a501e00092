import { and, eq, gt, inArray, isNotNull, isNull, lte, ne, or, sql } from 'drizzle-orm';
import type { AttemptChange } from '../../onboarding/facts.ts';
import { linkIsOfUse, progressOf } from '../../onboarding/invitation.ts';
import type { Change, Store } from '../store.ts';
import { prepareCount, prepareMilestones } from './durations.ts';
import { eraseBodies } from './erase.ts';
import type { Db } from './open.ts';
import { derivedColumns, invitationOf, isOver, memberOf, memberRow } from './rows.ts';
import { attempts, invitations, members, timeline } from './schema.ts';
import type { Writer } from './writer.ts';

/** Members that workers can have at a time: DOCSPACE_CONCURRENCY at its most. */
const mostLeased = 256;

export function attemptAndMemberWrites(
  db: Db,
  writer: Writer,
): Pick<
  Store,
  | 'claimDue'
  | 'nextDueAt'
  | 'releaseLeases'
  | 'commit'
  | 'sendingMembers'
  | 'attemptsSince'
  | 'hurryReady'
> {
  const commitChange = changeCommitter(db);
  const claim = { sending: prepareClaim(db, true), paused: prepareClaim(db, false) };

  return {
    commit: (change) => writer.write(() => commitChange(change)),
    claimDue: ({ now, leaseUntil, limit, maySend }) =>
      writer.write(() =>
        // RETURNING gives the rows in no order (sqlite.org/lang_returning.html).
        (maySend ? claim.sending : claim.paused)
          .all({ now, leaseUntil, limit })
          .map(memberOf)
          .sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0)),
      ),
    async nextDueAt(maySend) {
      const isDue = isNotNull(members.dueAt);
      const rows = db
        .select({ dueAt: members.dueAt, leaseUntil: members.leaseUntil })
        .from(members)
        .where(maySend ? isDue : and(isDue, ne(members.state, 'ready')))
        .orderBy(members.dueAt)
        .limit(mostLeased + 1)
        .all();
      const times = rows.map((row) => Math.max(row.dueAt ?? 0, row.leaseUntil ?? 0));
      return times.length === 0 ? null : Math.min(...times);
    },
    releaseLeases: () =>
      writer.write(() => {
        // Only who was due was given away: so their index finds them (898 ms at a million without).
        const isGiven = and(isNotNull(members.dueAt), isNotNull(members.leaseUntil));
        const isLeased = and(isGiven, ne(members.state, 'sending'));
        db.update(members).set({ leaseUntil: null }).where(isLeased).run();
      }),
    async sendingMembers(limit) {
      return db
        .select()
        .from(members)
        .where(eq(members.state, 'sending'))
        .limit(limit)
        .all()
        .map(memberOf);
    },
    async attemptsSince(since) {
      return db
        .select({ startedAt: attempts.startedAt })
        .from(attempts)
        .where(gt(attempts.startedAt, since))
        .orderBy(attempts.startedAt)
        .all()
        .map((row) => row.startedAt);
    },
    hurryReady: (now) =>
      writer.write(() => {
        const waits = and(eq(members.state, 'ready'), gt(members.dueAt, now));
        db.update(members).set({ dueAt: now }).where(waits).run();
      }),
  };
}

/** @returns a function that keeps one decision, inside the transaction of the caller */
export function changeCommitter(db: Db): (change: Change) => 'committed' | 'stale' {
  const addEntry = prepareEntry(db);
  const milestones = prepareMilestones(db);
  const count = prepareCount(db);
  return (change) => {
    const reached = milestones.note(change);
    if (!writeMember(db, change)) return 'stale';
    for (const one of reached) count(one);
    const { userId, invitationId } = change.member;
    for (const attempt of change.attempts) writeAttempt(db, userId, attempt, change.at);
    for (const entry of change.entries) {
      addEntry.run({ ...entry, at: change.at, userId, invitationId });
    }
    // They came back, and are known to have been forgotten only now.
    if (change.member.forgottenAt === change.at) eraseBodies(db, userId);
    if (invitationId !== null) advanceInvitation(db, invitationId, change);
    return 'committed';
  };
}

/** @returns false when the member is not the one that the decision was made on */
function writeMember(db: Db, change: Change): boolean {
  if (change.madeOn === null) {
    const row = { ...memberRow(change.member), version: 1 };
    return db.insert(members).values(row).onConflictDoNothing().run().changes === 1;
  }
  const row = { ...memberRow(change.member), version: change.madeOn + 1 };
  const isSame = and(eq(members.userId, row.userId), eq(members.version, change.madeOn));
  return db.update(members).set(row).where(isSame).run().changes === 1;
}

function writeAttempt(db: Db, userId: string, change: AttemptChange, at: number): void {
  if (change.kind === 'begin') {
    const { id, channel } = change;
    db.insert(attempts).values({ id, channel, userId, startedAt: at }).run();
    return;
  }
  const { outcome, detail } = change;
  const { changes } = db
    .update(attempts)
    .set({ outcome, detail, endedAt: at })
    .where(and(eq(attempts.id, change.id), eq(attempts.userId, userId)))
    .run();
  if (changes !== 1)
    throw new Error(`attempt ${change.id} of member ${userId} is not in the store`);
}

/** Lists show how far the invited person came; the link goes once it is of no use any more. */
function advanceInvitation(db: Db, id: string, change: Change): void {
  const progress = progressOf(change.member);
  if (progress === 'none') return;
  const row = db
    .select()
    .from(invitations)
    .where(and(eq(invitations.id, id), ne(invitations.progress, progress)))
    .get();
  if (!row || row.email === null) return;
  const advanced = { ...invitationOf(row), progress };
  const link = linkIsOfUse(advanced, change.at) ? advanced.link : null;
  db.update(invitations)
    .set({
      progress,
      link,
      ...derivedColumns(advanced),
      // A former invitation stays a former one, whoever still comes by it.
      current: row.current && !isOver(advanced),
    })
    .where(eq(invitations.id, id))
    .run();
}

function prepareEntry(db: Db) {
  return db
    .insert(timeline)
    .values({
      at: sql.placeholder('at'),
      userId: sql.placeholder('userId'),
      invitationId: sql.placeholder('invitationId'),
      what: sql.placeholder('what'),
      cause: sql.placeholder('cause'),
      actor: sql.placeholder('actor'),
    })
    .prepare();
}

function prepareClaim(db: Db, maySend: boolean) {
  const now = sql.placeholder('now');
  const isFree = or(isNull(members.leaseUntil), lte(members.leaseUntil, now));
  const isDue = and(lte(members.dueAt, now), isFree);
  const due = db
    .select({ seq: members.seq })
    .from(members)
    .where(maySend ? isDue : and(isDue, ne(members.state, 'ready')))
    .orderBy(members.dueAt)
    .limit(sql.placeholder('limit'));
  return db
    .update(members)
    .set({ leaseUntil: sql`${sql.placeholder('leaseUntil')}` })
    .where(inArray(members.seq, due))
    .returning()
    .prepare();
}
