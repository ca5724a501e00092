import type { AttemptChange, Decision, Entry, Fact, Source } from './facts.ts';
import type { Member } from './member.ts';
import type { Outcome } from './outcome.ts';
import { confirmationLifetimeMs, nextTryInMs } from './retry-policy.ts';

type Claimed = Extract<Fact, { kind: 'claimed' }>;
type Ended = Extract<Fact, { kind: 'ended' }>;
type Exonerated = Extract<Fact, { kind: 'exonerated' }>;

/** What the beginning and the end of an attempt make of a member. */
export function decideAttempt(
  member: Member,
  fact: Claimed | Ended | Exonerated,
  now: number,
): Decision {
  switch (fact.kind) {
    case 'claimed':
      return begin(member, fact, now);
    case 'ended':
      return member.openAttempt?.id === fact.attemptId
        ? end(member, fact, now)
        : endLate(member, fact, now);
    case 'exonerated':
      return exonerate(member, fact, now);
    default:
      return fact satisfies never;
  }
}

/**
 * Whether the last confirmation still holds. One from the future (the clock jumped back) does not:
 * better one read too many than a welcome to somebody who was disabled meanwhile.
 */
export function isConfirmed(member: Member, now: number): boolean {
  if (member.confirmedAt === null) return false;
  const ageMs = now - member.confirmedAt;
  return ageMs >= 0 && ageMs <= confirmationLifetimeMs;
}

function begin(member: Member, fact: Claimed, now: number): Decision {
  if (member.state !== 'ready') return { kind: 'ignored', reason: `not ready: ${member.state}` };
  if (!isConfirmed(member, now)) return { kind: 'ignored', reason: 'to be confirmed first' };
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
    entries: [{ what: `sending through ${fact.channel}`, ...attemptSource(fact.attemptId) }],
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
    return { ...welcomed, member: lookAfter(member, welcomed.member, now) };
  }
  return {
    kind: 'changed',
    member: lookAfter(member, { ...closed, sentLate: false }, now),
    entries: [after.entry],
    attempts: [own],
  };
}

/**
 * A hint that came during `sending`: one look, whatever the outcome was. Who is `ready` is looked at
 * before the next attempt anyway, and that waits for as long as the peer asked.
 */
function lookAfter(before: Member, after: Member, now: number): Member {
  return before.hinted && after.state !== 'ready' ? { ...after, dueAt: now } : after;
}

/** The earlier attempt got through after all, and this one did not: one welcome, as it should be. */
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
    entries: [{ what: 'welcomed: an earlier attempt got through', ...attemptSource(attemptId) }],
    attempts: [
      own,
      { kind: 'replace', id: attemptId, outcome: 'sent', detail: 'answered late: sent' },
    ],
  };
}

/** The answer of an attempt that is not open: it can only replace that attempt's `unknown`. */
function endLate(member: Member, fact: Ended, now: number): Decision {
  // An older attempt than the newest unknown one matters only when it got through after all.
  const isNewest = member.unknownAttemptId === fact.attemptId;
  if (!isNewest && (fact.outcome.kind !== 'sent' || member.state === 'welcomed')) {
    return { kind: 'ignored', reason: 'this attempt is already settled' };
  }
  if (fact.outcome.kind === 'unknown') return { kind: 'ignored', reason: 'still unknown' };
  if (member.state === 'welcomed') return { kind: 'ignored', reason: 'already welcomed' };
  if (member.state === 'sending') return endLateWhileSending(member, fact);
  const replaced = [change('replace', fact)];
  if (fact.outcome.kind === 'sent' || member.state === 'unknown') {
    const after = afterOutcome(member, fact, now);
    // A settled member that is due waits for a look at whether they left: that stays.
    const isSettled = member.state === 'unknown' || member.state === 'failed';
    const dueAt = after.member.dueAt ?? (isSettled ? member.dueAt : null);
    return {
      kind: 'changed',
      member: { ...after.member, dueAt, unknownAttemptId: null },
      entries: [{ ...after.entry, what: `late answer: ${after.entry.what}` }],
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
 * A retry has begun: it cannot be called back, and the database holds at most one attempt that is
 * open or sent. A late `sent` is remembered until the retry ends.
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

function afterOutcome(
  member: Member,
  fact: Ended,
  now: number,
): { readonly member: Member; readonly entry: Entry } {
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
        entry: { what: 'welcomed', ...source },
      };
    case 'not_sent': {
      const notSentCount = member.notSentCount + 1;
      return {
        member: {
          ...member,
          state: 'ready',
          reason: outcome.detail,
          notSentCount,
          dueAt: now + nextTryInMs(notSentCount, outcome.waitMs),
        },
        entry: { what: `not sent: ${outcome.detail}`, ...source },
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
): { readonly member: Member; readonly entry: Entry } {
  const refusedBy = [...new Set([...member.refusedBy, fact.channel])];
  const isAnotherLeft =
    member.resendThrough === null && fact.channels.some((name) => !refusedBy.includes(name));
  return {
    member: {
      ...member,
      state: isAnotherLeft ? 'ready' : 'failed',
      reason: fact.outcome.detail,
      refusedBy,
      dueAt: isAnotherLeft ? now : null,
    },
    entry: { what: `refused: ${fact.outcome.detail}`, ...attemptSource(fact.attemptId) },
  };
}

function afterUnknown(
  member: Member,
  fact: Ended & { outcome: Extract<Outcome, { kind: 'unknown' }> },
  now: number,
): { readonly member: Member; readonly entry: Entry } {
  const entry = { what: `unknown: ${fact.outcome.detail}`, ...attemptSource(fact.attemptId) };
  if (fact.onUnknown === 'hold') {
    return {
      member: { ...member, state: 'unknown', reason: fact.outcome.detail, dueAt: null },
      entry,
    };
  }
  const notSentCount = member.notSentCount + 1;
  return {
    member: {
      ...member,
      state: 'ready',
      reason: fact.outcome.detail,
      notSentCount,
      resendThrough: fact.channel,
      dueAt: now + nextTryInMs(notSentCount, null),
    },
    entry,
  };
}

/** Nobody fails for the channel's fault: its refusal no longer stands between them and a welcome. */
function exonerate(member: Member, fact: Exonerated, now: number): Decision {
  if (!member.refusedBy.includes(fact.channel)) {
    return { kind: 'ignored', reason: `${fact.channel} did not refuse this member` };
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
        what: `ready again: the refusal was about the ${fact.channel} channel`,
        cause: `channel ${fact.channel} paused`,
        actor: 'service',
      },
    ],
    attempts: [],
  };
}

function change(kind: 'end' | 'replace', fact: Ended): AttemptChange {
  return { kind, id: fact.attemptId, outcome: fact.outcome.kind, detail: fact.outcome.detail };
}

function lateNote(fact: Ended): Entry {
  return {
    what: `late answer of an earlier attempt: ${fact.outcome.kind}`,
    ...attemptSource(fact.attemptId),
  };
}

function attemptSource(attemptId: string): Source {
  return { actor: 'service', cause: `attempt ${attemptId}` };
}
