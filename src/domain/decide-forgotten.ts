import { type AttemptChange, changed, type Decision, type Fact, ignored } from './facts.ts';
import { emptyProfile, type Member } from './member.ts';
import type { Entry, Source } from './timeline.ts';

const forgotten = { code: 'forgotten' } as const;

/**
 * Erases a member. If the welcome was sent, is in progress or may have been sent, the state stays,
 * so that nobody is greeted twice. A member in any other state becomes `skipped` and gets no welcome.
 */
export function decideForget(member: Member, source: Source, now: number): Decision {
  return changed(erased({ ...member, forgottenAt: now }), [{ event: 'forgotten', ...source }]);
}

/**
 * Decides about a member who was forgotten. The data of the member stays erased. An attempt in progress
 * may still end, and an operator may resolve an unknown outcome as sent. After a new invitation, a
 * `skipped` member is `waiting`, and no longer counts as forgotten.
 * @param decideOpenly decides about a member who was not forgotten
 */
export function whileForgotten(
  member: Member,
  fact: Fact,
  now: number,
  decideOpenly: (member: Member, fact: Fact, now: number) => Decision,
): Decision {
  switch (fact.kind) {
    case 'hinted':
    case 'checked':
    case 'postponed':
    case 'left_to_lists':
    case 'claimed':
    case 'baselined':
    case 'forgotten':
      return ignored('forgotten');
    case 'retried':
      return { kind: 'forbidden', reason: { code: 'person_forgotten' } };
    case 'resolved':
      return fact.outcome === 'sent'
        ? withoutTraces(decideOpenly(member, fact, now))
        : { kind: 'forbidden', reason: { code: 'person_forgotten_only_sent' } };
    case 'ended':
    case 'refusal_reverted':
      return withoutTraces(decideOpenly(member, fact, now));
    case 'invited':
      return decideInvitedAgain(member, fact, now);
    default:
      return fact satisfies never;
  }
}

function decideInvitedAgain(
  member: Member,
  fact: Extract<Fact, { kind: 'invited' }>,
  now: number,
): Decision {
  if (member.state !== 'skipped') return ignored(`already ${member.state}`);
  const again: Member = {
    ...member,
    state: 'waiting',
    reason: null,
    forgottenAt: null,
    invitationId: null,
    dueAt: now,
    // The lease of an earlier check must not delay the next check.
    leaseUntil: null,
    checkCount: 0,
  };
  return changed(again, [
    { event: 'invited_again', newInvitationId: fact.invitationId, ...fact.source },
  ]);
}

/** Erases the member in a decision, and the reasons that the portal or the mail server gave. */
function withoutTraces(decision: Decision): Decision {
  if (decision.kind !== 'changed') return decision;
  const { member, entries, attempts } = decision;
  return changed(erased(member), entries.map(withoutReason), attempts.map(withoutAnswer));
}

function erased(member: Member): Member {
  const nameless: Member = { ...member, ...emptyProfile, confirmedAt: null };
  switch (member.state) {
    case 'sending':
      // The reason belongs to an earlier attempt.
      return { ...nameless, reason: forgotten };
    case 'welcomed':
    case 'unknown':
      return { ...nameless, reason: forgotten, dueAt: null, leaseUntil: null };
    case 'waiting':
    case 'ready':
    case 'skipped':
    case 'gone':
    case 'failed':
      return {
        ...nameless,
        state: 'skipped',
        reason: forgotten,
        acceptedByOperator: false,
        dueAt: null,
        leaseUntil: null,
      };
    default:
      return member.state satisfies never;
  }
}

function withoutReason(entry: Entry): Entry {
  switch (entry.event) {
    case 'attempt_not_sent':
    case 'attempt_refused':
    case 'attempt_unknown':
      return { ...entry, reason: forgotten };
    default:
      return entry;
  }
}

function withoutAnswer(change: AttemptChange): AttemptChange {
  return change.kind === 'begin' ? change : { ...change, reason: forgotten };
}
