import { isRaise, sendInvitation } from '../joining/invite.ts';
import {
  sendActivationLetter,
  sendEmailChangeLetter,
  sendPasswordLetter,
  sendProfileLetter,
} from '../joining/letters.ts';
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
/**
 * The fields that a person saves in their own profile. Fields that are left out keep their value, except
 * that `spam` is lost (docs/docspace-wire.md 13).
 */
export type ProfileChange = {
  readonly firstName?: string;
  readonly lastName?: string;
  readonly location?: string;
  readonly comment?: string;
  readonly contacts?: readonly { readonly type: string; readonly value: string }[];
  readonly spam?: boolean;
  /** Saved by a separate route, which changes nothing else. */
  readonly cultureName?: string;
};

/**
 * Opens the link of the activation letter. The event is user.updated with the user as the actor
 * (docs/docspace-wire.md 8 c2, e3).
 */
export function confirmEmail(input: OfUser): void {
  const user = registered(input, 'confirm an e-mail');
  if (user.status === STATUS.terminated) throw new Error(`User ${user.id} is disabled.`);
  const changed = save(input.world, { ...user, activationStatus: ACTIVATION.activated });
  input.world.publish({ trigger: 'user.updated', user: changed, actorId: user.id });
}

/** Opens a valid link for a password reset, which activates the user without a webhook. */
export function activateSilently(input: OfUser): void {
  const user = registered(input, 'reset a password');
  save(input.world, { ...user, activationStatus: ACTIVATION.activated });
}

/**
 * Asks for a new password. A pending person gets a new invitation in the owner's name instead
 * (docs/docspace-wire.md 13.2, 8).
 */
export function forgetPassword(input: OfUser): void {
  const { world } = input;
  const user = exists(input);
  if (user.status === STATUS.pending) {
    sendInvitation({ world, inviterId: world.ownerId, user, culture: user.cultureName });
  } else sendPasswordLetter({ world, user });
}

/** Edits the person's own profile. The event user.updated is published even if nothing changed. */
export function editProfile(input: OfUser & { readonly change: ProfileChange }): void {
  const { world, change } = input;
  const user = registered(input, 'edit a profile');
  const { contacts, comment, ...rest } = change;
  const onlyCulture = change.cultureName !== undefined;
  const changed = save(world, {
    ...user,
    ...rest,
    ...(comment === undefined ? {} : { notes: comment }),
    ...(contacts === undefined ? {} : { contacts: contactText(contacts) }),
    spam: onlyCulture ? user.spam : change.spam,
  });
  world.publish({ trigger: 'user.updated', user: changed, actorId: user.id });
}

function contactText(contacts: readonly { type: string; value: string }[]): string {
  return contacts.map(({ type, value }) => `${type}|${value}`).join('|');
}

/**
 * PUT people/type. A type can only be raised, and a guest may get any type. The payload of the event
 * does not contain the new type, and the API still shows the old `lastModified` (docs/docspace-wire.md
 * 13.1).
 */
export function changeType(input: OfUser & { readonly type: EmployeeType }): void {
  const { world, type } = input;
  const user = exists(input);
  if (user.id === world.ownerId) throw new Error("The owner's type can't be changed.");
  if (!isRaise(user.type, type)) throw new Error('Only a job can lower the type of a person.');
  setType(world, user, type);
}

/** Lowers a type, as the background job does. */
export function lowerType(input: OfUser & { readonly type: EmployeeType }): void {
  setType(input.world, exists(input), input.type);
}

function setType(world: World, user: PortalUser, type: EmployeeType): void {
  const changed = { ...user, type };
  world.people.save(changed);
  world.publish({ trigger: 'user.updated', user: changed, actorId: world.ownerId });
}

/**
 * Disables a user as PUT people/status/Terminated does: terminatedDate does not change, and an event is
 * published even if nothing changed. With `withDate`, terminatedDate is set, as PUT people/{id} does.
 */
export function disable(input: OfUser & { readonly withDate?: boolean }): void {
  const { world, userId, withDate } = input;
  if (userId === world.ownerId) throw new Error("The owner can't be disabled.");
  world.accounts.endSessions(userId);
  const terminatedDate = withDate ? momentAt(world.now()) : exists(input).terminatedDate;
  changeStatus(input, { status: STATUS.terminated, terminatedDate });
}

/**
 * Enables a user. An invited person who never registered becomes Pending again, others become Active.
 */
export function enable(input: OfUser): void {
  const status = neverRegistered(exists(input)) ? STATUS.pending : STATUS.active;
  changeStatus(input, { status, terminatedDate: undefined });
}

/** DELETE people/{id}. The event contains the user as it was before the deletion. */
export function deleteUser(input: OfUser): void {
  const user = exists(input);
  if (user.status !== STATUS.terminated) {
    throw new Error(`User ${user.id} is not disabled: disable a user before deleting it.`);
  }
  input.world.people.remove(user.id);
  input.world.publish({ trigger: 'user.deleted', user, actorId: input.world.ownerId });
}

/**
 * Deletes the person's own profile. The event is user.updated with status 2 and the system account as
 * the actor, not user.deleted.
 */
export function deleteOwnProfile(input: OfUser): void {
  const user = registered(input, 'delete a profile');
  if (user.id === input.world.ownerId) throw new Error("The owner can't delete the own profile.");
  sendProfileLetter({ world: input.world, user });
  input.world.accounts.endSessions(user.id);
  const changed = save(input.world, { ...user, status: STATUS.terminated });
  input.world.publish({ trigger: 'user.updated', user: changed, actorId: SYSTEM_ACCOUNT_ID });
}

/**
 * An admin changes an e-mail address. No webhook is sent, activationStatus becomes 0, and the person
 * gets a letter.
 */
export function changeEmail(input: OfUser & { readonly email: string }): void {
  const { world, email } = input;
  const user = exists(input);
  const holder = world.people.byEmail(email);
  if (holder !== undefined && holder.id !== user.id) {
    throw new Error(`${email} belongs to user ${holder.id} already.`);
  }
  const changed = save(world, { ...user, email, activationStatus: ACTIVATION.notActivated });
  sendActivationLetter({ world, user: changed });
}

/** A person asks for another address. A letter is sent to the new address, and nothing changes yet. */
export function requestEmailChange(input: OfUser & { readonly email: string }): void {
  const { world, email } = input;
  sendEmailChangeLetter({ world, user: { ...registered(input, 'change an e-mail'), email } });
}

/**
 * Opens the link of the letter of `requestEmailChange`, as PUT people/{id}/email does: no webhook is
 * sent, and activationStatus becomes 1. The link of the letter of `changeEmail` is opened by
 * `confirmEmail`.
 */
export function confirmChangedEmail(input: OfUser & { readonly email?: string }): void {
  const user = registered(input, 'confirm a changed e-mail');
  const { email = user.email } = input;
  save(input.world, { ...user, email, activationStatus: ACTIVATION.activated });
}

function changeStatus(input: OfUser, to: Pick<PortalUser, 'status' | 'terminatedDate'>): void {
  const user = exists(input);
  // If the user is already enabled, the user is not saved, but the event is published.
  const isSame = user.status === to.status && to.status !== STATUS.terminated;
  const changed = isSame ? user : save(input.world, { ...user, ...to });
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
