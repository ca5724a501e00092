import { EMPLOYEE_TYPE_NUMBERS } from '../people/person.ts';
import type { World } from '../world.ts';

/**
 * Whether people of a type need a paid seat. Only room admins and DocSpace admins do; 0 and unknown
 * numbers count as room admin.
 */
export function isPaidType(type: number): boolean {
  return type !== EMPLOYEE_TYPE_NUMBERS.User && type !== EMPLOYEE_TYPE_NUMBERS.Guest;
}

/**
 * The number of DocSpace admins and room admins. Pending people and the owner count, disabled people do
 * not.
 */
export function takenSeats(world: World): number {
  let taken = 0;
  for (const { type, status } of world.people.all()) {
    if (status !== 2 && (type === 'RoomAdmin' || type === 'DocSpaceAdmin')) taken += 1;
  }
  return taken;
}

export function hasFreeSeat(world: World): boolean {
  return world.paidSeats === Number.POSITIVE_INFINITY || takenSeats(world) < world.paidSeats;
}
