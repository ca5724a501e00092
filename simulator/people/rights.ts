import type { World } from '../world.ts';
import { EMPLOYEE_TYPE_NUMBERS, type PortalUser } from './person.ts';

/** Whether a user is a DocSpace admin. The owner is one too. */
export function isAdmin(user: PortalUser): boolean {
  return user.type === 'DocSpaceAdmin';
}

/**
 * Whether `caller` may add a person of the type with the number `type` (docs/docspace-wire.md 3.1). Only
 * the owner may add a DocSpaceAdmin. DocSpace admins may add every other type. Room admins may add User
 * and Guest, and other users nobody.
 */
export function mayAdd(input: { world: World; caller: PortalUser; type: number }): boolean {
  const { world, caller, type } = input;
  if (type === EMPLOYEE_TYPE_NUMBERS.DocSpaceAdmin) return caller.id === world.ownerId;
  if (isAdmin(caller)) return true;
  const ofRoomAdmins = type === EMPLOYEE_TYPE_NUMBERS.User || type === EMPLOYEE_TYPE_NUMBERS.Guest;
  return caller.type === 'RoomAdmin' && ofRoomAdmins;
}

/**
 * Whether a user may see another user (docs/docspace-wire.md 5). DocSpace admins see everybody. Room
 * admins see everybody except guests to whom they have no relation. Other users see only themselves.
 */
export function maySee(input: { world: World; viewer: PortalUser; target: PortalUser }): boolean {
  const { world, viewer, target } = input;
  if (viewer.id === target.id || isAdmin(viewer)) return true;
  if (viewer.type !== 'RoomAdmin') return false;
  return target.type !== 'Guest' || hasRelation({ world, viewer, target });
}

function hasRelation(input: { world: World; viewer: PortalUser; target: PortalUser }): boolean {
  const { world, viewer, target } = input;
  return target.createdBy === viewer.id || world.relations.has(`${viewer.id} ${target.id}`);
}
