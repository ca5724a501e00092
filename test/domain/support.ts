import type { Fact, FactKind, Source } from '../../src/domain/facts.ts';
import {
  type Member,
  type MemberState,
  newMember,
  type Person,
  type Sighting,
} from '../../src/domain/member.ts';
import type { Outcome, OutcomeKind } from '../../src/domain/outcome.ts';
import { skipReasons, type Whose } from '../../src/domain/ownership.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
/** When the tests happen. */
export const now = Date.UTC(2026, 0, 10, 12);

/** Every kind of fact, by the compiler's word: one that is missing here does not compile. */
const everyFactKind: Record<FactKind, true> = {
  hinted: true,
  looked: true,
  postponed: true,
  claimed: true,
  ended: true,
  exonerated: true,
  invited: true,
  baselined: true,
  forgotten: true,
  retried: true,
  resolved: true,
};
// Object.keys forgets that the keys are exactly those of the record above.
export const factKinds = Object.keys(everyFactKind) as readonly FactKind[];

const portal: Source = { actor: 'portal', cause: 'delivery 12' };
export const api: Source = { actor: 'service', cause: 'portal API' };
export const operator: Source = { actor: 'operator', cause: 'retry' };

/** Somebody who came by the invitation `inv_1` and can use the portal. */
export const active: Person = {
  userId: '00000000-0000-4000-8000-000000000001',
  email: 'ada@example.com',
  firstName: 'Ada',
  lastName: 'Byron',
  cultureName: 'en-GB',
  status: 'active',
  isActive: true,
  createdBy: 'account',
  createdAt: now - hourMs,
  registeredAt: now - 30 * minuteMs,
  tenantId: 1,
  employeeType: null,
};
export const registered: Person = { ...active, isActive: false };
export const pending: Person = {
  ...active,
  status: 'pending',
  isActive: false,
  registeredAt: null,
};
/** A disabled user keeps `isActive` (wire 5). */
export const terminated: Person = { ...active, status: 'terminated' };

const names = {
  email: active.email,
  firstName: active.firstName,
  lastName: active.lastName,
  cultureName: active.cultureName,
};
const known: Member = {
  ...newMember(active.userId),
  ...names,
  version: 7,
  invitationId: 'inv_1',
  registeredAt: active.registeredAt,
};
const activated: Member = { ...known, activatedAt: now - minuteMs, confirmedAt: now - minuteMs };

const typical: Record<MemberState, Member> = {
  waiting: {
    ...known,
    state: 'waiting',
    reason: 'has not confirmed the e-mail yet',
    dueAt: now - 1,
    lookCount: 3,
  },
  ready: { ...activated, state: 'ready', dueAt: now - 1 },
  sending: {
    ...activated,
    state: 'sending',
    dueAt: now + minuteMs,
    leaseUntil: now + minuteMs,
    openAttempt: { id: 'att_1', channel: 'docspace' },
  },
  welcomed: { ...activated, state: 'welcomed', welcomedAt: now - 1 },
  skipped: {
    ...newMember(active.userId),
    version: 7,
    state: 'skipped',
    reason: skipReasons.stranger,
  },
  gone: { ...known, state: 'gone', reason: 'deleted' },
  failed: { ...activated, state: 'failed', reason: 'refused', refusedBy: ['docspace'] },
  unknown: {
    ...activated,
    state: 'unknown',
    reason: 'no answer',
    unknownAttemptId: 'att_1',
  },
};

/** A typical member in this state, at version 7. */
export function memberIn(state: MemberState, but: Partial<Member> = {}): Member {
  return { ...typical[state], ...but };
}

export const ours: Whose = { kind: 'ours', invitationId: 'inv_1' };
export const missing: Sighting = { kind: 'missing' };
export const hidden: Sighting = { kind: 'hidden' };

export function notOurs(reason: keyof typeof skipReasons): Whose {
  return { kind: 'not_ours', reason: skipReasons[reason] };
}

export function present(person: Person): Sighting {
  return { kind: 'present', person };
}

type FactOf<K extends FactKind> = Extract<Fact, { kind: K }>;

export const hint: FactOf<'hinted'> = {
  kind: 'hinted',
  source: portal,
  says: 'user.updated arrived',
  departure: false,
};
export const departureHint: FactOf<'hinted'> = {
  ...hint,
  says: 'user.deleted arrived',
  departure: true,
};

export function looked(sighting: Sighting, but: Partial<FactOf<'looked'>> = {}): FactOf<'looked'> {
  return { kind: 'looked', source: api, version: 7, sighting, whose: ours, ...but };
}

export function claimed(but: Partial<FactOf<'claimed'>> = {}): FactOf<'claimed'> {
  return {
    kind: 'claimed',
    attemptId: 'att_2',
    channel: 'docspace',
    leaseUntil: now + 2 * minuteMs,
    ...but,
  };
}

export function ended(
  attemptId: string,
  kind: OutcomeKind,
  but: Partial<FactOf<'ended'>> = {},
): FactOf<'ended'> {
  return {
    kind: 'ended',
    attemptId,
    channel: 'docspace',
    outcome: outcomeOf(kind),
    channels: ['docspace'],
    onUnknown: 'hold',
    ...but,
  };
}

export function outcomeOf(kind: OutcomeKind, waitMs: number | null = null): Outcome {
  switch (kind) {
    case 'sent':
      return { kind, detail: 'answered 200' };
    case 'not_sent':
      return { kind, detail: 'could not connect', waitMs };
    case 'refused':
      return { kind, detail: 'answered 404', streak: null };
    case 'unknown':
      return { kind, detail: 'timed out' };
    default:
      return kind satisfies never;
  }
}
