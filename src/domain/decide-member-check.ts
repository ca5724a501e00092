import { changed, type Decision, type Fact, ignored } from './facts.ts';
import { emptyProfile, isActivated, type Member, type Person } from './member.ts';
import type { Ownership } from './ownership.ts';
import type { MemberReason } from './reason.ts';
import { nextCheckInMs } from './retry-policy.ts';
import type { Entry, Source } from './timeline.ts';

type Checked = Extract<Fact, { kind: 'checked' }>;

/**
 * Decides what the portal's view of a person changes in a member.
 * No hint is lost: if the member changed after the request began (`fact.version` is older), the result
 * is stored, but the member is due again now, and nothing is sent because of this result.
 */
export function decideMemberCheck(member: Member, fact: Checked, now: number): Decision {
  if (member.state === 'sending') return checkWhileSending(member, fact);
  const applied = applyView(member, fact, now);
  const released: Member = { ...applied.member, leaseUntil: null };
  if (fact.version === member.version) return changed(released, applied.entries);
  // If a hint says that the type may differ, the type in this older answer does not count.
  const employeeType = member.employeeType && released.employeeType;
  return changed({ ...released, employeeType, dueAt: now, confirmedAt: null }, applied.entries);
}

/**
 * Handles a check that took longer than its lease, so that an attempt began meanwhile. If the answer
 * does not show an activated person, another check follows the attempt.
 */
function checkWhileSending(member: Member, fact: Checked): Decision {
  const { view } = fact;
  if (view.kind === 'present' && isActivated(view.person)) {
    return ignored('an attempt is under way');
  }
  return changed({ ...member, hinted: true, confirmedAt: null });
}

type Applied = { readonly member: Member; readonly entries: readonly Entry[] };

function applyView(member: Member, fact: Checked, now: number): Applied {
  switch (member.state) {
    case 'waiting':
    case 'skipped':
    case 'ready':
      return applyToExpected(member, fact, now);
    case 'gone':
      return applyToGone(member, fact, now);
    case 'welcomed':
    case 'failed':
    case 'unknown':
    case 'sending':
      return applyToSettled(member, fact, now);
    default:
      return member.state satisfies never;
  }
}

function applyToExpected(member: Member, fact: Checked, now: number): Applied {
  const { view, source } = fact;
  switch (view.kind) {
    case 'missing':
      return leave(cameBy(member, fact), source, { code: 'deleted' });
    case 'hidden':
      return member.state === 'skipped'
        ? { member: { ...member, dueAt: null }, entries: [] }
        : stayWaiting(member, source, { code: 'not_visible' }, now);
    case 'present':
      return view.person.status === 'terminated'
        ? leave(cameBy(member, fact), source, { code: 'disabled' })
        : applyPresent({ ...member, absentSince: null }, view.person, fact, now);
    default:
      return view satisfies never;
  }
}

function applyPresent(member: Member, person: Person, fact: Checked, now: number): Applied {
  const { source } = fact;
  const { ownership } = fact;
  if (ownership.kind === 'not_ours' && ownership.reason.code === 'welcomed_before_forgotten') {
    const known = skip({ ...member, ...emptyProfile }, null, ownership.reason, source);
    return { ...known, member: { ...known.member, forgottenAt: now } };
  }
  // A `ready` member was already accepted. A later revocation changes nothing for them.
  const isKept = member.acceptedByOperator || member.state === 'ready';
  const mine = isKept ? keptOwnership(member, ownership) : ownership;
  if (mine.kind === 'not_ours') {
    const { code } = mine.reason;
    const isStranger = code === 'not_invited' || code === 'existing_user';
    return skip(member, isStranger ? null : person, mine.reason, source);
  }
  if (member.reason?.code === 'existing_user' && mine.invitationId === null) {
    // Existing users are never welcomed, unless they are invited or an operator retries them.
    return { member: { ...member, dueAt: null }, entries: [] };
  }

  const { invitationId } = mine;
  const invitedAs = invitationId === null ? null : (mine.invitedAs ?? member.invitedAs);
  const came: Member = { ...member, invitationId, invitedAs };
  const known = withPerson(came, person, now);
  const arrived: Entry[] =
    member.registeredAt === null && known.registeredAt !== null
      ? [{ event: 'registered', ...source }]
      : [];
  if (!isActivated(person)) {
    const waiting = stayWaiting(known, source, whyNotActive(person), now);
    return { member: waiting.member, entries: [...arrived, ...waiting.entries] };
  }
  const first: Entry[] = member.state === 'ready' ? [] : [{ event: 'activated', ...source }];
  return {
    member: {
      ...known,
      state: 'ready',
      reason: null,
      dueAt: now,
      checkCount: 0,
      confirmedAt: now,
      activatedAt: member.activatedAt ?? now,
    },
    entries: [...arrived, ...first],
  };
}

/**
 * Stores in the member by which invitation the person came, if that is not known yet. Then the status of
 * this invitation becomes `gone` as well.
 */
function cameBy(member: Member, { ownership }: Checked): Member {
  if (member.state !== 'waiting' || ownership.kind !== 'ours') return member;
  const found = ownership.invitationId;
  return { ...member, invitationId: member.invitationId ?? found };
}

function keptOwnership(member: Member, found: Ownership): Extract<Ownership, { kind: 'ours' }> {
  return found.kind === 'ours' ? found : { kind: 'ours', invitationId: member.invitationId };
}

function whyNotActive(person: Person): MemberReason {
  return { code: person.status === 'pending' ? 'not_registered' : 'address_not_confirmed' };
}

/** Sets or keeps the state `waiting`. The member is checked again at growing intervals. */
function stayWaiting(member: Member, source: Source, reason: MemberReason, now: number): Applied {
  const checkCount = member.state === 'waiting' ? member.checkCount + 1 : 1;
  const isNews = member.state !== 'waiting' || member.reason?.code !== reason.code;
  return {
    member: {
      ...member,
      state: 'waiting',
      reason,
      confirmedAt: null,
      checkCount,
      dueAt: now + nextCheckInMs(checkCount),
    },
    entries: isNews ? [{ event: 'waiting', reason, ...source }] : [],
  };
}

/**
 * Skips a person whom this service does not welcome. For a stranger, only the id is kept. For other
 * people, the name and the address are kept, because an admin has to recognise these people
 * (docs/design.md#whose-member).
 * @param person null if only the id is kept
 */
function skip(
  member: Member,
  person: Person | null,
  reason: MemberReason,
  source: Source,
): Applied {
  const known = person === null ? { ...member, ...emptyProfile } : withProfile(member, person);
  const isNews = member.state !== 'skipped' || member.reason?.code !== reason.code;
  return {
    member: { ...known, state: 'skipped', reason, dueAt: null, confirmedAt: null, checkCount: 0 },
    entries: isNews ? [{ event: 'skipped', reason, ...source }] : [],
  };
}

function leave(member: Member, source: Source, reason: MemberReason): Applied {
  return {
    member: { ...member, state: 'gone', reason, dueAt: null, confirmedAt: null, checkCount: 0 },
    entries: [{ event: 'gone', reason, ...source }],
  };
}

/** If the person came back, sets the state `waiting`. The next check is due now and decides the rest. */
function applyToGone(member: Member, fact: Checked, now: number): Applied {
  const { view, source } = fact;
  const isBack = view.kind === 'present' && view.person.status !== 'terminated';
  if (!isBack) return { member: { ...member, dueAt: null }, entries: [] };
  return {
    member: {
      ...member,
      state: 'waiting',
      reason: null,
      dueAt: now,
      checkCount: 0,
      absentSince: null,
    },
    entries: [{ event: 'returned', ...source }],
  };
}

/**
 * Keeps the state, and notes in `absentSince` whether the person left or came back. Name and address
 * are copied from the portal, so that a search finds the person by them.
 */
function applyToSettled(member: Member, fact: Checked, now: number): Applied {
  const { view, source } = fact;
  const seen = view.kind === 'present' ? withProfile(member, view.person) : member;
  const settled: Member = { ...seen, dueAt: null };
  if (view.kind === 'hidden') return { member: settled, entries: [] };
  const isAbsent = view.kind === 'missing' || view.person.status === 'terminated';
  if (isAbsent === (member.absentSince !== null)) return { member: settled, entries: [] };
  return {
    member: { ...settled, absentSince: isAbsent ? now : null },
    entries: [{ event: isAbsent ? 'left' : 'present_again', ...source }],
  };
}

function withPerson(member: Member, person: Person, now: number): Member {
  return {
    ...withProfile(member, person),
    registeredAt:
      member.registeredAt ?? (person.status === 'pending' ? null : (person.registeredAt ?? now)),
  };
}

function withProfile(member: Member, person: Person): Member {
  return {
    ...member,
    email: person.email,
    firstName: person.firstName,
    lastName: person.lastName,
    cultureName: person.cultureName,
    employeeType: person.employeeType ?? member.employeeType,
  };
}
