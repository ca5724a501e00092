import type { Decision, Entry, Fact, Source } from './facts.ts';
import { isActivated, type Member, nobody, type Person } from './member.ts';
import { skipReasons, type Whose } from './ownership.ts';
import { nextLookInMs } from './retry-policy.ts';

type Looked = Extract<Fact, { kind: 'looked' }>;

/**
 * What a look at the portal's API makes of a member.
 * No wake-up is lost: when something came since the asking began (`fact.version` is older), what was
 * learnt is kept, but the member stays due now and nothing is sent on it.
 */
export function decideLook(member: Member, fact: Looked, now: number): Decision {
  if (member.state === 'sending') return lookWhileSending(member, fact);
  const seen = judge(member, fact, now);
  const released: Member = { ...seen.member, leaseUntil: null };
  const isStale = fact.version !== member.version;
  return {
    kind: 'changed',
    member: isStale ? { ...released, dueAt: now, confirmedAt: null } : released,
    entries: seen.entries,
    attempts: [],
  };
}

/** A look that outlived its lease: what it saw of a person who left is not lost to the next attempt. */
function lookWhileSending(member: Member, fact: Looked): Decision {
  const { sighting } = fact;
  if (sighting.kind === 'present' && isActivated(sighting.person)) {
    return { kind: 'ignored', reason: 'an attempt is under way' };
  }
  return {
    kind: 'changed',
    member: { ...member, hinted: true, confirmedAt: null },
    entries: [],
    attempts: [],
  };
}

type Seen = { readonly member: Member; readonly entries: readonly Entry[] };

function judge(member: Member, fact: Looked, now: number): Seen {
  switch (member.state) {
    case 'waiting':
    case 'skipped':
    case 'ready':
      return judgeComing(member, fact, now);
    case 'gone':
      return judgeGone(member, fact, now);
    case 'welcomed':
    case 'failed':
    case 'unknown':
    case 'sending':
      return judgeAbsence(member, fact, now);
    default:
      return member.state satisfies never;
  }
}

function judgeComing(member: Member, fact: Looked, now: number): Seen {
  const { sighting, source } = fact;
  switch (sighting.kind) {
    case 'missing':
      return leave(member, source, 'deleted');
    case 'hidden':
      return member.state === 'skipped'
        ? { member: { ...member, dueAt: null }, entries: [] }
        : stayWaiting(member, source, 'this key may not see them', now);
    case 'present':
      if (sighting.person.status === 'terminated') return leave(member, source, 'disabled');
      return judgePresent(member, sighting.person, fact, now);
    default:
      return sighting satisfies never;
  }
}

function judgePresent(member: Member, person: Person, fact: Looked, now: number): Seen {
  const { source } = fact;
  if (fact.whose.kind === 'not_ours' && fact.whose.reason === skipReasons.welcomedBefore) {
    const known = skip({ ...member, ...nobody }, null, fact.whose.reason, source);
    return { ...known, member: { ...known.member, forgottenAt: now } };
  }
  // Who is `ready` was ours when they came: what is revoked later takes nothing from them.
  const mine = member.adopted || member.state === 'ready' ? ours(member, fact.whose) : fact.whose;
  if (mine.kind === 'not_ours') {
    const isStranger = mine.reason === skipReasons.stranger;
    return skip(member, isStranger ? null : person, mine.reason, source);
  }
  if (member.reason === skipReasons.before && mine.invitationId === null) {
    // Once here before us, always: only an invitation or an operator takes them in.
    return { member: { ...member, dueAt: null }, entries: [] };
  }

  const came: Member = { ...member, invitationId: mine.invitationId, absentSince: null };
  const known = withPerson(came, person, now);
  const arrived: Entry[] =
    member.registeredAt === null && known.registeredAt !== null
      ? [{ what: 'registered', ...source }]
      : [];
  if (!isActivated(person)) {
    const waiting = stayWaiting(known, source, notYet(person), now);
    return { member: waiting.member, entries: [...arrived, ...waiting.entries] };
  }
  const first: Entry[] =
    member.state === 'ready' ? [] : [{ what: 'activated: a welcome is owed', ...source }];
  return {
    member: {
      ...known,
      state: 'ready',
      reason: null,
      dueAt: now,
      lookCount: 0,
      confirmedAt: now,
      activatedAt: member.activatedAt ?? now,
    },
    entries: [...arrived, ...first],
  };
}

function ours(member: Member, judged: Whose): Whose & { kind: 'ours' } {
  return judged.kind === 'ours' ? judged : { kind: 'ours', invitationId: member.invitationId };
}

function notYet(person: Person): string {
  return person.status === 'pending'
    ? 'has not registered yet'
    : 'has not confirmed the e-mail yet';
}

/** Not active yet: looked at again at growing intervals, and at once when a hint comes. */
function stayWaiting(member: Member, source: Source, reason: string, now: number): Seen {
  const lookCount = member.state === 'waiting' ? member.lookCount + 1 : 1;
  const isNews = member.state !== 'waiting' || member.reason !== reason;
  return {
    member: {
      ...member,
      state: 'waiting',
      reason,
      confirmedAt: null,
      lookCount,
      dueAt: now + nextLookInMs(lookCount),
    },
    entries: isNews ? [{ what: `waiting: ${reason}`, ...source }] : [],
  };
}

/**
 * Not ours to welcome. Of a stranger only the id is kept; somebody who came by our account keeps
 * name and address, because an admin has to recognise them (design: "Whose member").
 * @param person null: only the id is kept
 */
function skip(member: Member, person: Person | null, reason: string, source: Source): Seen {
  const known = person === null ? { ...member, ...nobody } : withNames(member, person);
  const isNews = member.state !== 'skipped' || member.reason !== reason;
  return {
    member: { ...known, state: 'skipped', reason, dueAt: null, confirmedAt: null, lookCount: 0 },
    entries: isNews ? [{ what: `skipped: ${reason}`, ...source }] : [],
  };
}

function leave(member: Member, source: Source, reason: string): Seen {
  return {
    member: { ...member, state: 'gone', reason, dueAt: null, confirmedAt: null, lookCount: 0 },
    entries: [{ what: `gone: ${reason}`, ...source }],
  };
}

/** Whoever comes back waits like everybody else: the next look, due now, judges them afresh. */
function judgeGone(member: Member, fact: Looked, now: number): Seen {
  const { sighting, source } = fact;
  const isBack = sighting.kind === 'present' && sighting.person.status !== 'terminated';
  if (!isBack) return { member: { ...member, dueAt: null }, entries: [] };
  return {
    member: {
      ...member,
      state: 'waiting',
      reason: null,
      dueAt: now,
      lookCount: 0,
      absentSince: null,
    },
    entries: [{ what: 'back: waiting again', ...source }],
  };
}

/** A kept state shows that the person left (`absentSince`), and that they came back. */
function judgeAbsence(member: Member, fact: Looked, now: number): Seen {
  const { sighting, source } = fact;
  const settled: Member = { ...member, dueAt: null };
  if (sighting.kind === 'hidden') return { member: settled, entries: [] };
  const isAbsent = sighting.kind === 'missing' || sighting.person.status === 'terminated';
  if (isAbsent === (member.absentSince !== null)) return { member: settled, entries: [] };
  return {
    member: { ...settled, absentSince: isAbsent ? now : null },
    entries: [{ what: isAbsent ? 'absent: left the portal' : 'present again', ...source }],
  };
}

function withPerson(member: Member, person: Person, now: number): Member {
  return {
    ...withNames(member, person),
    registeredAt:
      member.registeredAt ?? (person.status === 'pending' ? null : (person.registeredAt ?? now)),
  };
}

function withNames(member: Member, person: Person): Member {
  return {
    ...member,
    email: person.email,
    firstName: person.firstName,
    lastName: person.lastName,
    cultureName: person.cultureName,
    employeeType: person.employeeType ?? member.employeeType,
  };
}
