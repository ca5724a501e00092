import { newGuid } from '../ids.ts';
import { momentAt } from '../time.ts';
import type { World } from '../world.ts';
import { ACTIVATION, type EmployeeType, type PortalUser, STATUS, type Status } from './person.ts';

export type Seeding = {
  readonly count: number;
  readonly status?: Status;
  readonly activationStatus?: number;
  readonly type?: EmployeeType;
  readonly createdBy?: string;
  /** The time when the i-th person was created (ms UTC). */
  readonly createdAt?: (i: number) => number;
  readonly email?: (i: number) => string;
};

/** Adds many people at once, without webhooks and letters. Returns their ids. */
export function seedPeople(input: { readonly world: World; readonly seeding: Seeding }): string[] {
  const { world, seeding } = input;
  const base = world.people.size();
  const ids: string[] = [];
  for (let index = 0; index < seeding.count; index += 1) {
    const user = seeded({ world, seeding, index, number: base + index });
    if (world.people.byEmail(user.email) !== undefined) {
      throw new Error(`Two people would have the address ${user.email}: seed other addresses.`);
    }
    world.people.save(user);
    ids.push(user.id);
  }
  return ids;
}

function seeded(input: {
  readonly world: World;
  readonly seeding: Seeding;
  readonly index: number;
  readonly number: number;
}): PortalUser {
  const { world, seeding, index, number } = input;
  const status = seeding.status ?? STATUS.active;
  const pending = status === STATUS.pending;
  const createDate = momentAt(seeding.createdAt?.(index) ?? world.now());
  const email = seeding.email?.(index) ?? `person${number}@seed.example`;
  const usual = pending ? ACTIVATION.pending : ACTIVATION.activated;
  return {
    id: newGuid(world.random),
    firstName: pending ? '' : 'Person',
    lastName: pending ? '' : `Number ${number}`,
    userName: world.people.newUserName(email),
    email,
    type: seeding.type ?? 'User',
    status,
    activationStatus: seeding.activationStatus ?? usual,
    workFromDate: pending ? undefined : createDate,
    lastModified: createDate,
    cultureName: world.culture,
    createDate,
    createdBy: seeding.createdBy ?? world.ownerId,
  };
}
