import { type Context, Hono } from 'hono';
import { setCookie } from 'hono/cookie';
import type { WrongTokens } from '../api/auth.ts';
import { type Clock, sleepUntil } from '../clock.ts';
import type { Log } from '../log.ts';
import { actorText } from '../messages/render.ts';
import { actorOf, type Tokens } from '../operations/tokens.ts';
import { discardBody, textFields } from './form.ts';
import { knownLanguage, languageCookie } from './language.ts';
import { type Fields, type PageContext, wrong } from './page-context.ts';
import { type KeptForm, SignInPage } from './pages/sign-in.tsx';
import type { Sessions } from './session.ts';
import type { Flash } from './viewer.ts';

/** The delay after the first wrong token. Each further wrong token within `memoryMs` doubles it. */
const firstDelayMs = 250;
const longestDelayMs = 4_000;
const memoryMs = 60_000;
const yearSeconds = 365 * 24 * 3_600;

/** The forms whose text is kept if the session has ended. Each form has the path of its page. */
const keptForms = ['/invite'];
/** The largest form that is kept. The kept text and the token must fit into `largestOpenFormBytes`. */
const longestKeptBytes = 24 * 1024;
/** The start of the field names of a kept form on the sign-in page. */
const keptPrefix = 'kept-';

/** The routes that need no session: sign-in, sign-out and the choice of a language. */
export function signInRoutes(options: {
  readonly context: PageContext;
  readonly tokens: Pick<Tokens, 'callerOf'>;
  readonly wrongTokens: WrongTokens;
  readonly sessions: Sessions;
  readonly basePath: string;
  readonly clock: Clock;
  readonly log: Log;
}): Hono {
  const { context, sessions, basePath, clock } = options;
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
    const caller = await options.tokens.callerOf(token);
    if (caller === null) {
      options.wrongTokens.note('dashboard');
      await sleepUntil(clock, clock.now() + delayOfFailure());
      c.status(401);
      const viewer = context.visitor(c);
      const flash = wrong(viewer.t.signIn.wrong);
      return c.html(<SignInPage viewer={viewer} next={next} flash={flash} kept={kept} />);
    }
    const session = await sessions.begin(c, zone, caller);
    options.log.info({ actor: actorText(actorOf(caller)) }, 'somebody signed in');
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

  /**
   * Notes a failure, and returns the delay of its answer. Failures from all IP addresses count together,
   * because an attacker can change the address. A right token is never delayed.
   */
  function delayOfFailure(): number {
    const now = clock.now();
    failedAt = [...failedAt.filter((at) => at > now - memoryMs).slice(-10), now];
    return Math.min(longestDelayMs, firstDelayMs * 2 ** (failedAt.length - 1));
  }

  return routes;
}

/**
 * Answers a form of `keptForms` that was sent without a session: shows the sign-in page. The page has
 * the text of the form, unless the form is larger than `longestKeptBytes`.
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

/** The path if it is in this service, else `/`. Browsers read `//host` and `/\host` as another host. */
function ownPath(path: string | undefined): string {
  return path && /^\/(?![/\\])[\x21-\x7e]*$/.test(path) ? path : '/';
}
