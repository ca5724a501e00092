import type { PortalClient } from '../docspace/client.ts';
import { employeeTypeOf, type PortalUser, statusOf } from '../docspace/schemas.ts';
import type { Fact } from '../domain/facts.ts';
import type { Member, Person, PortalView } from '../domain/member.ts';
import { clockToleranceMs, needsType, type Ownership, ownershipOf } from '../domain/ownership.ts';
import type { PortalFault } from '../domain/reason.ts';
import { service } from '../domain/timeline.ts';
import type { Audience } from '../domain/vocabulary.ts';
import type { Store } from '../store/store.ts';
import type { Account } from './account.ts';

/** The result of asking the portal about one member. */
export type MemberCheck =
  | { readonly kind: 'checked'; readonly fact: Extract<Fact, { kind: 'checked' }> }
  /** This member could not be read, but the portal works. */
  | { readonly kind: 'member_trouble'; readonly fault: PortalFault }
  /** The portal does not work: no member changes state because of that. */
  | { readonly kind: 'portal_trouble'; readonly fault: PortalFault };

export type CheckDeps = {
  readonly client: Pick<PortalClient, 'user' | 'employee' | 'clockDifferenceMs'>;
  readonly account: Account;
  readonly store: Pick<Store, 'candidates' | 'wasWelcomedAndForgotten' | 'joinedAt'>;
  readonly audience: Audience;
};

/**
 * Asks the portal about one member: `GET portal/users/{id}`, and the person's type only where an open
 * link could have brought them.
 * @throws StoreUnavailable when the store cannot be read
 */
export async function checkMember(member: Member, deps: CheckDeps): Promise<MemberCheck> {
  const { client, account } = deps;
  const accountIds = await account.ids();
  if (accountIds.kind === 'trouble') return { kind: 'portal_trouble', fault: accountIds.fault };

  const read = await client.user(member.userId);
  if (read.kind === 'ok') return checkPerson(member, read.value, accountIds.value, deps);
  // Whether this says something about the person depends on whether the portal itself works.
  const own = await account.checkPortal();
  if (own.kind === 'trouble') return { kind: 'portal_trouble', fault: own.fault };
  if (read.kind === 'trouble') return { kind: 'member_trouble', fault: read.fault };
  return checked(member, read, { kind: 'ours', invitationId: member.invitationId });
}

async function checkPerson(
  member: Member,
  user: PortalUser,
  accountIds: readonly string[],
  { client, store, audience }: CheckDeps,
): Promise<MemberCheck> {
  // All times are compared by our clock.
  const aheadMs = client.clockDifferenceMs() ?? 0;
  const person = personOf(user, aheadMs);
  if (await store.wasWelcomedAndForgotten(person)) {
    const reason = { code: 'welcomed_before_forgotten' } as const;
    return checked(member, { kind: 'present', person }, { kind: 'not_ours', reason });
  }
  const candidates = await store.candidates({
    userId: person.userId,
    email: person.email,
    invitationId: member.invitationId,
    issuedUntil: person.createdAt + clockToleranceMs,
  });
  const cameByLetter =
    member.reason?.code === 'not_registered' ||
    candidates.byUser.some((invitation) => invitation.mode === 'email');
  const joinedAt = cameByLetter ? await store.joinedAt(person.userId) : null;
  const joined = joinedBy(person, cameByLetter, joinedAt === null ? null : joinedAt - aheadMs);
  const question = { person: joined, candidates, accountIds, audience };
  if (!needsType(question)) {
    return checked(member, { kind: 'present', person: joined }, ownershipOf(question));
  }
  const employee = await client.employee(person.userId);
  if (employee.kind !== 'ok') {
    const fault: PortalFault =
      employee.kind === 'trouble' ? employee.fault : { code: 'portal_permission_missing' };
    return { kind: 'member_trouble', fault };
  }
  const typed: Person = { ...joined, employeeType: employeeTypeOf(employee.value) };
  return checked(
    member,
    { kind: 'present', person: typed },
    ownershipOf({ ...question, person: typed }),
  );
}

/**
 * When a person joined. By a link that is `createDate`. By a letter, `createDate` is the time of the
 * invitation; the time of joining is in the event `user.created`, and without it the first check that
 * shows them registered decides. `workFromDate` is in the portal's own time zone, so it decides nothing
 * (docs/docspace-wire.md 13.2, 34).
 * @param eventAt `event.createOn` of `user.created`; null: no such delivery arrived
 */
function joinedBy(person: Person, cameByLetter: boolean, eventAt: number | null): Person {
  if (person.status === 'pending') return person;
  return { ...person, registeredAt: cameByLetter ? eventAt : person.createdAt };
}

function checked(member: Member, view: PortalView, ownership: Ownership): MemberCheck {
  return {
    kind: 'checked',
    fact: {
      kind: 'checked',
      version: member.version,
      view,
      ownership,
      source: { actor: service, cause: { kind: 'portal_api' } },
    },
  };
}

/** @param aheadMs how far the portal's clock is ahead of ours */
function personOf(user: PortalUser, aheadMs: number): Person {
  return {
    userId: user.id,
    email: user.email,
    firstName: user.firstName,
    lastName: user.lastName,
    cultureName: user.cultureName ?? null,
    status: statusOf(user.status),
    isActive: user.isActive,
    createdBy: user.createdBy ?? null,
    createdAt: user.createDate - aheadMs,
    registeredAt: null,
    tenantId: user.tenantId,
    employeeType: null,
  };
}
