import type { PortalClient } from '../docspace/client.ts';
import { type Employee, employeeTypeOf, type PortalUser, statusOf } from '../docspace/schemas.ts';
import type { Fact } from '../domain/facts.ts';
import { isActivated, type Member, type Person, type PortalView } from '../domain/member.ts';
import {
  type Candidates,
  clockToleranceMs,
  needsType,
  type Ownership,
  ownershipOf,
} from '../domain/ownership.ts';
import type { PortalFault } from '../domain/reason.ts';
import { service } from '../domain/timeline.ts';
import type { Audience } from '../domain/vocabulary.ts';
import type { Store } from '../store/store.ts';
import type { Account } from './account.ts';
import type { FirstStart } from './first-start.ts';

/** The result of asking the portal about one member. */
export type MemberCheck =
  | { readonly kind: 'checked'; readonly fact: Extract<Fact, { kind: 'checked' }> }
  /** This member could not be read, but the portal works. */
  | { readonly kind: 'member_trouble'; readonly fault: PortalFault }
  /** The portal does not work, so no member changes its state. */
  | { readonly kind: 'portal_trouble'; readonly fault: PortalFault };

export type CheckDeps = {
  readonly client: Pick<PortalClient, 'user' | 'employee' | 'clockDifferenceMs'>;
  readonly account: Account;
  readonly store: Pick<
    Store,
    'candidates' | 'deliveredAddresses' | 'wasWelcomedAndForgotten' | 'joinedAt' | 'getValue'
  >;
  readonly audience: Audience;
  readonly firstStart: Pick<FirstStart, 'at'>;
  /** Whether `everyone` welcomes people who were not active yet when the baseline began. */
  readonly baselinePending: 'skip' | 'welcome';
};

/**
 * Asks the portal about one member. If the member's type is needed and not known, the first read is
 * `GET people/{id}`, which shows the type. Every answer that leads to an action comes from
 * `GET portal/users/{id}`. This way, a person who joins, confirms the address and is welcomed costs
 * three requests: two reads and the welcome.
 * @throws StoreUnavailable if the store cannot be read
 */
export async function checkMember(member: Member, deps: CheckDeps): Promise<MemberCheck> {
  const { client, account } = deps;
  const accountIds = await account.ids();
  if (accountIds.kind === 'trouble') return { kind: 'portal_trouble', fault: accountIds.fault };

  const listed = needsFirstRead(member) ? await readListed(member, deps) : null;
  if (listed) {
    const judged = await judge(member, listed, accountIds.value, deps);
    if (isEnough(member, judged)) return judged;
  }
  const read = await client.user(member.userId);
  if (read.kind === 'ok') {
    const employeeType = listed?.employeeType ?? member.employeeType;
    const shown = { ...shownByUser(read.value), employeeType };
    return judge(member, shown, accountIds.value, deps);
  }
  // This answer is about the person only if the portal itself works.
  const own = await account.checkPortal();
  if (own.kind === 'trouble') return { kind: 'portal_trouble', fault: own.fault };
  if (read.kind === 'trouble') return { kind: 'member_trouble', fault: read.fault };
  const invitationId = member.invitationId ?? (await invitationOfAbsent(member.userId, deps));
  return checked(member, read, { kind: 'ours', invitationId });
}

/**
 * Whether the type must be read. The stored type is null if it is unknown or may have changed. The type
 * of a settled or forgotten member is not needed.
 */
function needsFirstRead(member: Member): boolean {
  const isExpected = ['waiting', 'skipped', 'gone', 'ready'].includes(member.state);
  return isExpected && member.employeeType === null && member.forgottenAt === null;
}

/** @returns null if the answer is not sufficient; then the confirming read decides */
async function readListed(member: Member, { client }: CheckDeps): Promise<Shown | null> {
  const read = await client.employee(member.userId);
  return read.kind === 'ok' && read.value.id === member.userId ? shownByEmployee(read.value) : null;
}

/**
 * Whether this answer needs no confirming read, because it neither leads to a welcome nor makes the
 * member `gone`. For a member who is `ready` or `gone` already, a confirming read is always needed.
 */
function isEnough(member: Member, result: MemberCheck): boolean {
  if (result.kind !== 'checked' || result.fact.view.kind !== 'present') return false;
  const { person } = result.fact.view;
  if (member.state === 'ready' || member.state === 'gone' || person.status === 'terminated') {
    return false;
  }
  return result.fact.ownership.kind === 'not_ours'
    ? !member.acceptedByOperator
    : !isActivated(person);
}

/** What a read shows about a person. `createDate` is UTC ms by the portal's clock. */
type Shown = Omit<Person, 'createdAt' | 'registeredAt'> & { readonly createDate: number };

async function judge(
  member: Member,
  shown: Shown,
  accountIds: readonly string[],
  deps: CheckDeps,
): Promise<MemberCheck> {
  const { client, store, audience } = deps;
  // All times are converted to our clock before they are compared.
  const aheadMs = client.clockDifferenceMs() ?? 0;
  const { createDate, ...rest } = shown;
  const person: Person = { ...rest, createdAt: createDate - aheadMs, registeredAt: null };
  if (await store.wasWelcomedAndForgotten(person)) {
    const reason = { code: 'welcomed_before_forgotten' } as const;
    return checked(member, { kind: 'present', person }, { kind: 'not_ours', reason });
  }
  const candidates = await candidatesOf(person, member.invitationId, store);
  const cameByLetter =
    member.reason?.code === 'not_registered' ||
    candidates.byUser.some((invitation) => invitation.mode === 'email');
  const joinedAt = cameByLetter ? await store.joinedAt(person.userId) : null;
  const joined = joinedBy(person, cameByLetter, joinedAt === null ? null : joinedAt - aheadMs);
  const existingBefore = (await existingSince(deps)) - aheadMs;
  const question = { person: joined, candidates, accountIds, audience, existingBefore };
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
 * Finds the invitations with which a person may have registered. If an admin changed the address after
 * the invitation, the deliveries still contain the invited address.
 */
async function candidatesOf(
  person: Person,
  invitationId: string | null,
  store: Pick<CheckDeps['store'], 'candidates' | 'deliveredAddresses'>,
): Promise<Candidates> {
  const { userId, email } = person;
  const issuedUntil = person.createdAt + clockToleranceMs;
  const query = { userId, invitationId, issuedUntil };
  const now = await store.candidates({ ...query, email });
  if (now.byUser.length + now.byEmail.length > 0) return now;
  const former = (await store.deliveredAddresses(userId)).filter((one) => one !== email);
  for (const address of former) {
    const found = await store.candidates({ ...query, email: address });
    if (found.byEmail.length > 0) return found;
  }
  return now;
}

/**
 * Finds the invitation of a person who left before the first check, by the user id or by an address in
 * the deliveries.
 * @returns the id of the invitation; null if none is found
 */
async function invitationOfAbsent(userId: string, { store }: CheckDeps): Promise<string | null> {
  const query = { userId, invitationId: null, issuedUntil: 0 };
  for (const email of ['', ...(await store.deliveredAddresses(userId))]) {
    const { byUser, byEmail } = await store.candidates({ ...query, email });
    const [found] = [...byUser, ...byEmail];
    if (found) return found.id;
  }
  return null;
}

/**
 * @returns a time (UTC ms by the portal's clock); a user who was created before it counts as existing
 */
async function existingSince(deps: CheckDeps): Promise<number> {
  const { audience, baselinePending, firstStart, store } = deps;
  if (audience === 'invited') return firstStart.at();
  // No time is needed: the baseline itself lists the users who were active when it began.
  if (baselinePending === 'welcome') return 0;
  const baselineAt = Number((await store.getValue('baseline_started_at')) ?? 0);
  return Math.max(await firstStart.at(), baselineAt);
}

/**
 * Adds the time when a person joined. A person who came by a link joined at `createDate`. If the portal
 * mailed the invitation, `createDate` is the time of the invitation, and the person joined at the time
 * of the event `user.created`. Without that event, `registeredAt` is null here, and becomes the time of
 * the first check that shows the person registered. `workFromDate` is not used, because it is in the
 * portal's own time zone (docs/docspace-wire.md 13.2, 34).
 * @param eventAt `event.createOn` of `user.created`; null if no such delivery arrived
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

function shownByUser(user: PortalUser): Shown {
  return {
    userId: user.id,
    email: user.email,
    firstName: user.firstName,
    lastName: user.lastName,
    cultureName: user.cultureName ?? null,
    status: statusOf(user.status),
    isActive: user.isActive,
    createdBy: user.createdBy ?? null,
    createDate: user.createDate,
    employeeType: null,
  };
}

/** @returns null if the key's account is not an admin: then it does not see who created the person */
function shownByEmployee(employee: Employee): Shown | null {
  const { registrationDate, createdBy } = employee;
  if (registrationDate === undefined || !createdBy) return null;
  return {
    userId: employee.id,
    email: employee.email,
    firstName: employee.firstName,
    lastName: employee.lastName,
    cultureName: employee.cultureName ?? null,
    status: statusOf(employee.status),
    isActive: (employee.activationStatus & 1) === 1,
    createdBy: createdBy.id,
    createDate: registrationDate,
    employeeType: employeeTypeOf(employee),
  };
}
