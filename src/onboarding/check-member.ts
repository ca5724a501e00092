import type { PortalClient } from '../docspace/client.ts';
import { employeeTypeOf, type PortalUser, statusOf } from '../docspace/schemas.ts';
import type { Fact } from '../domain/facts.ts';
import type { Member, Person, Sighting } from '../domain/member.ts';
import {
  clockToleranceMs,
  needsType,
  skipReasons,
  type Whose,
  whose,
} from '../domain/ownership.ts';
import type { Audience } from '../domain/vocabulary.ts';
import type { Store } from '../store/store.ts';
import type { Account } from './account.ts';

/** What asking the portal about one member came to. */
export type Look =
  | { readonly kind: 'seen'; readonly fact: Fact }
  /** This member could not be read, but the portal is well. */
  | { readonly kind: 'member_trouble'; readonly detail: string }
  /** The portal is not well: nobody changes state for it. */
  | { readonly kind: 'portal_trouble'; readonly detail: string };

/**
 * Confirms one member through the portal's API: `GET portal/users/{id}`, and only where an open link
 * could be theirs the type as well.
 * @throws StoreUnavailable when the store cannot be read
 */
export async function look(options: {
  readonly member: Member;
  readonly client: PortalClient;
  readonly account: Account;
  readonly store: Store;
  readonly audience: Audience;
}): Promise<Look> {
  const { member, client, account } = options;
  const accountId = await account.id();
  if (accountId.kind === 'trouble') return { kind: 'portal_trouble', detail: accountId.detail };

  const read = await client.user(member.userId);
  switch (read.kind) {
    case 'ok':
      return judge({ accountId: accountId.value, user: read.value, ...options });
    case 'missing':
    case 'hidden': {
      const control = await account.control();
      if (control.kind === 'trouble') return { kind: 'portal_trouble', detail: control.detail };
      const unasked: Whose = { kind: 'ours', invitationId: member.invitationId };
      return seen(member, { kind: read.kind }, unasked);
    }
    case 'trouble': {
      const control = await account.control();
      return control.kind === 'trouble'
        ? { kind: 'portal_trouble', detail: control.detail }
        : { kind: 'member_trouble', detail: read.detail };
    }
    default:
      return read satisfies never;
  }
}

async function judge(options: {
  readonly member: Member;
  readonly client: PortalClient;
  readonly store: Store;
  readonly audience: Audience;
  readonly accountId: string;
  readonly user: PortalUser;
}): Promise<Look> {
  const { member, client, store, audience, accountId, user } = options;
  const person = personOf(user);
  if (await store.wasWelcomedAndForgotten(person)) {
    const reason = skipReasons.welcomedBefore;
    return seen(member, { kind: 'present', person }, { kind: 'not_ours', reason });
  }
  const candidates = await store.candidates({
    userId: person.userId,
    email: person.email,
    invitationId: member.invitationId,
    issuedUntil: person.createdAt + clockToleranceMs,
  });
  const question = { person, candidates, accountId, audience };
  if (!needsType(question)) return seen(member, { kind: 'present', person }, whose(question));

  const employee = await client.employee(person.userId);
  if (employee.kind !== 'ok') {
    const detail = employee.kind === 'trouble' ? employee.detail : 'the type cannot be read';
    return { kind: 'member_trouble', detail };
  }
  const typed: Person = { ...person, employeeType: employeeTypeOf(employee.value) };
  return seen(member, { kind: 'present', person: typed }, whose({ ...question, person: typed }));
}

function seen(member: Member, sighting: Sighting, judged: Whose): Look {
  return {
    kind: 'seen',
    fact: {
      kind: 'looked',
      version: member.version,
      sighting,
      whose: judged,
      source: { actor: 'service', cause: 'portal API' },
    },
  };
}

function personOf(user: PortalUser): Person {
  return {
    userId: user.id,
    email: user.email,
    firstName: user.firstName,
    lastName: user.lastName,
    cultureName: user.cultureName ?? null,
    status: statusOf(user.status),
    isActive: user.isActive,
    createdBy: user.createdBy ?? null,
    createdAt: user.createDate,
    registeredAt: user.workFromDate ?? null,
    tenantId: user.tenantId,
    employeeType: null,
  };
}
