import { newGuid } from '../ids.ts';
import {
  ACTIVATION,
  EMPLOYEE_TYPE_NUMBERS,
  type EmployeeType,
  type PortalUser,
  STATUS,
} from '../people/person.ts';
import { mayAdd } from '../people/rights.ts';
import { momentAt } from '../time.ts';
import type { World } from '../world.ts';
import { sendActivationLetter, sendInvitationLetter } from './letters.ts';
import { emailLink } from './links.ts';
import { looksLikeEmail, typeOf } from './register.ts';

export type InvitingResult =
  | { readonly kind: 'invited' }
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'badRequest'; readonly message: string };

/** One entry of POST people/invite (wire 4); `type` is the type's number, All = 0 when absent. */
export function inviteByEmail(input: {
  readonly world: World;
  readonly inviter: PortalUser;
  readonly email: string;
  readonly type: number;
  readonly culture: string | undefined;
}): InvitingResult {
  const { world, inviter, email, type, culture } = input;
  if (!looksLikeEmail(email) || /@(.*\.)?xn--/i.test(email)) {
    return { kind: 'badRequest', message: 'Email address is not valid' };
  }
  const existing = world.people.byEmail(email);
  if (existing?.status === STATUS.terminated) {
    return { kind: 'badRequest', message: 'The user is disabled' };
  }
  // Guests are invited only through a room (wire 4).
  if (type === EMPLOYEE_TYPE_NUMBERS.Guest) return { kind: 'forbidden' };
  if (!mayAdd({ world, caller: inviter, type })) return { kind: 'forbidden' };
  if (existing !== undefined) {
    relate({ world, inviter, user: existing, type: typeOf(type) });
    return { kind: 'invited' };
  }
  const user = addPending({ world, inviter, email, type: typeOf(type), culture });
  sendInvitation({ world, inviterId: inviter.id, user, culture });
  world.publish({ trigger: 'user.invited', user, actorId: inviter.id });
  return { kind: 'invited' };
}

/**
 * Sends again to one who is not active: a pending invitee gets the invitation, others the
 * activation letter; no webhook (wire 4, PUT people/invite).
 */
export function inviteAgain(input: { world: World; inviter: PortalUser; user: PortalUser }): void {
  const { world, inviter, user } = input;
  const pending = user.status === STATUS.pending;
  if (pending) sendInvitation({ world, inviterId: inviter.id, user, culture: undefined });
  else sendActivationLetter({ world, user });
}

function sendInvitation(input: {
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

/** The pending user of wire 4, section "A pending user": no names, no workFromDate. */
function addPending(input: {
  readonly world: World;
  readonly inviter: PortalUser;
  readonly email: string;
  readonly type: EmployeeType;
  readonly culture: string | undefined;
}): PortalUser {
  const { world, inviter, email, type, culture } = input;
  const now = momentAt(world.now());
  const user: PortalUser = {
    id: newGuid(world.random),
    firstName: '',
    lastName: '',
    userName: world.people.newUserName(email),
    email,
    type,
    status: STATUS.pending,
    activationStatus: ACTIVATION.pending,
    lastModified: now,
    cultureName: culture,
    createDate: now,
    createdBy: inviter.id,
  };
  world.people.save(user);
  return user;
}

const RANK: Readonly<Record<EmployeeType, number>> = {
  Guest: 0,
  User: 1,
  RoomAdmin: 2,
  DocSpaceAdmin: 3,
};

/** No letter and no webhook for someone who is there already; the type may be raised (wire 4). */
function relate(input: {
  readonly world: World;
  readonly inviter: PortalUser;
  readonly user: PortalUser;
  readonly type: EmployeeType;
}): void {
  const { world, inviter, user, type } = input;
  world.relations.add(`${inviter.id} ${user.id}`);
  if (RANK[type] <= RANK[user.type]) return;
  world.people.save({ ...user, type, lastModified: momentAt(world.now()) });
}
