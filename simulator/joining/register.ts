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
import { sendActivationLetter, sendWelcomeLetter } from './letters.ts';
import {
  type Refusal,
  type RefusalReason,
  type ResolvedInvitation,
  refused,
  resolveInvitation,
} from './resolve.ts';

export type Registration = Refusal | { readonly kind: 'registered'; readonly user: PortalUser };
type Names = { readonly firstName: string; readonly lastName: string };

export const REFUSAL_TEXTS: Readonly<Record<RefusalReason, string>> = {
  invalid: 'This invitation link is not valid.',
  expired: 'This invitation has expired. Ask for a new one.',
  'used up': 'This invitation link has been used as often as it may be.',
  'already used': 'This invitation has already been used: you can sign in.',
  'inviter may not': 'The person who made this invitation may not invite any more.',
  'invitations off': 'This portal does not let anyone be invited at the moment.',
  'bad e-mail': 'This is not an e-mail address.',
  'address taken': 'There is already an account with this e-mail address.',
};

/**
 * What the page behind an invitation link does. An e-mail invitee is active at once (wire 8 b);
 * who comes by an open link still has to confirm the e-mail (wire 8 c1).
 */
export function register(input: {
  readonly world: World;
  readonly link: string;
  readonly email: string;
  readonly names: Names;
}): Registration {
  const { world, link, email, names } = input;
  const invitation = resolveInvitation({ world, link });
  if (invitation.kind === 'refused') return invitation;
  const hindrance = inviterHindrance({ world, invitation });
  if (hindrance !== undefined) return refused(hindrance);
  if (invitation.kind === 'email') {
    return complete({ world, invitation, names });
  }
  if (!looksLikeEmail(email)) return refused('bad e-mail');
  if (world.people.byEmail(email) !== undefined) return refused('address taken');
  return join({ world, invitation, email, names });
}

/** One @ with something on both sides, no spaces. */
export function looksLikeEmail(text: string): boolean {
  return text.length <= 255 && /^[^\s@]+@[^\s@]+$/.test(text);
}

type LinkInvitation = Extract<ResolvedInvitation, { kind: 'open' | 'shared' }>;
type EmailInvitation = Extract<ResolvedInvitation, { kind: 'email' }>;

/** Registration runs under the inviter's account and re-checks his rights (wire 3.1). */
function inviterHindrance(input: {
  readonly world: World;
  readonly invitation: LinkInvitation | EmailInvitation;
}): RefusalReason | undefined {
  const { world, invitation } = input;
  const { inviterId, type } = invitation;
  const inviter = world.people.get(inviterId);
  if (inviter?.status !== STATUS.active) return 'inviter may not';
  if (!mayAdd({ world, caller: inviter, type })) return 'inviter may not';
  const asksGuestSwitch = type === EMPLOYEE_TYPE_NUMBERS.Guest;
  const closed = !asksGuestSwitch && !world.switches.invitingMembers;
  return closed ? 'invitations off' : undefined;
}

function complete(input: {
  readonly world: World;
  readonly invitation: EmailInvitation;
  readonly names: Names;
}): Registration {
  const { world, invitation, names } = input;
  const now = momentAt(world.now());
  const user: PortalUser = {
    ...invitation.invitee,
    ...names,
    status: STATUS.active,
    activationStatus: ACTIVATION.activated,
    workFromDate: now,
    lastModified: now,
    cultureName: invitation.culture ?? invitation.invitee.cultureName ?? world.culture,
    spam: false,
  };
  world.people.save(user);
  sendWelcomeLetter({ world, user });
  world.publish({ trigger: 'user.created', user, actorId: invitation.inviterId });
  return { kind: 'registered', user };
}

function join(input: {
  readonly world: World;
  readonly invitation: LinkInvitation;
  readonly email: string;
  readonly names: Names;
}): Registration {
  const { world, invitation, email, names } = input;
  const now = momentAt(world.now());
  const user: PortalUser = {
    ...names,
    id: newGuid(world.random),
    userName: world.people.newUserName(email),
    email,
    type: typeOf(invitation.type),
    status: STATUS.active,
    activationStatus: ACTIVATION.notActivated,
    workFromDate: now,
    lastModified: now,
    cultureName: world.culture,
    createDate: now,
    createdBy: invitation.inviterId,
    spam: false,
  };
  world.people.save(user);
  if (invitation.kind === 'shared') {
    const { link } = invitation;
    world.links.saveShared({ ...link, currentUseCount: link.currentUseCount + 1 });
  }
  sendWelcomeLetter({ world, user });
  sendActivationLetter({ world, user });
  world.publish({ trigger: 'user.created', user, actorId: invitation.inviterId });
  return { kind: 'registered', user };
}

/** No group (0, or a value that is none) counts as a room admin (wire 3.1). */
export function typeOf(number: number): EmployeeType {
  if (number === EMPLOYEE_TYPE_NUMBERS.Guest) return 'Guest';
  if (number === EMPLOYEE_TYPE_NUMBERS.User) return 'User';
  return number === EMPLOYEE_TYPE_NUMBERS.DocSpaceAdmin ? 'DocSpaceAdmin' : 'RoomAdmin';
}
