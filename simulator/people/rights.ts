import type { World } from '../world.ts';
import { EMPLOYEE_TYPE_NUMBERS, type PortalUser } from './person.ts';

/** DocSpace admins, the owner among them. */
export function isAdmin(user: PortalUser): boolean {
  return user.type === 'DocSpaceAdmin';
}

/**
 * Who may add a person of which type, by the type's number (docs/docspace-wire.md 3.1): a DocSpace
 * admin every type, DocSpaceAdmin only as owner; a room admin User and Guest; others none.
 */
export function mayAdd(input: { world: World; caller: PortalUser; type: number }): boolean {
  const { world, caller, type } = input;
  if (type === EMPLOYEE_TYPE_NUMBERS.DocSpaceAdmin) return caller.id === world.ownerId;
  if (isAdmin(caller)) return true;
  const ofRoomAdmins = type === EMPLOYEE_TYPE_NUMBERS.User || type === EMPLOYEE_TYPE_NUMBERS.Guest;
  return caller.type === 'RoomAdmin' && ofRoomAdmins;
}

/** Who may see whom (docs/docspace-wire.md 5): a room admin sees no guests without a relation. */
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
