import type { PortalUser } from '../people/person.ts';
import { makeSignedKey } from '../signed-keys.ts';
import type { World } from '../world.ts';

/** A letter that the portal sends by itself (docs/docspace-wire.md 6.5). `at` is ms UTC. */
export type Letter = {
  readonly to: string;
  readonly subject: string;
  readonly link?: string;
  readonly at: number;
};

export function sendInvitationLetter(input: {
  readonly world: World;
  readonly user: PortalUser;
  readonly link: string;
}): void {
  send({ ...input, subject: 'Invitation to DocSpace' });
}

/**
 * Sent to a person who registers by a link or an e-mail invitation, or who comes by a social provider or
 * a trusted domain.
 */
export function sendWelcomeLetter(input: { world: World; user: PortalUser }): void {
  const guest = input.user.type === 'Guest';
  send({ ...input, subject: guest ? 'Welcome to DocSpace, guest' : 'Welcome to DocSpace' });
}

/** The link of this letter opens the page that confirms the e-mail address. */
export function sendActivationLetter(input: { world: World; user: PortalUser }): void {
  send({ ...input, subject: 'Confirm your e-mail', link: activationLink(input) });
}

/** Sent to the owner at the first start. sendcongratulations sends the same letter. */
export function sendOwnerLetter(input: { world: World; user: PortalUser }): void {
  send({ ...input, subject: 'Congratulations', link: activationLink(input) });
}

/** Sent after an admin has added a person by POST people. */
export function sendAddedLetter(input: { world: World; user: PortalUser }): void {
  send({ ...input, subject: 'Activate your account', link: activationLink(input) });
}

/** Sent after a social sign-up, and to a person who has forgotten the password. */
export function sendPasswordLetter(input: { world: World; user: PortalUser }): void {
  send({ ...input, subject: 'Set a password' });
}

/** Sent to the new address of a person who asks to change the e-mail address. */
export function sendEmailChangeLetter(input: { world: World; user: PortalUser }): void {
  send({ ...input, subject: 'Change your e-mail' });
}

/** Sent to a person who asks to delete their own profile. */
export function sendProfileLetter(input: { world: World; user: PortalUser }): void {
  send({ ...input, subject: 'Delete your profile' });
}

/** The text that the key of an activation link is bound to. */
export function activationText(user: PortalUser): string {
  return `${user.email}EmailActivation${user.id}`;
}

function activationLink({ world, user }: { world: World; user: PortalUser }): string {
  const key = makeSignedKey({ ...world.signing, text: activationText(user), atMs: world.now() });
  const query = new URLSearchParams({ type: 'EmailActivation', key, uid: user.id });
  return `${world.origin}/confirm/EmailActivation?${query}`;
}

function send(input: {
  readonly world: World;
  readonly user: PortalUser;
  readonly subject: string;
  readonly link?: string;
}): void {
  const { world, user, subject, link } = input;
  world.letters.push({
    to: user.email,
    subject,
    ...(link === undefined ? {} : { link }),
    at: world.now(),
  });
}
