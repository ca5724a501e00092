import { momentAt } from '../time.ts';
import type { World } from '../world.ts';
import {
  ACTIVATION,
  type EmployeeType,
  type PortalUser,
  STATUS,
  SYSTEM_ACCOUNT_ID,
} from './person.ts';

type OfUser = { readonly world: World; readonly userId: string };
export type ProfileChange = {
  readonly firstName?: string;
  readonly lastName?: string;
  readonly cultureName?: string;
};

/** The link of the activation letter: user.updated by the user (wire 8 c2, e3). */
export function confirmEmail(input: OfUser): void {
  const user = registered(input, 'confirm an e-mail');
  if (user.status === STATUS.terminated) throw new Error(`User ${user.id} is disabled.`);
  const changed = save(input.world, { ...user, activationStatus: ACTIVATION.activated });
  input.world.publish({ trigger: 'user.updated', user: changed, actorId: user.id });
}

/** Opening a valid password-reset link: activates without a webhook (wire 8). */
export function activateSilently(input: OfUser): void {
  const user = registered(input, 'reset a password');
  save(input.world, { ...user, activationStatus: ACTIVATION.activated });
}

/** Own profile edit: user.updated even if nothing changed (wire 8 f1). */
export function editProfile(input: OfUser & { readonly change: ProfileChange }): void {
  const user = registered(input, 'edit a profile');
  const changed = save(input.world, { ...user, ...input.change });
  input.world.publish({ trigger: 'user.updated', user: changed, actorId: user.id });
}

/** The new type is not in the payload (wire 8 f5). */
export function changeType(input: OfUser & { readonly type: EmployeeType }): void {
  const user = exists(input);
  if (user.id === input.world.ownerId) throw new Error("The owner's type can't be changed.");
  const changed = save(input.world, { ...user, type: input.type });
  input.world.publish({ trigger: 'user.updated', user: changed, actorId: input.world.ownerId });
}

/** PUT people/status/Terminated: no terminatedDate, one event even if unchanged (wire 8 f3). */
export function disable(input: OfUser): void {
  if (input.userId === input.world.ownerId) throw new Error("The owner can't be disabled.");
  changeStatus(input, STATUS.terminated);
}

/** A never-registered invitee becomes Pending again, others Active (wire 8 f3). */
export function enable(input: OfUser): void {
  const user = exists(input);
  changeStatus(input, neverRegistered(user) ? STATUS.pending : STATUS.active);
}

/** DELETE people/{id}: the object of the event was read before deletion (wire 8 f7). */
export function deleteUser(input: OfUser): void {
  const user = exists(input);
  if (user.status !== STATUS.terminated) {
    throw new Error(`User ${user.id} is not disabled: disable a user before deleting it.`);
  }
  input.world.people.remove(user.id);
  input.world.publish({ trigger: 'user.deleted', user, actorId: input.world.ownerId });
}

/** user.updated with status 2 by the system account, not user.deleted (wire 8 f6). */
export function deleteOwnProfile(input: OfUser): void {
  const user = registered(input, 'delete a profile');
  if (user.id === input.world.ownerId) throw new Error("The owner can't delete the own profile.");
  const changed = save(input.world, { ...user, status: STATUS.terminated });
  input.world.publish({ trigger: 'user.updated', user: changed, actorId: SYSTEM_ACCOUNT_ID });
}

/** An admin changes an e-mail: no webhook, activationStatus becomes 0 (wire 8 f8). */
export function changeEmail(input: OfUser & { readonly email: string }): void {
  const user = exists(input);
  const holder = input.world.people.byEmail(input.email);
  if (holder !== undefined && holder.id !== user.id) {
    throw new Error(`${input.email} belongs to user ${holder.id} already.`);
  }
  const { email } = input;
  save(input.world, { ...user, email, activationStatus: ACTIVATION.notActivated });
}

/** No webhook, activationStatus becomes 1 (wire 8 f9). */
export function confirmChangedEmail(input: OfUser): void {
  const user = registered(input, 'confirm a changed e-mail');
  save(input.world, { ...user, activationStatus: ACTIVATION.activated });
}

function changeStatus(input: OfUser, status: PortalUser['status']): void {
  const changed = save(input.world, { ...exists(input), status });
  input.world.publish({ trigger: 'user.updated', user: changed, actorId: input.world.ownerId });
}

function save(world: World, user: PortalUser): PortalUser {
  const changed = { ...user, lastModified: momentAt(world.now()) };
  world.people.save(changed);
  return changed;
}

function exists({ world, userId }: OfUser): PortalUser {
  const user = world.people.get(userId);
  if (user === undefined) throw new Error(`There is no user ${userId} in this portal.`);
  return user;
}

function registered(input: OfUser, what: string): PortalUser {
  const user = exists(input);
  if (neverRegistered(user)) {
    throw new Error(`User ${user.id} has not registered yet and can't ${what}: register first.`);
  }
  return user;
}

/** Registration sets workFromDate (fixtures 01, 02). */
function neverRegistered(user: PortalUser): boolean {
  return user.workFromDate === undefined && user.activationStatus === ACTIVATION.pending;
}
