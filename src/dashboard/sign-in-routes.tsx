import { type Context, Hono } from 'hono';
import { setCookie } from 'hono/cookie';
import { tokenCheck, type WrongTokens } from '../api/auth.ts';
import { type Clock, sleepUntil } from '../clock.ts';
import { discardBody, textFields } from './form.ts';
import { knownLanguage, languageCookie } from './language.ts';
import { type Fields, type PageContext, wrong } from './page-context.ts';
import { type KeptForm, SignInPage } from './pages/sign-in.tsx';
import type { Sessions } from './session.ts';
import type { Flash } from './viewer.ts';

/** The first wrong token waits this long, each further one within `memoryMs` twice as long. */
const firstDelayMs = 250;
const longestDelayMs = 4_000;
const memoryMs = 60_000;
const yearSeconds = 365 * 24 * 3_600;

/** The forms with text that somebody typed, by their path. Their page is at the same path. */
const keptForms = ['/invite'];
/** Text of a form that the sign-in page carries along; the sign-in itself takes little more. */
const longestKeptBytes = 24 * 1024;
/** The fields of a kept form have this in front of their names. */
const keptPrefix = 'kept-';

/** Sign-in and sign-out, and the language of the pages: these work without a session. */
export function signInRoutes(options: {
  readonly context: PageContext;
  readonly adminToken: string;
  readonly wrongTokens: WrongTokens;
  readonly sessions: Sessions;
  readonly basePath: string;
  readonly clock: Clock;
}): Hono {
  const { context, sessions, basePath, clock } = options;
  const isRight = tokenCheck(options.adminToken);
  let failedAt: number[] = [];
  const routes = new Hono();

  routes.get('/sign-in', async (c) => {
    const next = ownPath(c.req.query('next'));
    if (await sessions.current(c)) return c.redirect(basePath + next, 303);
    return c.html(<SignInPage viewer={context.visitor(c)} next={next} flash={null} kept={null} />);
  });

  routes.post('/sign-in', async (c) => {
    const fields = await textFields(c);
    const { token = '', zone = 'UTC' } = fields;
    const next = ownPath(fields['next']);
    const kept = keptFieldsOf(fields);
    if (!isRight(token)) {
      options.wrongTokens.note('dashboard');
      await sleepUntil(clock, clock.now() + delayOfFailure());
      c.status(401);
      const viewer = context.visitor(c);
      const flash = wrong(viewer.t.signIn.wrong);
      return c.html(<SignInPage viewer={viewer} next={next} flash={flash} kept={kept} />);
    }
    const session = await sessions.begin(c, zone);
    if (kept) context.keepForm(session.id, kept.fields);
    return c.redirect(basePath + next, 303);
  });

  routes.post('/sign-out', async (c) => {
    await sessions.end(c);
    return c.redirect(`${basePath}/sign-in`, 303);
  });

  routes.post('/language', async (c) => {
    const { language, back } = await textFields(c);
    const chosen = knownLanguage(language);
    if (chosen) {
      const path = basePath === '' ? '/' : basePath;
      setCookie(c, languageCookie, chosen, { path, sameSite: 'Lax', maxAge: yearSeconds });
    }
    return c.redirect(basePath + ownPath(back), 303);
  });

  /** All failures count together, because an attacker chooses the address. A right token never waits. */
  function delayOfFailure(): number {
    const now = clock.now();
    failedAt = [...failedAt.filter((at) => at > now - memoryMs).slice(-10), now];
    return Math.min(longestDelayMs, firstDelayMs * 2 ** (failedAt.length - 1));
  }

  return routes;
}

/**
 * Answers a form with typed text, sent without a session, with a sign-in page that carries the text.
 * @returns null for every other form
 */
export async function keepTypedText(c: Context, context: PageContext): Promise<Response | null> {
  const { path } = c.req;
  if (!keptForms.includes(path)) return null;
  const viewer = context.visitor(c);
  const length = Number(c.req.header('content-length') ?? Number.POSITIVE_INFINITY);
  const fits = length <= longestKeptBytes;
  if (!fits) await discardBody(c);
  const kept: KeptForm | null = fits ? { prefix: keptPrefix, fields: await textFields(c) } : null;
  const { textKept, textTooLong } = viewer.t.signIn;
  const flash: Flash = wrong(fits ? textKept : textTooLong);
  c.status(401);
  return c.html(<SignInPage viewer={viewer} next={path} flash={flash} kept={kept} />);
}

function keptFieldsOf(fields: Fields): KeptForm | null {
  const kept = Object.entries(fields).flatMap(([name, value]) =>
    name.startsWith(keptPrefix) ? [[name.slice(keptPrefix.length), value]] : [],
  );
  return kept.length === 0 ? null : { prefix: keptPrefix, fields: Object.fromEntries(kept) };
}

/** The page to go to next, if it is one of this service: `//host` and `/\host` are other hosts to a browser. */
function ownPath(path: string | undefined): string {
  return path && /^\/(?![/\\])[\x21-\x7e]*$/.test(path) ? path : '/';
}
