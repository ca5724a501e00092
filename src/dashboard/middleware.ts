import type { Context, MiddlewareHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';
import { isRead, logCommand } from '../api/auth.ts';
import type { Log } from '../log.ts';
import type { Caller } from '../operations/tokens.ts';
import type { Env } from './page-context.ts';
import type { Sessions } from './session.ts';

/** Allows only content of this service. A letter is shown in its own frame. */
const contentSecurityPolicy = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
  formAction: ["'self'"],
  frameSrc: ["'self'"],
  frameAncestors: ["'none'"],
  baseUri: ["'none'"],
};

/** The headers of every page. A header that a page sets itself stays: the letter has its own policy. */
export function pageHeaders(): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy,
    overwrite: false,
    // With `no-referrer`, browsers send `Origin: null` with forms of this service too (Fetch standard).
    referrerPolicy: 'same-origin',
    // The TLS proxy sets HSTS.
    strictTransportSecurity: false,
    // The frame of a letter has an origin of its own, and Chromium would log a warning about that.
    originAgentCluster: false,
  });
}

/** Forbids browsers and proxies to keep pages, so that the Back button shows nothing after sign-out. */
export function neverStored(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store');
  };
}

/** The error for a form that does not seem to come from a page of this service. */
export class ForeignForm extends HTTPException {
  /** The browser's origin and the requested host, if a proxy that changes `Host` may be the cause; else null. */
  readonly hosts: { readonly origin: string; readonly host: string } | null;

  constructor(hosts: ForeignForm['hosts']) {
    super(403);
    this.hosts = hosts;
  }
}

/**
 * Requires that a form comes from a page of this service: the browser says so (`Sec-Fetch-Site`), or
 * `Origin` names the requested host or `PUBLIC_URL`. Hono's `csrf` checks only the content types that a
 * form can have. This middleware checks every request that may change something.
 */
export function ownFormsOnly(publicUrl: string | null): MiddlewareHandler {
  const publicOrigin = publicUrl === null ? null : new URL(publicUrl).origin;
  return async (c, next) => {
    if (isRead(c)) return next();
    const site = c.req.header('sec-fetch-site');
    if (site === 'same-origin') return next();
    const origin = c.req.header('origin') ?? '';
    const host = c.req.header('host') ?? '';
    if (origin === publicOrigin) return next();
    if (URL.canParse(origin) && new URL(origin).host === host) return next();
    // Over plain http, browsers send no `Sec-Fetch-Site`. The form may be the service's own, and a proxy
    // may have changed `Host`.
    const mayBeProxy = site === undefined && URL.canParse(origin);
    throw new ForeignForm(mayBeProxy ? { origin: new URL(origin).origin, host } : null);
  };
}

/** This page is only a form that changes something, so a viewer may not open it either. */
const formPage = '/invite';

/**
 * Lets signed-in people through; viewers may only read. Everybody else is redirected to the sign-in page,
 * also when an open page updates itself. Only for a form that `keepText` keeps, the answer is that page.
 */
export function signedInOnly(options: {
  readonly sessions: Sessions;
  readonly basePath: string;
  readonly log: Log;
  /** Answers a viewer who wants to change something. */
  readonly refuseViewer: (c: Context, caller: Caller) => Promise<Response>;
  /** Answers a form that was sent without a session, and keeps its text. Null: this form is not kept. */
  readonly keepText: (c: Context) => Promise<Response | null>;
}): MiddlewareHandler<Env> {
  const { sessions, basePath, log, refuseViewer, keepText } = options;
  return async (c, next) => {
    const session = await sessions.current(c);
    if (session) {
      const { caller } = session;
      c.set('session', session);
      c.set('caller', caller);
      const isReading = isRead(c) && c.req.path !== formPage;
      if (caller.role === 'viewer' && !isReading) return refuseViewer(c, caller);
      await next();
      if (!isRead(c)) logCommand(log, c, caller);
      return;
    }
    const isPage = c.req.method === 'GET';
    const kept = isPage ? null : await keepText(c);
    if (kept) return kept;
    const back = isPage ? c.req.path + new URL(c.req.url).search : pageOfForm(c, basePath);
    const query = back === '/' ? '' : `?${new URLSearchParams({ next: back })}`;
    const signIn = `${basePath}/sign-in${query}`;
    if (c.req.header('hx-request') === 'true') {
      return c.body(null, 401, { 'hx-redirect': signIn });
    }
    return c.redirect(signIn, 303);
  };
}

/** The page that a form was sent from, as a path of this service; `/` if the page is not known. */
function pageOfForm(c: Context, basePath: string): string {
  const referer = c.req.header('referer') ?? '';
  if (!URL.canParse(referer)) return '/';
  const { pathname, search } = new URL(referer);
  return pathname.startsWith(`${basePath}/`) ? pathname.slice(basePath.length) + search : '/';
}
