import { type AttemptChange, changed, type Decision, type Fact, ignored } from './facts.ts';
import type { Member } from './member.ts';
import type { Outcome } from './outcome.ts';
import { confirmationLifetimeMs, nextTryInMs } from './retry-policy.ts';
import { type Entry, type Source, service } from './timeline.ts';

type Claimed = Extract<Fact, { kind: 'claimed' }>;
type Ended = Extract<Fact, { kind: 'ended' }>;
type RefusalReverted = Extract<Fact, { kind: 'refusal_reverted' }>;

/** Decides how a member changes if an attempt starts or ends, or if a refusal is taken back. */
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
 * back) is not valid: an unnecessary read is better than a welcome to somebody who was disabled
 * meanwhile.
 */
export function isConfirmed(member: Member, now: number): boolean {
  if (member.confirmedAt === null) return false;
  const ageMs = now - member.confirmedAt;
  return ageMs >= 0 && ageMs <= confirmationLifetimeMs;
}

function begin(member: Member, fact: Claimed, now: number): Decision {
  if (member.state !== 'ready') return ignored(`not ready: ${member.state}`);
  if (!isConfirmed(member, now)) return ignored('to be confirmed first');
  const { attemptId: id, channel, leaseUntil } = fact;
  return changed(
    {
      ...member,
      state: 'sending',
      dueAt: leaseUntil,
      leaseUntil,
      hinted: false,
      sentLate: false,
      openAttempt: { id, channel },
    },
    [{ event: 'attempt_started', channel, ...attemptSource(id) }],
    [{ kind: 'begin', id, channel }],
  );
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
  return changed(checkAfter(member, { ...closed, sentLate: false }, now), [after.entry], [own]);
}

/**
 * Makes the member due now if a hint came during `sending`. A member that is `ready` again needs no
 * extra check, because it is checked before its next attempt anyway. That attempt must wait as long as
 * the portal or the mail server asked.
 */
function checkAfter(before: Member, after: Member, now: number): Member {
  return before.hinted && after.state !== 'ready' ? { ...after, dueAt: now } : after;
}

/** Marks a member as welcomed: an earlier attempt was sent after all. */
function welcomedByLateAnswer(member: Member, attemptId: string, own: AttemptChange, now: number) {
  const welcomed: Member = {
    ...member,
    state: 'welcomed',
    reason: null,
    dueAt: null,
    welcomedAt: now,
    sentLate: false,
    unknownAttemptId: null,
    resendThrough: null,
  };
  return changed(
    welcomed,
    [{ event: 'welcomed', late: true, ...attemptSource(attemptId) }],
    [own, { kind: 'replace', id: attemptId, outcome: 'sent', reason: { code: 'answered_late' } }],
  );
}

/** Handles a late answer of an attempt. The answer can only replace the outcome `unknown`. */
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
    // A settled member may be due for a check whether the person left. That check stays due.
    const isSettled = member.state === 'unknown' || member.state === 'failed';
    const dueAt = after.member.dueAt ?? (isSettled ? member.dueAt : null);
    const settled = { ...after.member, dueAt, unknownAttemptId: null };
    return changed(settled, [{ ...after.entry, late: true }], replaced);
  }
  return changed({ ...member, unknownAttemptId: null }, [lateNote(fact)], replaced);
}

/**
 * Handles a late answer while a retry is in progress. The retry cannot be stopped, and the database
 * allows only one attempt that is open or sent. So a late `sent` is remembered until the retry ends.
 */
function endLateWhileSending(member: Member, fact: Ended): Decision {
  if (fact.outcome.kind === 'sent') {
    return changed({ ...member, sentLate: true, unknownAttemptId: fact.attemptId }, [
      lateNote(fact),
    ]);
  }
  const replaced = [change('replace', fact)];
  return changed({ ...member, unknownAttemptId: null }, [lateNote(fact)], replaced);
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

/** Takes back a refusal by a faulty channel. No member stays `failed` because of such a channel. */
function revertRefusal(member: Member, fact: RefusalReverted, now: number): Decision {
  if (!member.refusedBy.includes(fact.channel)) {
    return ignored(`${fact.channel} did not refuse this member`);
  }
  const refusedBy = member.refusedBy.filter((name) => name !== fact.channel);
  if (member.state !== 'failed') return changed({ ...member, refusedBy });
  const { channel } = fact;
  const source = { actor: service, cause: { kind: 'channel_paused', channel } } as const;
  return changed({ ...member, refusedBy, state: 'ready', reason: null, dueAt: now }, [
    { event: 'refusal_reverted', channel, ...source },
  ]);
}

function change(kind: 'end' | 'replace', fact: Ended): AttemptChange {
  return { kind, id: fact.attemptId, outcome: fact.outcome.kind, reason: fact.outcome.reason };
}

function lateNote(fact: Ended): Entry {
  return { event: 'late_answer', outcome: fact.outcome.kind, ...attemptSource(fact.attemptId) };
}

function attemptSource(attemptId: string): Source {
  return { actor: service, cause: { kind: 'attempt', id: attemptId } };
}
