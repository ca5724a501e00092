import { decideAttempt } from './decide-attempt.ts';
import { decideForget, whileForgotten } from './decide-forgotten.ts';
import { decideLook } from './decide-member-check.ts';
import type { Decision, Fact } from './facts.ts';
import type { Member } from './member.ts';
import { skipReasons } from './ownership.ts';

type FactOf<K extends Fact['kind']> = Extract<Fact, { kind: K }>;

/**
 * What becomes of a member when something happened: the one place where onboarding is decided.
 * Pure; every pair of state and fact has an answer. The states and their arrows are in design.md.
 * @param now UTC ms
 */
export function decide(member: Member, fact: Fact, now: number): Decision {
  if (member.forgottenAt === null) return decideOpenly(member, fact, now);
  return whileForgotten(member, fact, now, decideOpenly);
}

function decideOpenly(member: Member, fact: Fact, now: number): Decision {
  switch (fact.kind) {
    case 'hinted':
      return decideHint(member, fact, now);
    case 'looked':
      return decideLook(member, fact, now);
    case 'postponed':
      return decidePostponed(member, fact);
    case 'claimed':
    case 'ended':
    case 'exonerated':
      return decideAttempt(member, fact, now);
    case 'invited':
      return decideInvited(member, fact, now);
    case 'baselined':
      return decideBaseline(member);
    case 'forgotten':
      return decideForget(member, fact.source, now);
    case 'retried':
      return decideRetry(member, fact, now);
    case 'resolved':
      return decideResolve(member, fact, now);
    default:
      return fact satisfies never;
  }
}

function decideHint(member: Member, fact: FactOf<'hinted'>, now: number): Decision {
  const entries = [{ what: fact.says, ...fact.source }];
  // Whatever was confirmed, it was before this: nothing is sent on it any more.
  const noted = (next: Partial<Member>): Decision => ({
    kind: 'changed',
    member: { ...member, confirmedAt: null, ...next },
    entries,
    attempts: [],
  });
  switch (member.state) {
    case 'waiting':
    case 'gone':
      return noted({ dueAt: now, lookCount: 0 });
    case 'skipped':
      if (member.reason === skipReasons.before) return { kind: 'ignored', reason: member.reason };
      // No entry: of strangers only the id is kept, and a company edits its profiles all day.
      return { kind: 'changed', member: { ...member, dueAt: now }, entries: [], attempts: [] };
    case 'ready':
      return noted({});
    case 'sending':
      return noted({ hinted: true });
    case 'welcomed':
    case 'failed':
    case 'unknown':
      return noted(fact.departure || member.absentSince !== null ? { dueAt: now } : {});
    default:
      return member.state satisfies never;
  }
}

/** Only the time of the next step moves, and the member is free again. */
function decidePostponed(member: Member, fact: FactOf<'postponed'>): Decision {
  if (member.state === 'sending') return { kind: 'ignored', reason: 'an attempt is under way' };
  return {
    kind: 'changed',
    member: { ...member, dueAt: fact.until, leaseUntil: null },
    entries: [],
    attempts: [],
  };
}

function decideInvited(member: Member, fact: FactOf<'invited'>, now: number): Decision {
  switch (member.state) {
    case 'skipped':
    case 'waiting':
    case 'gone':
      return {
        kind: 'changed',
        member: { ...member, dueAt: now, lookCount: 0 },
        entries: [{ what: `judged again: invitation ${fact.invitationId}`, ...fact.source }],
        attempts: [],
      };
    case 'ready':
    case 'sending':
    case 'welcomed':
    case 'failed':
    case 'unknown':
      return { kind: 'ignored', reason: `already ${member.state}` };
    default:
      return member.state satisfies never;
  }
}

/** Only who is unknown yet, or a stranger so far: whoever waits for their welcome keeps waiting. */
function decideBaseline(member: Member): Decision {
  const isStranger = member.state === 'skipped' && member.reason !== skipReasons.revoked;
  const isUnknown = member.state === 'waiting' && member.version === 0;
  if (!isStranger && !isUnknown) return { kind: 'ignored', reason: `already ${member.state}` };
  if (member.reason === skipReasons.before) return { kind: 'ignored', reason: member.reason };
  return {
    kind: 'changed',
    member: { ...member, state: 'skipped', reason: skipReasons.before, dueAt: null },
    entries: [{ what: `skipped: ${skipReasons.before}`, actor: 'poll', cause: 'baseline' }],
    attempts: [],
  };
}

function decideRetry(member: Member, fact: FactOf<'retried'>, now: number): Decision {
  const again = (next: Partial<Member>): Decision => ({
    kind: 'changed',
    member: { ...member, dueAt: now, lookCount: 0, ...next },
    entries: [{ what: 'retry asked for', ...fact.source }],
    attempts: [],
  });
  switch (member.state) {
    case 'waiting':
    case 'ready':
    case 'gone':
      return again({});
    case 'failed':
      return again({
        state: 'ready',
        reason: null,
        confirmedAt: null,
        refusedBy: [],
        resendThrough: null,
      });
    case 'skipped':
      return again({ state: 'waiting', reason: null, adopted: true });
    case 'sending':
      return { kind: 'forbidden', reason: 'a welcome to this member is being sent right now' };
    case 'unknown':
      return {
        kind: 'forbidden',
        reason: 'nobody knows whether the welcome arrived: find out, then use resolve',
      };
    case 'welcomed':
      return { kind: 'forbidden', reason: 'this member was already welcomed' };
    default:
      return member.state satisfies never;
  }
}

function decideResolve(member: Member, fact: FactOf<'resolved'>, now: number): Decision {
  if (member.state !== 'unknown' || member.unknownAttemptId === null) {
    return {
      kind: 'forbidden',
      reason: `only unknown can be resolved: this one is ${member.state}`,
    };
  }
  if (fact.outcome === 'retry') {
    return {
      kind: 'changed',
      member: { ...member, state: 'ready', reason: null, confirmedAt: null, dueAt: now },
      entries: [{ what: 'resolved: not sent, to be tried again', ...fact.source }],
      attempts: [],
    };
  }
  return {
    kind: 'changed',
    // What is due stays due: a look at whether they left.
    member: { ...member, state: 'welcomed', reason: null, welcomedAt: now },
    entries: [{ what: 'resolved: the welcome was sent', ...fact.source }],
    attempts: [
      {
        kind: 'replace',
        id: member.unknownAttemptId,
        outcome: 'sent',
        detail: 'settled by an operator',
      },
    ],
  };
}
