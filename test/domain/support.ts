import type { Fact, FactKind } from '../../src/domain/facts.ts';
import {
  type Member,
  type MemberState,
  newMember,
  type Person,
  type PortalView,
} from '../../src/domain/member.ts';
import type { Outcome, OutcomeKind } from '../../src/domain/outcome.ts';
import type { Ownership, SkipReason } from '../../src/domain/ownership.ts';
import type { AttemptReason } from '../../src/domain/reason.ts';
import { portal, type Source, service } from '../../src/domain/timeline.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
/** The time of the tests. */
export const now = Date.UTC(2026, 0, 10, 12);

/** Every kind of fact. If a kind is missing here, it does not compile. */
const everyFactKind: Record<FactKind, true> = {
  hinted: true,
  checked: true,
  postponed: true,
  left_to_lists: true,
  claimed: true,
  ended: true,
  refusal_reverted: true,
  invited: true,
  baselined: true,
  forgotten: true,
  retried: true,
  resolved: true,
};
// The type of Object.keys does not say that the keys are exactly those of the record above.
export const factKinds = Object.keys(everyFactKind) as readonly FactKind[];

export const fromDelivery: Source = { actor: portal, cause: { kind: 'delivery', id: 12 } };
export const fromPortalApi: Source = { actor: service, cause: { kind: 'portal_api' } };
export const fromOperator: Source = {
  actor: { kind: 'operator', name: 'anna' },
  cause: { kind: 'command', name: 'retry' },
};

export function fromAttempt(id: string): Source {
  return { actor: service, cause: { kind: 'attempt', id } };
}

/** A person who came by the invitation `inv_1` and can use the portal. */
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
  employeeType: null,
};
export const registered: Person = { ...active, isActive: false };
export const pending: Person = {
  ...active,
  status: 'pending',
  isActive: false,
  registeredAt: null,
};
/** A disabled user keeps `isActive` (docs/docspace-wire.md 5). */
export const terminated: Person = { ...active, status: 'terminated' };

const profile = {
  email: active.email,
  firstName: active.firstName,
  lastName: active.lastName,
  cultureName: active.cultureName,
};
const known: Member = {
  ...newMember(active.userId),
  ...profile,
  version: 7,
  invitationId: 'inv_1',
  registeredAt: active.registeredAt,
};
const activated: Member = { ...known, activatedAt: now - minuteMs, confirmedAt: now - minuteMs };

const typical: Record<MemberState, Member> = {
  waiting: {
    ...known,
    state: 'waiting',
    reason: { code: 'address_not_confirmed' },
    dueAt: now - 1,
    checkCount: 3,
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
    reason: { code: 'not_invited' },
  },
  gone: { ...known, state: 'gone', reason: { code: 'deleted' } },
  failed: {
    ...activated,
    state: 'failed',
    reason: { code: 'portal_refused', status: 400 },
    refusedBy: ['docspace'],
  },
  unknown: {
    ...activated,
    state: 'unknown',
    reason: { code: 'portal_timed_out' },
    unknownAttemptId: 'att_1',
  },
};

/** A typical member in this state, at version 7. */
export function memberIn(state: MemberState, but: Partial<Member> = {}): Member {
  return { ...typical[state], ...but };
}

export const ours: Ownership = { kind: 'ours', invitationId: 'inv_1' };
export const missing: PortalView = { kind: 'missing' };
export const hidden: PortalView = { kind: 'hidden' };

export function notOurs(code: SkipReason['code']): Ownership {
  return { kind: 'not_ours', reason: { code } };
}

export function present(person: Person): PortalView {
  return { kind: 'present', person };
}

type FactOf<K extends FactKind> = Extract<Fact, { kind: K }>;

export const hint: FactOf<'hinted'> = {
  kind: 'hinted',
  source: fromDelivery,
  hint: { event: 'delivery_received', trigger: 'user.updated' },
  departure: false,
};
export const departureHint: FactOf<'hinted'> = {
  ...hint,
  hint: { event: 'delivery_received', trigger: 'user.deleted' },
  departure: true,
};

export function checked(view: PortalView, but: Partial<FactOf<'checked'>> = {}): FactOf<'checked'> {
  return { kind: 'checked', source: fromPortalApi, version: 7, view, ownership: ours, ...but };
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

/** The reason of a typical outcome of each kind. */
export const reasonOf = {
  sent: { code: 'portal_accepted' },
  not_sent: { code: 'portal_unreachable', cause: 'ECONNREFUSED' },
  refused: { code: 'portal_refused', status: 404 },
  unknown: { code: 'portal_timed_out' },
} as const satisfies Record<OutcomeKind, AttemptReason>;

export function outcomeOf(kind: OutcomeKind, waitMs: number | null = null): Outcome {
  switch (kind) {
    case 'sent':
      return { kind, reason: reasonOf.sent };
    case 'not_sent':
      return { kind, reason: reasonOf.not_sent, waitMs };
    case 'refused':
      return { kind, reason: reasonOf.refused, streak: null };
    case 'unknown':
      return { kind, reason: reasonOf.unknown };
    default:
      return kind satisfies never;
  }
}
