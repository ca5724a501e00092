import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { Flashes } from './flash.ts';
import { formatsFor } from './formats.ts';
import { languageOf, textsIn } from './language.ts';
import type { Session } from './session.ts';
import type { Flash, Viewer, Visitor } from './viewer.ts';

export type Env = { Bindings: HttpBindings; Variables: { session: Session } };
type SignedIn = Context<Env>;

/** The text fields of a form. */
export type Fields = Readonly<Record<string, string>>;

/** What the routes of all pages share. */
export type PageContext = {
  /** The data for pages before sign-in and for pages about an error. */
  readonly visitor: (c: Context) => Visitor;
  readonly viewer: (c: SignedIn) => Viewer;
  /** Redirects to a page. The next page shows the flash, once. */
  readonly redirectWithFlash: (c: SignedIn, path: string, flash?: Flash) => Response;
  /** Keeps the text of a form that was sent after the session had ended. `takeForm` returns the text. */
  readonly keepForm: (sessionId: string, fields: Fields) => void;
  readonly takeForm: (c: SignedIn) => Fields | null;
  readonly now: () => number;
};

/** Whether htmx requests an open page again. Such a request does not use up the flash. */
function isRefresh(c: Context): boolean {
  return c.req.header('hx-request') === 'true';
}

/** @param basePath the path of `PUBLIC_URL`, without a slash at its end; empty if it has no path */
export function createPageContext(options: {
  readonly portalHost: string;
  readonly basePath: string;
  readonly flashes: Flashes;
  readonly now: () => number;
}): PageContext {
  const { portalHost, basePath, flashes, now } = options;
  /** The kept forms by session. Only this process has them, and a restart loses them. */
  const forms = new Map<string, Fields>();

  function visitor(c: Context): Visitor {
    const language = languageOf(c);
    return {
      t: textsIn(language),
      language,
      url: (path) => basePath + path,
      here: c.req.path + new URL(c.req.url).search,
      portalHost,
    };
  }

  return {
    now,
    visitor,
    viewer(c) {
      const { id, zone, caller } = c.get('session');
      const seen = visitor(c);
      return {
        ...seen,
        formats: formatsFor(seen.language, zone),
        zone,
        now: now(),
        flash: isRefresh(c) ? null : flashes.take(c, id),
        caller,
        mayChange: caller.role === 'operator',
      };
    },
    redirectWithFlash(c, path, flash) {
      if (flash) flashes.put(c, c.get('session').id, flash);
      // After a 303 the browser does not send the form again when the page is reloaded.
      return c.redirect(basePath + path, 303);
    },
    keepForm: (sessionId, fields) => void forms.set(sessionId, fields),
    takeForm(c) {
      const { id } = c.get('session');
      const taken = forms.get(id) ?? null;
      forms.delete(id);
      return taken;
    },
  };
}

export const good = (text: string): Flash => ({ tone: 'good', text });
export const wrong = (text: string): Flash => ({ tone: 'wrong', text });
