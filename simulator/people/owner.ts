import { sendOwnerLetter } from '../joining/letters.ts';
import { momentAt } from '../time.ts';
import type { World } from '../world.ts';
import { ACTIVATION, type PortalUser, STATUS } from './person.ts';

/**
 * Adds the owner as the first start of a portal does: not activated, with the dates and names of every
 * installation, and without a creator (docs/docspace-wire.md 13.1). With `isActivated`, the owner has
 * other names, is activated and gets no letter.
 */
export function addOwner(
  world: World,
  { email, isActivated }: { readonly email: string; readonly isActivated: boolean },
): void {
  const owner: PortalUser = {
    id: world.ownerId,
    firstName: isActivated ? 'Portal' : 'Administrator',
    lastName: isActivated ? 'Owner' : '',
    userName: 'administrator',
    email,
    type: 'DocSpaceAdmin',
    status: STATUS.active,
    activationStatus: isActivated ? ACTIVATION.activated : ACTIVATION.notActivated,
    workFromDate: '2021-03-09T09:52:55Z',
    lastModified: momentAt(world.now()),
    createDate: '2022-07-08T00:00:00Z',
  };
  world.people.save(owner);
  if (!isActivated) sendOwnerLetter({ world, user: owner });
}
