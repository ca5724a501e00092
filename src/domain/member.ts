import type { MemberReason } from './reason.ts';
import type { ChannelName, EmployeeType, MemberState } from './vocabulary.ts';

export { type MemberState, memberStates } from './vocabulary.ts';

/** A portal user that we follow. Its row is also the durable job: `state` and `dueAt`. */
export type Member = {
  /** The portal's user id: a lower-case guid. */
  readonly userId: string;
  readonly state: MemberState;
  /** Why it is in this state, where the state alone does not say it. */
  readonly reason: MemberReason | null;
  /** Grows with every commit: a decision made on an older one is stale. */
  readonly version: number;
  /** When to act next (UTC ms); null: nothing to do. While `sending`: the end of the lease. */
  readonly dueAt: number | null;
  /**
   * Until when one worker has this member to itself (UTC ms). It is separate from `dueAt`, so that a
   * hint never starts a second check beside the first: each would make the other stale.
   */
  readonly leaseUntil: number | null;
  readonly invitationId: string | null;
  /** An operator's `retry` accepted this person, whoever invited them. */
  readonly acceptedByOperator: boolean;
  readonly email: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly cultureName: string | null;
  readonly employeeType: EmployeeType | null;
  /** When the portal first showed them registered (status 1), activated; UTC ms. */
  readonly registeredAt: number | null;
  readonly activatedAt: number | null;
  /** When the API last confirmed that they are activated; null: ask again before sending. */
  readonly confirmedAt: number | null;
  readonly welcomedAt: number | null;
  /** The person left while the state was kept (`sending`, `unknown`, `failed`, `welcomed`). */
  readonly absentSince: number | null;
  /** Checks in a row that found the person not active yet: decides when the next one is due. */
  readonly checkCount: number;
  /** Attempts in a row that did not get through: decides when the next one is due. */
  readonly notSentCount: number;
  /** A hint came during `sending`: check once after its outcome. */
  readonly hinted: boolean;
  readonly openAttempt: OpenAttempt | null;
  /** The newest attempt whose outcome is unknown: a late answer may still replace it. */
  readonly unknownAttemptId: string | null;
  /** That attempt was answered `sent` while a later one was under way. */
  readonly sentLate: boolean;
  /**
   * Set when an attempt with unknown outcome is resent. Only this channel may be used; another could
   * greet the person twice.
   */
  readonly resendThrough: ChannelName | null;
  /** When an operator had this person forgotten (UTC ms): nothing about them is filled in again. */
  readonly forgottenAt: number | null;
  /** Channels that refused this member: the next one is tried. */
  readonly refusedBy: readonly ChannelName[];
};

type OpenAttempt = { readonly id: string; readonly channel: ChannelName };

/** A member of whom only the id is known yet: waiting, with nothing due. */
export function newMember(userId: string): Member {
  return {
    userId,
    state: 'waiting',
    reason: null,
    version: 0,
    dueAt: null,
    leaseUntil: null,
    invitationId: null,
    acceptedByOperator: false,
    email: null,
    firstName: null,
    lastName: null,
    cultureName: null,
    employeeType: null,
    registeredAt: null,
    activatedAt: null,
    confirmedAt: null,
    welcomedAt: null,
    absentSince: null,
    checkCount: 0,
    notSentCount: 0,
    hinted: false,
    openAttempt: null,
    unknownAttemptId: null,
    sentLate: false,
    resendThrough: null,
    forgottenAt: null,
    refusedBy: [],
  };
}

/** The profile of a stranger, and of a person who was forgotten: only the id is kept. */
export const emptyProfile = {
  email: null,
  firstName: null,
  lastName: null,
  cultureName: null,
  employeeType: null,
} as const;

/** A person as the portal's API shows them. Times are UTC ms. */
export type Person = {
  readonly userId: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly cultureName: string | null;
  readonly status: 'active' | 'terminated' | 'pending';
  readonly isActive: boolean;
  readonly createdBy: string | null;
  readonly createdAt: number;
  /** When they joined, if that is known; null while pending. Times are by this service's clock. */
  readonly registeredAt: number | null;
  readonly tenantId: number;
  /** Null where it was not read: the confirming read does not carry it (docs/docspace-wire.md 5). */
  readonly employeeType: EmployeeType | null;
};

/** Joined and usable. A disabled user keeps `isActive`, so both are needed (docs/docspace-wire.md 5). */
export function isActivated(person: Person): boolean {
  return person.status === 'active' && person.isActive;
}

/** What the portal's API says about one member, while the portal itself is well. */
export type PortalView =
  | { readonly kind: 'present'; readonly person: Person }
  /** 404 while the control read answers: deleted. */
  | { readonly kind: 'missing' }
  /** 403 while the control read answers: this key may not see them. */
  | { readonly kind: 'hidden' };
