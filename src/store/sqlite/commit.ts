import { and, eq, gt, isNotNull, ne } from 'drizzle-orm';
import type { Change, Store } from '../store.ts';
import {
  prepareAdvance,
  prepareAttempt,
  prepareClaim,
  prepareEntry,
  prepareMember,
  prepareNextDue,
} from './commit-statements.ts';
import { prepareCount, prepareMilestones } from './durations.ts';
import { eraseBodies } from './erase.ts';
import type { Db } from './open.ts';
import { memberOf } from './rows.ts';
import { attempts, members } from './schema.ts';
import type { Writer } from './writer.ts';

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
  const next = { sending: prepareNextDue(db, true), paused: prepareNextDue(db, false) };

  return {
    commit: (change) => writer.writeSoon(() => commitChange(change)),
    claimDue: ({ now, leaseUntil, limit, maySend }) =>
      writer.writeSoon(() =>
        // RETURNING gives the rows in no order (sqlite.org/lang_returning.html).
        (maySend ? claim.sending : claim.paused)
          .all({ now, leaseUntil, limit })
          .map(memberOf)
          .sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0)),
      ),
    nextDueAt: async (maySend) => (maySend ? next.sending : next.paused).get()?.at ?? null,
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
  const writeMember = prepareMember(db);
  const writeAttempt = prepareAttempt(db);
  const addEntry = prepareEntry(db);
  const advance = prepareAdvance(db);
  const milestones = prepareMilestones(db);
  const count = prepareCount(db);
  return (change) => {
    const reached = milestones.note(change);
    const seq = writeMember(change);
    if (seq === null) return 'stale';
    for (const one of reached) count(one);
    const { userId, invitationId } = change.member;
    for (const attempt of change.attempts) writeAttempt(seq, attempt, change.at);
    for (const entry of change.entries) {
      addEntry.run({ at: change.at, member: seq, invitationId, ...entry });
    }
    // They came back, and are known to have been forgotten only now.
    if (change.member.forgottenAt === change.at) eraseBodies(db, userId);
    if (invitationId !== null) advance(invitationId, change);
    return 'committed';
  };
}
