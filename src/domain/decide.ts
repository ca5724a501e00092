import { decideAttempt } from './decide-attempt.ts';
import { decideForget, whileForgotten } from './decide-forgotten.ts';
import { decideMemberCheck } from './decide-member-check.ts';
import { changed, type Decision, type Fact, ignored } from './facts.ts';
import type { Member } from './member.ts';
import type { CommandReason } from './reason.ts';
import { poll } from './timeline.ts';

const existingUser = { code: 'existing_user' } as const;

type FactOf<K extends Fact['kind']> = Extract<Fact, { kind: K }>;

/**
 * Decides what a fact changes in a member. This is the only place where onboarding is decided. It
 * is a pure function, and every pair of state and fact has an answer
 * (docs/design.md#states-of-a-member).
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
    case 'checked':
      return decideMemberCheck(member, fact, now);
    case 'postponed':
      return decidePostponed(member, fact);
    case 'left_to_lists':
      return decideLeftToLists(member, fact);
    case 'claimed':
    case 'ended':
    case 'refusal_reverted':
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
  const entries = [{ ...fact.hint, ...fact.source }];
  // The last confirmation is older than this hint, so it no longer allows a welcome.
  const noted = (next: Partial<Member>) =>
    changed({ ...member, confirmedAt: null, ...next }, entries);
  switch (member.state) {
    case 'waiting':
    case 'gone': {
      const employeeType = fact.typeMayDiffer ? null : member.employeeType;
      return noted({ dueAt: now, checkCount: 0, employeeType });
    }
    case 'skipped':
      if (member.reason?.code === 'existing_user') return ignored('an existing user');
      // This hint is not recorded: only the id of a stranger is kept, and profiles change often.
      return changed({ ...member, dueAt: now });
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

/** Changes the time of the next step and ends the lease. */
function decidePostponed(member: Member, fact: FactOf<'postponed'>): Decision {
  if (member.state === 'sending') return ignored('an attempt is under way');
  return changed({ ...member, dueAt: fact.until, leaseUntil: null });
}

/** Sets the time of the next check and ends the lease. If a hint came meanwhile, the due time stays. */
function decideLeftToLists(member: Member, fact: FactOf<'left_to_lists'>): Decision {
  if (member.state !== 'waiting') return ignored(`already ${member.state}`);
  const next =
    member.version === fact.version
      ? { dueAt: fact.until, checkCount: member.checkCount + 1 }
      : { checkCount: member.checkCount };
  return changed({ ...member, ...next, leaseUntil: null });
}

function decideInvited(member: Member, fact: FactOf<'invited'>, now: number): Decision {
  switch (member.state) {
    case 'skipped':
    case 'waiting':
    case 'gone':
      return changed({ ...member, dueAt: now, checkCount: 0 }, [
        { event: 'invited_again', newInvitationId: fact.invitationId, ...fact.source },
      ]);
    case 'ready':
    case 'sending':
    case 'welcomed':
    case 'failed':
    case 'unknown':
      return ignored(`already ${member.state}`);
    default:
      return member.state satisfies never;
  }
}

/**
 * Skips an existing user who is a new member, or who was skipped for another reason than a revoked
 * invitation. All other members stay as they are.
 */
function decideBaseline(member: Member): Decision {
  const isStranger = member.state === 'skipped' && member.reason?.code !== 'invitation_revoked';
  const isUnknown = member.state === 'waiting' && member.version === 0;
  if (!isStranger && !isUnknown) return ignored(`already ${member.state}`);
  if (member.reason?.code === 'existing_user') return ignored('an existing user already');
  const cause = { kind: 'poll', list: 'baseline' } as const;
  return changed({ ...member, state: 'skipped', reason: existingUser, dueAt: null }, [
    { event: 'skipped', reason: existingUser, actor: poll, cause },
  ]);
}

function decideRetry(member: Member, fact: FactOf<'retried'>, now: number): Decision {
  const again = (next: Partial<Member>) =>
    changed({ ...member, dueAt: now, checkCount: 0, ...next }, [
      { event: 'retry_requested', ...fact.source },
    ]);
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
      return again({ state: 'waiting', reason: null, acceptedByOperator: true });
    case 'sending':
      return forbidden({ code: 'attempt_under_way' });
    case 'unknown':
      return forbidden({ code: 'outcome_unknown' });
    case 'welcomed':
      return forbidden({ code: 'already_welcomed' });
    default:
      return member.state satisfies never;
  }
}

function decideResolve(member: Member, fact: FactOf<'resolved'>, now: number): Decision {
  if (member.state !== 'unknown' || member.unknownAttemptId === null) {
    return forbidden({ code: 'not_unknown', state: member.state });
  }
  if (fact.outcome === 'retry') {
    return changed({ ...member, state: 'ready', reason: null, confirmedAt: null, dueAt: now }, [
      { event: 'resolved', outcome: 'retry', ...fact.source },
    ]);
  }
  const [id, reason] = [member.unknownAttemptId, { code: 'settled_by_operator' }] as const;
  return changed(
    // `dueAt` stays, because a check of whether the person left may be due.
    { ...member, state: 'welcomed', reason: null, welcomedAt: now },
    [{ event: 'resolved', outcome: 'sent', ...fact.source }],
    [{ kind: 'replace', id, outcome: 'sent', reason }],
  );
}

function forbidden(reason: CommandReason): Decision {
  return { kind: 'forbidden', reason };
}
