import { setTimeout as sleep } from 'node:timers/promises';
import { newGuid } from '../ids.ts';
import { localPartOf } from '../people/people.ts';
import {
  ACTIVATION,
  EMPLOYEE_TYPE_NUMBERS,
  type EmployeeType,
  isActivated,
  type PortalUser,
  STATUS,
} from '../people/person.ts';
import { mayAdd } from '../people/rights.ts';
import { momentAt } from '../time.ts';
import type { World } from '../world.ts';
import { isInvitable } from './addresses.ts';
import { sendActivationLetter, sendInvitationLetter } from './letters.ts';
import { emailLink } from './links.ts';
import { typeOf } from './register.ts';
import { isPaidType, takenSeats } from './seats.ts';

export type InvitingResult =
  | { readonly kind: 'invited' }
  | { readonly kind: 'forbidden' }
  | {
      readonly kind: 'refused';
      readonly fault: 'argument' | 'operation';
      readonly message: string;
    };

/**
 * Handles one entry of POST people/invite (docs/docspace-wire.md 4). `type` is the number of the type,
 * or 0 (All) if the entry has no type.
 */
export async function inviteByEmail(input: {
  readonly world: World;
  readonly inviter: PortalUser;
  readonly email: string;
  readonly type: number;
  readonly culture: string | undefined;
}): Promise<InvitingResult> {
  const { world, inviter, type, culture } = input;
  const email = input.email.trim();
  const refusal = refusalOf({ world, inviter, email, type });
  // Older releases silently skip entries that they cannot handle (docs/docspace-wire.md 13.7).
  if (refusal !== undefined) return world.release.skipsInSilence ? { kind: 'invited' } : refusal;
  const known = world.people.byEmail(email) ?? (await world.links.pendingWrite(email));
  if (known !== undefined) {
    relate({ world, inviter, user: known, type: typeOf(type) });
    return { kind: 'invited' };
  }
  const name = localPartOf(email);
  if (world.links.isBeingWritten(name)) return duplicate(world);
  const user = pendingUser({ world, inviter, email, type: typeOf(type), culture });
  // Between the choice of a user name and the writing of the row there is a delay, in which another
  // request may choose the same name.
  await world.links.whileWriting({ name, email, user }, () => sleep(world.invitingMs));
  world.people.save(user);
  sendInvitation({ world, inviterId: inviter.id, user, culture });
  world.publish({ trigger: 'user.invited', user, actorId: inviter.id });
  return { kind: 'invited' };
}

/** The portal answers with one of these two messages (docs/docspace-wire.md 13.2, 1). */
function duplicate(world: World): InvitingResult {
  return world.random() < 0.75
    ? { kind: 'refused', fault: 'argument', message: 'Duplicate UserName' }
    : { kind: 'refused', fault: 'operation', message: 'User already exist.' };
}

function refusalOf(input: {
  readonly world: World;
  readonly inviter: PortalUser;
  readonly email: string;
  readonly type: number;
}): InvitingResult | undefined {
  const { world, inviter, email, type } = input;
  if (!isInvitable(email)) return refused('Incorrect email');
  const existing = world.people.byEmail(email);
  if (existing?.status === STATUS.terminated) return refused(`User disabled: ${email}`);
  // Guests can be invited only through a room.
  if (type === EMPLOYEE_TYPE_NUMBERS.Guest) return { kind: 'forbidden' };
  return mayAdd({ world, caller: inviter, type }) ? undefined : { kind: 'forbidden' };
}

function refused(message: string): InvitingResult {
  return { kind: 'refused', fault: 'argument', message };
}

/**
 * Returns the error if a request needs more paid seats than are free. In that case nobody is invited.
 */
export function quotaFault(input: {
  readonly world: World;
  readonly wanted: readonly { readonly email: string | undefined; readonly type: number }[];
}): string | undefined {
  const { world, wanted } = input;
  const isNew = (email = '') => world.people.byEmail(email) === undefined;
  const admins = wanted.filter(({ email, type }) => isPaidType(type) && isNew(email)).length;
  if (admins === 0 || !Number.isFinite(world.paidSeats)) return undefined;
  const free = Math.max(0, world.paidSeats - takenSeats(world));
  return admins > free ? `The number of admins exceeds the limit: ${admins}/${free}.` : undefined;
}

/**
 * PUT people/invite for one person. Nothing happens if the person is activated or disabled. Otherwise
 * `lastModified` changes, and a letter is sent if the inviter may add a person of this type
 * (docs/docspace-wire.md 13.1). No webhook is sent.
 */
export function inviteAgain(input: {
  readonly world: World;
  readonly inviter: PortalUser;
  readonly user: PortalUser;
}): PortalUser {
  const { world, inviter, user } = input;
  if (isActivated(user) || user.status === STATUS.terminated) return user;
  const touched = { ...user, lastModified: momentAt(world.now()) };
  world.people.save(touched);
  const type = EMPLOYEE_TYPE_NUMBERS[user.type];
  if (!mayAdd({ world, caller: inviter, type })) return touched;
  const { cultureName } = user;
  if (user.activationStatus === ACTIVATION.pending) {
    sendInvitation({ world, inviterId: inviter.id, user, culture: cultureName });
  } else sendActivationLetter({ world, user });
  return touched;
}

export function sendInvitation(input: {
  readonly world: World;
  readonly inviterId: string;
  readonly user: PortalUser;
  readonly culture: string | undefined;
}): void {
  const { world, inviterId, user, culture } = input;
  const type = EMPLOYEE_TYPE_NUMBERS[user.type];
  const link = emailLink({ world, inviterId, type, email: user.email, culture });
  sendInvitationLetter({ world, user, link });
}

/** The pending user of docs/docspace-wire.md 4.3, without names and workFromDate. */
function pendingUser(input: {
  readonly world: World;
  readonly inviter: PortalUser;
  readonly email: string;
  readonly type: EmployeeType;
  readonly culture: string | undefined;
}): PortalUser {
  const { world, inviter, email, type, culture } = input;
  const now = momentAt(world.now());
  return {
    id: newGuid(world.random),
    firstName: '',
    lastName: '',
    userName: world.people.newUserName(email),
    email,
    type,
    status: STATUS.pending,
    activationStatus: ACTIVATION.pending,
    lastModified: now,
    // The database stores any text as a language, but the API shows an unknown language as the portal's.
    cultureName: culture,
    createDate: now,
    createdBy: inviter.id,
  };
}

const RANK: Readonly<Record<EmployeeType, number>> = {
  Guest: 0,
  User: 1,
  RoomAdmin: 2,
  DocSpaceAdmin: 3,
};

export function isRaise(from: EmployeeType, to: EmployeeType): boolean {
  return RANK[to] > RANK[from];
}

/**
 * Inviting an existing user sends no letter and no webhook, but adds a relation and may raise the type.
 */
function relate(input: {
  readonly world: World;
  readonly inviter: PortalUser;
  readonly user: PortalUser;
  readonly type: EmployeeType;
}): void {
  const { world, inviter, user, type } = input;
  world.relations.add(`${inviter.id} ${user.id}`);
  if (isRaise(user.type, type)) world.people.save({ ...user, type });
}
