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
import { isAllowedName, looksLikeEmail, registeredAddress } from './addresses.ts';
import { sendActivationLetter, sendWelcomeLetter } from './letters.ts';
import {
  type Refusal,
  type RefusalReason,
  type ResolvedInvitation,
  refused,
  resolveInvitation,
} from './resolve.ts';
import { hasFreeSeat, isPaidType } from './seats.ts';

export type Registration = Refusal | { readonly kind: 'registered'; readonly user: PortalUser };
/** The fields that a person behind an invitation link fills in. */
export type RegistrationForm = {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  /**
   * The language of the person. If it is left out, the language of the invitation or of the portal is
   * used. Null means that the person gets no language.
   */
  readonly culture?: string | null | undefined;
  /**
   * Consent to newsletters. If it is left out, the person refuses consent. Null means that there is no
   * answer.
   */
  readonly spam?: boolean | null | undefined;
};

export const REFUSAL_TEXTS: Readonly<Record<RefusalReason, string>> = {
  invalid: 'This invitation link is not valid.',
  expired: 'This invitation has expired. Ask for a new one.',
  'used up': 'This invitation link has been used as often as it may be.',
  'already used': 'This invitation has already been used: you can sign in.',
  'inviter may not': 'The person who made this invitation may not invite any more.',
  'invitations off': 'This portal does not let anyone be invited at the moment.',
  'other address': 'This invitation was sent to another e-mail address.',
  'bad e-mail': 'This is not an e-mail address.',
  'bad name': 'Names may have letters, apostrophes, blanks and hyphens, and no more than 64.',
  'address taken': 'There is already an account with this e-mail address.',
};

/**
 * Registers a person as the page behind an invitation link does. A person with an e-mail invitation is
 * active at once (docs/docspace-wire.md 8 b). A person with another link still has to confirm the e-mail
 * address.
 */
export function register(input: {
  readonly world: World;
  readonly link: string;
  readonly form: RegistrationForm;
}): Registration {
  const { world, link, form } = input;
  const invitation = resolveInvitation({ world, link });
  if (invitation.kind === 'refused') return invitation;
  if (!looksLikeEmail(form.email)) return refused('bad e-mail');
  const hindrance = inviterHindrance({ world, invitation });
  if (hindrance !== undefined) return refused(hindrance);
  if (!world.anyName && !isAllowedName(form)) return refused('bad name');
  const email = registeredAddress(form.email);
  if (email === undefined) return refused('bad e-mail');
  const holder = world.people.byEmail(email);
  if (invitation.kind === 'email') {
    if (holder?.id !== invitation.invitee.id) return refused('other address');
    return complete({ world, invitation, form });
  }
  if (holder !== undefined) return refused('address taken');
  return join({ world, invitation, email, form });
}

type LinkInvitation = Extract<ResolvedInvitation, { kind: 'open' | 'shared' }>;
type EmailInvitation = Extract<ResolvedInvitation, { kind: 'email' }>;

/**
 * Registration runs under the inviter's account and checks the inviter's rights again
 * (docs/docspace-wire.md 3.1, 13.2).
 */
function inviterHindrance(input: {
  readonly world: World;
  readonly invitation: LinkInvitation | EmailInvitation;
}): RefusalReason | undefined {
  const { world, invitation } = input;
  const { inviterId, type } = invitation;
  const inviter = world.people.get(inviterId);
  if (inviter?.status !== STATUS.active) return 'inviter may not';
  if (!mayAdd({ world, caller: inviter, type })) return 'inviter may not';
  const { invitingMembers, invitingGuests } = world.switches;
  const isOpen = type === EMPLOYEE_TYPE_NUMBERS.Guest ? invitingGuests : invitingMembers;
  return isOpen ? undefined : 'invitations off';
}

function complete(input: {
  readonly world: World;
  readonly invitation: EmailInvitation;
  readonly form: RegistrationForm;
}): Registration {
  const { world, invitation, form } = input;
  const now = momentAt(world.now());
  const user: PortalUser = {
    ...invitation.invitee,
    firstName: form.firstName,
    lastName: form.lastName,
    status: STATUS.active,
    activationStatus: ACTIVATION.activated,
    workFromDate: world.people.firstDay(now),
    lastModified: now,
    cultureName: cultureOf({
      form,
      fallback: invitation.culture ?? invitation.invitee.cultureName ?? world.culture,
    }),
    spam: spamOf(form),
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
  readonly form: RegistrationForm;
}): Registration {
  const { world, invitation, email, form } = input;
  const now = momentAt(world.now());
  // If no paid seat is free, the person becomes a plain user, and no message says so
  // (docs/docspace-wire.md 13.2, 6).
  const hasSeat = !isPaidType(invitation.type) || hasFreeSeat(world);
  const user: PortalUser = {
    id: newGuid(world.random),
    firstName: form.firstName,
    lastName: form.lastName,
    userName: world.people.newUserName(email),
    email,
    type: hasSeat ? typeOf(invitation.type) : 'User',
    status: STATUS.active,
    activationStatus: ACTIVATION.notActivated,
    workFromDate: world.people.firstDay(now),
    lastModified: now,
    cultureName: cultureOf({ form, fallback: world.culture }),
    createDate: now,
    createdBy: invitation.inviterId,
    spam: spamOf(form),
  };
  world.people.save(user);
  if (invitation.kind === 'shared' && hasSeat) {
    const { link } = invitation;
    world.links.saveShared({ ...link, currentUseCount: link.currentUseCount + 1 });
  }
  sendWelcomeLetter({ world, user });
  sendActivationLetter({ world, user });
  world.publish({ trigger: 'user.created', user, actorId: invitation.inviterId });
  return { kind: 'registered', user };
}

/**
 * The page behind the link always sends a language, so `fallback` stands for an absent `culture`. Null
 * stands for a request without a language: then the person has none (docs/docspace-wire.md 13.6).
 */
function cultureOf(input: {
  readonly form: RegistrationForm;
  readonly fallback: string;
}): string | undefined {
  const { culture = input.fallback } = input.form;
  return culture ?? undefined;
}

function spamOf({ spam = false }: RegistrationForm): boolean | undefined {
  return spam ?? undefined;
}

/** Returns the type for a number. 0 and unknown numbers count as room admin. */
export function typeOf(number: number): EmployeeType {
  if (number === EMPLOYEE_TYPE_NUMBERS.Guest) return 'Guest';
  if (number === EMPLOYEE_TYPE_NUMBERS.User) return 'User';
  return number === EMPLOYEE_TYPE_NUMBERS.DocSpaceAdmin ? 'DocSpaceAdmin' : 'RoomAdmin';
}
