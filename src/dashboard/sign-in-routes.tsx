import { type Context, Hono } from 'hono';
import { setCookie } from 'hono/cookie';
import { tokenCheck } from '../api/admin.ts';
import { type Clock, sleepUntil } from '../clock.ts';
import { wrong } from './desk.ts';
import { textFields } from './form.ts';
import { knownLanguage, languageCookie, languageOf, phrasesOf } from './language.ts';
import { SignInPage } from './pages/sign-in.tsx';
import type { Sessions } from './session.ts';
import type { Said } from './view.ts';

/** The first wrong token waits this long, each further one within `memoryMs` twice as long. */
const firstDelayMs = 250;
const longestDelayMs = 4_000;
const memoryMs = 60_000;
const yearSeconds = 365 * 24 * 3_600;

/** Sign-in and sign-out, and the language of the pages: what works without a session. */
export function signInRoutes(options: {
  readonly adminToken: string;
  readonly sessions: Sessions;
  readonly portalHost: string;
  readonly clock: Clock;
}): Hono {
  const { sessions, portalHost, clock } = options;
  const isRight = tokenCheck(options.adminToken);
  let failedAt: number[] = [];
  const routes = new Hono();

  routes.get('/sign-in', async (c) => {
    const next = ownPath(c.req.query('next'));
    if (await sessions.current(c)) return c.redirect(next, 303);
    return signInPage(c, next, null);
  });

  routes.post('/sign-in', async (c) => {
    const { token, next, zone } = await textFields(c);
    if (!isRight(token ?? '')) {
      await sleepUntil(clock, clock.now() + delayOfFailure());
      c.status(401);
      return signInPage(c, ownPath(next), wrong(phrasesOf(languageOf(c)).signIn.wrong));
    }
    await sessions.begin(c, zone ?? 'UTC');
    return c.redirect(ownPath(next), 303);
  });

  routes.post('/sign-out', async (c) => {
    await sessions.end(c);
    return c.redirect('/sign-in', 303);
  });

  routes.post('/language', async (c) => {
    const { language, back } = await textFields(c);
    const chosen = knownLanguage(language);
    if (chosen) {
      setCookie(c, languageCookie, chosen, { path: '/', sameSite: 'Lax', maxAge: yearSeconds });
    }
    return c.redirect(ownPath(back), 303);
  });

  function signInPage(c: Context, next: string, said: Said | null) {
    const language = languageOf(c);
    const { pathname, search } = new URL(c.req.url);
    const view = { say: phrasesOf(language), language, portalHost, here: pathname + search };
    return c.html(<SignInPage view={view} next={next} said={said} />);
  }

  /** Counted for everybody together: whoever guesses chooses from where. A right token never waits. */
  function delayOfFailure(): number {
    const now = clock.now();
    failedAt = [...failedAt.filter((at) => at > now - memoryMs).slice(-10), now];
    return Math.min(longestDelayMs, firstDelayMs * 2 ** (failedAt.length - 1));
  }

  return routes;
}

/** Where to go next, as long as it is here: `//host` and `/\host` are other hosts to a browser. */
function ownPath(path: string | undefined): string {
  return path && /^\/(?![/\\])[\x21-\x7e]*$/.test(path) ? path : '/';
}
