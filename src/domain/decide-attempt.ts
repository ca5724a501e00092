import type { AttemptChange, Decision, Fact } from './facts.ts';
import type { Member } from './member.ts';
import type { Outcome } from './outcome.ts';
import { confirmationLifetimeMs, nextTryInMs } from './retry-policy.ts';
import { type Entry, type Source, service } from './timeline.ts';

type Claimed = Extract<Fact, { kind: 'claimed' }>;
type Ended = Extract<Fact, { kind: 'ended' }>;
type RefusalReverted = Extract<Fact, { kind: 'refusal_reverted' }>;

/** Decides what the start and the end of an attempt change in a member. */
export function decideAttempt(
  member: Member,
  fact: Claimed | Ended | RefusalReverted,
  now: number,
): Decision {
  switch (fact.kind) {
    case 'claimed':
      return begin(member, fact, now);
    case 'ended':
      return member.openAttempt?.id === fact.attemptId
        ? end(member, fact, now)
        : endLate(member, fact, now);
    case 'refusal_reverted':
      return revertRefusal(member, fact, now);
    default:
      return fact satisfies never;
  }
}

/**
 * Whether the last confirmation is still valid. A confirmation from the future (the clock was set
 * back) is not: one read too many is better than a welcome to somebody who has been disabled since.
 */
export function isConfirmed(member: Member, now: number): boolean {
  if (member.confirmedAt === null) return false;
  const ageMs = now - member.confirmedAt;
  return ageMs >= 0 && ageMs <= confirmationLifetimeMs;
}

function begin(member: Member, fact: Claimed, now: number): Decision {
  if (member.state !== 'ready') return ignored(`not ready: ${member.state}`);
  if (!isConfirmed(member, now)) return ignored('to be confirmed first');
  return {
    kind: 'changed',
    member: {
      ...member,
      state: 'sending',
      dueAt: fact.leaseUntil,
      leaseUntil: fact.leaseUntil,
      hinted: false,
      sentLate: false,
      openAttempt: { id: fact.attemptId, channel: fact.channel },
    },
    entries: [
      { event: 'attempt_started', channel: fact.channel, ...attemptSource(fact.attemptId) },
    ],
    attempts: [{ kind: 'begin', id: fact.attemptId, channel: fact.channel }],
  };
}

function end(member: Member, fact: Ended, now: number): Decision {
  const after = afterOutcome(member, fact, now);
  const closed: Member = {
    ...after.member,
    openAttempt: null,
    leaseUntil: null,
    hinted: false,
    unknownAttemptId:
      fact.outcome.kind === 'unknown' ? fact.attemptId : after.member.unknownAttemptId,
  };
  const own = change('end', fact);
  if (member.sentLate && fact.outcome.kind !== 'sent' && member.unknownAttemptId !== null) {
    const welcomed = welcomedByLateAnswer(closed, member.unknownAttemptId, own, now);
    return { ...welcomed, member: checkAfter(member, welcomed.member, now) };
  }
  return {
    kind: 'changed',
    member: checkAfter(member, { ...closed, sentLate: false }, now),
    entries: [after.entry],
    attempts: [own],
  };
}

/**
 * A hint that came during `sending` leads to one check, whatever the outcome is. A `ready` member
 * needs none, because it is checked before the next attempt anyway, and that must wait as long as
 * the portal or mail server asked.
 */
function checkAfter(before: Member, after: Member, now: number): Member {
  return before.hinted && after.state !== 'ready' ? { ...after, dueAt: now } : after;
}

/**
 * The earlier attempt was sent after all, and this one was not. So the person has exactly one
 * welcome.
 */
function welcomedByLateAnswer(
  member: Member,
  attemptId: string,
  own: AttemptChange,
  now: number,
): Extract<Decision, { kind: 'changed' }> {
  return {
    kind: 'changed',
    member: {
      ...member,
      state: 'welcomed',
      reason: null,
      dueAt: null,
      welcomedAt: now,
      sentLate: false,
      unknownAttemptId: null,
      resendThrough: null,
    },
    entries: [{ event: 'welcomed', late: true, ...attemptSource(attemptId) }],
    attempts: [
      own,
      { kind: 'replace', id: attemptId, outcome: 'sent', reason: { code: 'answered_late' } },
    ],
  };
}

/**
 * Handles the answer of an attempt that is no longer open. It can only replace the `unknown` of
 * that attempt.
 */
function endLate(member: Member, fact: Ended, now: number): Decision {
  // An attempt older than the newest unknown one matters only if it was sent after all.
  const isNewest = member.unknownAttemptId === fact.attemptId;
  if (!isNewest && (fact.outcome.kind !== 'sent' || member.state === 'welcomed')) {
    return ignored('this attempt is already settled');
  }
  if (fact.outcome.kind === 'unknown') return ignored('still unknown');
  if (member.state === 'welcomed') return ignored('already welcomed');
  if (member.state === 'sending') return endLateWhileSending(member, fact);
  const replaced = [change('replace', fact)];
  if (fact.outcome.kind === 'sent' || member.state === 'unknown') {
    const after = afterOutcome(member, fact, now);
    // A settled member may be due for a check of whether they left. That check stays.
    const isSettled = member.state === 'unknown' || member.state === 'failed';
    const dueAt = after.member.dueAt ?? (isSettled ? member.dueAt : null);
    return {
      kind: 'changed',
      member: { ...after.member, dueAt, unknownAttemptId: null },
      entries: [{ ...after.entry, late: true }],
      attempts: replaced,
    };
  }
  return {
    kind: 'changed',
    member: { ...member, unknownAttemptId: null },
    entries: [lateNote(fact)],
    attempts: replaced,
  };
}

/**
 * A retry has started and cannot be stopped, and the database allows only one attempt that is open
 * or sent. So a late `sent` is remembered until the retry ends.
 */
function endLateWhileSending(member: Member, fact: Ended): Decision {
  if (fact.outcome.kind === 'sent') {
    return {
      kind: 'changed',
      member: { ...member, sentLate: true, unknownAttemptId: fact.attemptId },
      entries: [lateNote(fact)],
      attempts: [],
    };
  }
  return {
    kind: 'changed',
    member: { ...member, unknownAttemptId: null },
    entries: [lateNote(fact)],
    attempts: [change('replace', fact)],
  };
}

type OutcomeEvent = 'welcomed' | 'attempt_not_sent' | 'attempt_refused' | 'attempt_unknown';
type AfterOutcome = {
  readonly member: Member;
  readonly entry: Extract<Entry, { event: OutcomeEvent }>;
};

function afterOutcome(member: Member, fact: Ended, now: number): AfterOutcome {
  const { outcome } = fact;
  const source = attemptSource(fact.attemptId);
  switch (outcome.kind) {
    case 'sent':
      return {
        member: {
          ...member,
          state: 'welcomed',
          reason: null,
          dueAt: null,
          welcomedAt: now,
          notSentCount: 0,
          resendThrough: null,
        },
        entry: { event: 'welcomed', ...source },
      };
    case 'not_sent': {
      const notSentCount = member.notSentCount + 1;
      return {
        member: {
          ...member,
          state: 'ready',
          reason: outcome.reason,
          notSentCount,
          dueAt: now + nextTryInMs(notSentCount, outcome.waitMs),
        },
        entry: { event: 'attempt_not_sent', reason: outcome.reason, ...source },
      };
    }
    case 'refused':
      return afterRefusal(member, { ...fact, outcome }, now);
    case 'unknown':
      return afterUnknown(member, { ...fact, outcome }, now);
    default:
      return outcome satisfies never;
  }
}

function afterRefusal(
  member: Member,
  fact: Ended & { outcome: Extract<Outcome, { kind: 'refused' }> },
  now: number,
): AfterOutcome {
  const refusedBy = [...new Set([...member.refusedBy, fact.channel])];
  const isAnotherLeft =
    member.resendThrough === null && fact.channels.some((name) => !refusedBy.includes(name));
  return {
    member: {
      ...member,
      state: isAnotherLeft ? 'ready' : 'failed',
      reason: fact.outcome.reason,
      refusedBy,
      dueAt: isAnotherLeft ? now : null,
    },
    entry: {
      event: 'attempt_refused',
      reason: fact.outcome.reason,
      ...(isAnotherLeft ? { goesOn: true } : {}),
      ...attemptSource(fact.attemptId),
    },
  };
}

function afterUnknown(
  member: Member,
  fact: Ended & { outcome: Extract<Outcome, { kind: 'unknown' }> },
  now: number,
): AfterOutcome {
  const entry = {
    event: 'attempt_unknown',
    reason: fact.outcome.reason,
    ...attemptSource(fact.attemptId),
  } as const;
  if (fact.onUnknown === 'hold') {
    return {
      member: { ...member, state: 'unknown', reason: fact.outcome.reason, dueAt: null },
      entry,
    };
  }
  const notSentCount = member.notSentCount + 1;
  return {
    member: {
      ...member,
      state: 'ready',
      reason: fact.outcome.reason,
      notSentCount,
      resendThrough: fact.channel,
      dueAt: now + nextTryInMs(notSentCount, null),
    },
    entry: { ...entry, goesOn: true },
  };
}

/**
 * Nobody fails because of a fault of the channel, so its refusal no longer counts for this member.
 */
function revertRefusal(member: Member, fact: RefusalReverted, now: number): Decision {
  if (!member.refusedBy.includes(fact.channel)) {
    return ignored(`${fact.channel} did not refuse this member`);
  }
  const refusedBy = member.refusedBy.filter((name) => name !== fact.channel);
  if (member.state !== 'failed') {
    return { kind: 'changed', member: { ...member, refusedBy }, entries: [], attempts: [] };
  }
  return {
    kind: 'changed',
    member: { ...member, refusedBy, state: 'ready', reason: null, dueAt: now },
    entries: [
      {
        event: 'refusal_reverted',
        channel: fact.channel,
        actor: service,
        cause: { kind: 'channel_paused', channel: fact.channel },
      },
    ],
    attempts: [],
  };
}

function change(kind: 'end' | 'replace', fact: Ended): AttemptChange {
  return { kind, id: fact.attemptId, outcome: fact.outcome.kind, reason: fact.outcome.reason };
}

function lateNote(fact: Ended): Entry {
  return {
    event: 'late_answer',
    outcome: fact.outcome.kind,
    ...attemptSource(fact.attemptId),
  };
}

function attemptSource(attemptId: string): Source {
  return { actor: service, cause: { kind: 'attempt', id: attemptId } };
}

function ignored(why: string): Decision {
  return { kind: 'ignored', why };
}
