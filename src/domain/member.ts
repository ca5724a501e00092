import type { MemberReason } from './reason.ts';
import type { ChannelName, EmployeeType, MemberState } from './vocabulary.ts';

export { type MemberState, memberStates } from './vocabulary.ts';

/** A portal user whom this service follows. `state` and `dueAt` say what the worker does next. */
export type Member = {
  /** The portal's user id: a lower-case guid. */
  readonly userId: string;
  readonly state: MemberState;
  /** Why the member is in its state. Null if the state alone says it. */
  readonly reason: MemberReason | null;
  /** Grows with every commit. A decision on an older version is stale. */
  readonly version: number;
  /** When to act next (UTC ms). Null: nothing to do. While `sending`: the end of the lease. */
  readonly dueAt: number | null;
  /**
   * Until when one worker has this member to itself (UTC ms). It is separate from `dueAt`, so that
   * a hint never starts a second check beside the first one. Each of the two checks would make the
   * other one stale.
   */
  readonly leaseUntil: number | null;
  readonly invitationId: string | null;
  /** True if an operator's `retry` accepted this person, whoever invited them. */
  readonly acceptedByOperator: boolean;
  readonly email: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly cultureName: string | null;
  /** The type of the user in the portal. Null if it was not read yet, or may have changed since. */
  readonly employeeType: EmployeeType | null;
  /** The type in the invitation by which the user came. The portal may have given another type. */
  readonly invitedAs: EmployeeType | null;
  /** When the person joined (UTC ms). If this is unknown, when a check first showed them registered. */
  readonly registeredAt: number | null;
  /** When a check first showed the person as activated (UTC ms). */
  readonly activatedAt: number | null;
  /** When the API last confirmed that the person is activated. Null: ask again before sending. */
  readonly confirmedAt: number | null;
  readonly welcomedAt: number | null;
  /** Since when the person is absent, for a `welcomed`, `failed` or `unknown` member (UTC ms). */
  readonly absentSince: number | null;
  /** How many checks in a row found the person not active. This decides when the next is due. */
  readonly checkCount: number;
  /** How many attempts in a row were not sent. It determines when the next attempt is due. */
  readonly notSentCount: number;
  /** True if a hint came during `sending`. Then one check follows the outcome. */
  readonly hinted: boolean;
  readonly openAttempt: OpenAttempt | null;
  /** The newest attempt with an unknown outcome. A late answer may still replace that outcome. */
  readonly unknownAttemptId: string | null;
  /** True if the attempt `unknownAttemptId` was answered `sent` while a later one was in progress. */
  readonly sentLate: boolean;
  /**
   * The only channel for the retry of an unknown attempt, as long as the channel is configured: another
   * channel could greet the person twice.
   */
  readonly resendThrough: ChannelName | null;
  /** When this person was forgotten (UTC ms). As long as it is set, their data stays erased. */
  readonly forgottenAt: number | null;
  /** The channels that refused this member. The next channel is tried. */
  readonly refusedBy: readonly ChannelName[];
};

type OpenAttempt = { readonly id: string; readonly channel: ChannelName };

/** Returns a `waiting` member with only an id. Nothing is due. */
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
    ...emptyProfile,
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

/** The profile of a stranger, and of a person who was forgotten. Only their id is kept. */
export const emptyProfile = {
  email: null,
  firstName: null,
  lastName: null,
  cultureName: null,
  employeeType: null,
  invitedAs: null,
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
  /** When the person joined, by this service's clock. Null while pending, or if it is not known. */
  readonly registeredAt: number | null;
  /** Null if it was not read. The confirming read does not contain it (docs/docspace-wire.md 5). */
  readonly employeeType: EmployeeType | null;
};

/** Whether the person is activated. A disabled user keeps `isActive` (docs/docspace-wire.md 5). */
export function isActivated(person: Person): boolean {
  return person.status === 'active' && person.isActive;
}

/** What the portal's API says about one member while the portal itself works. */
export type PortalView =
  | { readonly kind: 'present'; readonly person: Person }
  /** The portal works, but does not know the user: the user was deleted. */
  | { readonly kind: 'missing' }
  /** The portal works and answers 403: this API key may not see the user. */
  | { readonly kind: 'hidden' };
