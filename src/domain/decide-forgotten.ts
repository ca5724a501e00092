import type { AttemptChange, Decision, Entry, Fact, Source } from './facts.ts';
import { type Member, nobody } from './member.ts';
import { skipReasons } from './ownership.ts';

/**
 * What `forget` makes of a member. Whose welcome was sent, is under way or may have been sent keeps
 * that state, so that nobody is greeted twice; of the others nothing is owed any more.
 */
export function decideForget(member: Member, source: Source, now: number): Decision {
  return {
    kind: 'changed',
    member: erased({ ...member, forgottenAt: now }),
    entries: [{ what: 'forgotten', ...source }],
    attempts: [],
  };
}

/**
 * What becomes of a member who was forgotten. Nothing about the person is filled in again; only an
 * attempt that was under way still ends, and a new invitation of somebody never welcomed begins anew.
 * @param decideOpenly what would be decided of anybody else
 */
export function whileForgotten(
  member: Member,
  fact: Fact,
  now: number,
  decideOpenly: (member: Member, fact: Fact, now: number) => Decision,
): Decision {
  switch (fact.kind) {
    case 'hinted':
    case 'looked':
    case 'postponed':
    case 'claimed':
    case 'baselined':
    case 'forgotten':
      return { kind: 'ignored', reason: skipReasons.forgotten };
    case 'retried':
      return { kind: 'forbidden', reason: 'this person was forgotten: invite them anew' };
    case 'resolved':
      return fact.outcome === 'sent'
        ? withoutTraces(decideOpenly(member, fact, now))
        : { kind: 'forbidden', reason: 'this person was forgotten: only sent can settle it' };
    case 'ended':
    case 'exonerated':
      return withoutTraces(decideOpenly(member, fact, now));
    case 'invited':
      return decideInvitedAnew(member, fact, now);
    default:
      return fact satisfies never;
  }
}

function decideInvitedAnew(
  member: Member,
  fact: Extract<Fact, { kind: 'invited' }>,
  now: number,
): Decision {
  if (member.state !== 'skipped') return { kind: 'ignored', reason: `already ${member.state}` };
  return {
    kind: 'changed',
    member: {
      ...member,
      state: 'waiting',
      reason: null,
      forgottenAt: null,
      invitationId: null,
      dueAt: now,
      // A look that was under way when they were forgotten is ignored, and leaves its lease.
      leaseUntil: null,
      lookCount: 0,
    },
    entries: [{ what: `invited anew: invitation ${fact.invitationId}`, ...fact.source }],
    attempts: [],
  };
}

/** The words of a mail server may quote the address: only what happened is kept. */
function withoutTraces(decision: Decision): Decision {
  if (decision.kind !== 'changed') return decision;
  return {
    kind: 'changed',
    member: erased(decision.member),
    entries: decision.entries.map(withoutDetail),
    attempts: decision.attempts.map(withoutAnswer),
  };
}

function erased(member: Member): Member {
  const nameless: Member = { ...member, ...nobody, confirmedAt: null };
  switch (member.state) {
    case 'sending':
      return nameless;
    case 'welcomed':
    case 'unknown':
      return { ...nameless, reason: skipReasons.forgotten, dueAt: null, leaseUntil: null };
    case 'waiting':
    case 'ready':
    case 'skipped':
    case 'gone':
    case 'failed':
      return {
        ...nameless,
        state: 'skipped',
        reason: skipReasons.forgotten,
        adopted: false,
        dueAt: null,
        leaseUntil: null,
      };
    default:
      return member.state satisfies never;
  }
}

function withoutDetail(entry: Entry): Entry {
  const [what = ''] = entry.what.split(':');
  return { ...entry, what };
}

function withoutAnswer(change: AttemptChange): AttemptChange {
  return change.kind === 'begin' ? change : { ...change, detail: skipReasons.forgotten };
}
