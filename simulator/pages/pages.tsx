import { type Context, Hono } from 'hono';
import type { Child } from 'hono/jsx';
import { activationText } from '../joining/letters.ts';
import { REFUSAL_TEXTS, register } from '../joining/register.ts';
import { type RefusalReason, resolveInvitation } from '../joining/resolve.ts';
import { confirmEmail } from '../people/lifecycle.ts';
import { isActivated, type PortalUser, STATUS } from '../people/person.ts';
import { judgeSignedKey } from '../signed-keys.ts';
import type { World } from '../world.ts';
import { ConfirmationPage, InPage, PeoplePage, ProblemPage, RegistrationPage } from './views.tsx';

const REFUSAL_STATUSES = {
  invalid: 404,
  expired: 410,
  'used up': 410,
  'already used': 409,
  'inviter may not': 403,
  'invitations off': 403,
  'other address': 403,
  'bad e-mail': 400,
  'bad name': 400,
  'address taken': 409,
} as const satisfies Record<RefusalReason, number>;
const BAD_LETTER_LINK = 'This link is not valid any more. Ask for a new letter.';

/** The page that lists the portal's people, and the pages behind the links. */
export function createPages(world: World): (request: Request) => Response | Promise<Response> {
  const app = new Hono();
  app.get('/', (c) => page(c, <PeoplePage world={world} />));
  // An unknown code redirects to the portal, whatever the method is (docs/docspace-wire.md 3.1, 13.3).
  app.all('/s/*', (c) => {
    const { origin, pathname } = new URL(c.req.url);
    return c.redirect(origin + (world.links.longUrl(pathname.slice('/s/'.length)) ?? ''), 302);
  });
  app.get('/confirm/LinkInvite', (c) => showInvitation({ world, c }));
  app.post('/confirm/LinkInvite', (c) => join({ world, c }));
  app.get('/confirm/EmailActivation', (c) => showActivation({ world, c }));
  app.post('/confirm/EmailActivation', (c) => activate({ world, c }));
  app.notFound((c) => problem({ c, text: 'There is no such page in this portal.', status: 404 }));
  return (request) => app.fetch(request);
}

type Handling = { readonly world: World; readonly c: Context };

function showInvitation({ world, c }: Handling): Response | Promise<Response> {
  const link = c.req.url;
  const invitation = resolveInvitation({ world, link });
  if (invitation.kind === 'refused') return refusal(c, invitation.reason);
  if (invitation.kind !== 'email') {
    return page(c, <RegistrationPage action={link} fixedEmail={undefined} />);
  }
  // The 15 minutes begin with the first visit (docs/docspace-wire.md 4).
  world.links.open(invitation.key, world.now());
  return page(c, <RegistrationPage action={link} fixedEmail={invitation.invitee.email} />);
}

async function join({ world, c }: Handling): Promise<Response> {
  const form = await c.req.formData();
  const field = (name: string) => String(form.get(name) ?? '').trim();
  const names = { firstName: field('firstName'), lastName: field('lastName') };
  if (names.firstName === '' || names.lastName === '') {
    return problem({ c, text: 'A first name and a last name are needed.', status: 400 });
  }
  const result = register({ world, link: c.req.url, form: { email: field('email'), ...names } });
  if (result.kind === 'refused') return refusal(c, result.reason);
  const { user } = result;
  if (isActivated(user)) return page(c, <InPage email={user.email} />);
  const letter = world.letters.findLast(({ to, link }) => to === user.email && link !== undefined);
  return page(c, <ConfirmationPage action={letter?.link ?? '/'} />);
}

function showActivation({ world, c }: Handling): Response | Promise<Response> {
  const user = activationOf({ world, c });
  if (user === undefined) return problem({ c, text: BAD_LETTER_LINK, status: 410 });
  if (isActivated(user)) return page(c, <InPage email={user.email} />);
  return page(c, <ConfirmationPage action={c.req.url} />);
}

/** The real client calls PUT people/activationstatus/Activated (docs/docspace-wire.md 8 c2). */
function activate({ world, c }: Handling): Response | Promise<Response> {
  const user = activationOf({ world, c });
  if (user === undefined) return problem({ c, text: BAD_LETTER_LINK, status: 410 });
  if (!isActivated(user)) confirmEmail({ world, userId: user.id });
  return page(c, <InPage email={user.email} />);
}

/**
 * The user whose letter contained the link. Undefined if the link is invalid or the user is disabled.
 */
function activationOf({ world, c }: Handling): PortalUser | undefined {
  const user = world.people.get(c.req.query('uid') ?? '');
  if (user?.status !== STATUS.active) return undefined;
  const verdict = judgeSignedKey({
    ...world.signing,
    key: c.req.query('key') ?? '',
    text: activationText(user),
    nowMs: world.now(),
    lifetimeMs: world.invitationLifetimeMs,
  });
  return verdict === 'valid' ? user : undefined;
}

function refusal(c: Context, reason: RefusalReason): Response | Promise<Response> {
  return problem({ c, text: REFUSAL_TEXTS[reason], status: REFUSAL_STATUSES[reason] });
}

function problem(input: {
  readonly c: Context;
  readonly text: string;
  readonly status: 400 | 403 | 404 | 409 | 410;
}): Response | Promise<Response> {
  input.c.status(input.status);
  return page(input.c, <ProblemPage text={input.text} />);
}

function page(c: Context, content: Child): Response | Promise<Response> {
  return c.html(`<!doctype html>${content}`);
}
