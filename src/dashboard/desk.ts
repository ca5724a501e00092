import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { formatsFor } from './formats.ts';
import { languageOf, phrasesOf } from './language.ts';
import type { Session } from './session.ts';
import type { Said, View } from './view.ts';

export type Env = { Bindings: HttpBindings; Variables: { session: Session } };
type SignedIn = Context<Env>;

/** What every page's routes share: the view of who is looking, and what is said after a form. */
export type Desk = {
  readonly view: (c: SignedIn) => View;
  /** Goes to a page and says there, once, what the form came to. */
  readonly goTo: (c: SignedIn, path: string, said?: Said) => Response;
  readonly now: () => number;
};

/** htmx asks for a page that is open already: what was said stays for a person to read. */
function isRefresh(c: Context): boolean {
  return c.req.header('hx-request') === 'true';
}

export function createDesk(options: {
  readonly portalHost: string;
  readonly now: () => number;
}): Desk {
  const { portalHost, now } = options;
  /** By session. A service that starts anew has forgotten a sentence, and nothing else. */
  const unread = new Map<string, Said>();

  function take(sessionId: string): Said | null {
    const said = unread.get(sessionId) ?? null;
    unread.delete(sessionId);
    return said;
  }

  return {
    now,
    view(c) {
      const session = c.get('session');
      const language = languageOf(c);
      const { pathname, search } = new URL(c.req.url);
      return {
        say: phrasesOf(language),
        language,
        formats: formatsFor(language, session.zone),
        zone: session.zone,
        now: now(),
        here: pathname + search,
        portalHost,
        said: isRefresh(c) ? null : take(session.id),
      };
    },
    goTo(c, path, said) {
      if (said) unread.set(c.get('session').id, said);
      // 303: the form is not sent again when the page is loaded again.
      return c.redirect(path, 303);
    },
  };
}

export const good = (text: string): Said => ({ tone: 'good', text });
export const wrong = (text: string): Said => ({ tone: 'wrong', text });
