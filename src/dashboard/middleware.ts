import type { MiddlewareHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';
import type { Env } from './desk.ts';
import type { Sessions } from './session.ts';

/** Everything comes from this service and nothing else runs; a letter is shown in a frame of its own. */
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

/** The headers of every page; what a page sets itself stays (the letter has its own policy). */
export function pageHeaders(): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy,
    overwrite: false,
    // With `no-referrer` browsers send `Origin: null` with our own forms (fetch.spec, "origin header").
    referrerPolicy: 'same-origin',
    // TLS ends at a proxy: whether this host is https for ever is said there.
    strictTransportSecurity: false,
    // A letter in its frame has an origin of its own, about which Chromium would warn.
    originAgentCluster: false,
  });
}

/** No page is kept by browsers or proxies: after signing out nobody leafs back to it. */
export function neverStored(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store');
  };
}

/**
 * A form must come from a page of this service. Behind a proxy that changes `Host` the browser's
 * own word for it (`Sec-Fetch-Site`) counts.
 */
export function ownFormsOnly(publicUrl: string | null): MiddlewareHandler {
  const publicOrigin = publicUrl === null ? null : new URL(publicUrl).origin;
  const isOwn = (origin: string, host: string | undefined) =>
    origin === publicOrigin || (URL.canParse(origin) && new URL(origin).host === host);
  // Not Hono's: that one asks only of forms, and leaves what a form cannot send to the browser.
  return async (c, next) => {
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return next();
    if (c.req.header('sec-fetch-site') === 'same-origin') return next();
    if (isOwn(c.req.header('origin') ?? '', c.req.header('host'))) return next();
    throw new HTTPException(403);
  };
}

/** Lets through who is signed in; others are shown the way, a page that is open already as well. */
export function signedInOnly(sessions: Sessions): MiddlewareHandler<Env> {
  return async (c, next) => {
    const session = await sessions.current(c);
    if (session) {
      c.set('session', session);
      return next();
    }
    const { pathname, search } = new URL(c.req.url);
    const isPage = c.req.method === 'GET';
    const back =
      isPage && pathname !== '/' ? `?${new URLSearchParams({ next: pathname + search })}` : '';
    if (c.req.header('hx-request') === 'true') {
      return c.body(null, 401, { 'hx-redirect': `/sign-in${back}` });
    }
    return c.redirect(`/sign-in${back}`, 303);
  };
}
