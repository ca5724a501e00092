import { type Context, Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { answerReadOnly, type WrongTokens } from '../api/auth.ts';
import type { Clock } from '../clock.ts';
import type { Health } from '../health.ts';
import { createBodyBudget, limitBodies } from '../http/body.ts';
import type { NewId } from '../ids.ts';
import type { Reissuer } from '../invitations/reissue.ts';
import type { Log } from '../log.ts';
import type { Pause } from '../onboarding/pauses.ts';
import type { Operator } from '../operations/operator.ts';
import type { Previewer } from '../operations/preview.ts';
import type { Replayer } from '../operations/replay.ts';
import type { Caller, Tokens } from '../operations/tokens.ts';
import type { Reconciler } from '../reconciliation/reconciler.ts';
import { type Store, type StoreReads, StoreUnavailable } from '../store/store.ts';
import type { DeliveryAnswer } from '../webhook/route.ts';
import { assetRoutes } from './assets.ts';
import { createFlashes } from './flash.ts';
import { discardBody } from './form.ts';
import { healthRoutes } from './health-routes.tsx';
import { invitationRoutes } from './invitation-routes.tsx';
import { inviteRoutes } from './invite-routes.tsx';
import type { InviteRuns } from './invite-runs.ts';
import { ForeignForm, neverStored, ownFormsOnly, pageHeaders, signedInOnly } from './middleware.ts';
import { overviewRoutes } from './overview-routes.tsx';
import { createPageContext, type Env, type PageContext } from './page-context.ts';
import { ErrorPage, notFoundPage } from './pages/error.tsx';
import { peopleRoutes } from './people-routes.tsx';
import { createSessions } from './session.ts';
import { keepTypedText, signInRoutes } from './sign-in-routes.tsx';

export type DashboardOptions = {
  readonly reads: StoreReads;
  /** Stores the sign-outs. */
  readonly endedSessions: Pick<Store, 'endSession' | 'isSessionEnded'>;
  readonly inviteRuns: InviteRuns;
  /** Whether this service can mail letters. */
  readonly canMail: boolean;
  readonly reissuer: Reissuer;
  readonly replayer: Replayer;
  readonly operator: Operator;
  readonly previewer: Previewer;
  readonly reconciler: Pick<Reconciler, 'endedAt'>;
  readonly pauses: () => readonly Pause[];
  readonly deliveryAnswers: () => Readonly<Partial<Record<DeliveryAnswer, number>>>;
  readonly health: Health;
  readonly tokens: Pick<Tokens, 'callerOf' | 'callerOfId'>;
  /** The keys that sign the cookies of sessions and flashes are derived from it. */
  readonly adminToken: string;
  readonly wrongTokens: WrongTokens;
  readonly portalUrl: string;
  readonly publicUrl: string | null;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
};

/** The paths that need a session. `openPaths` and the assets need none. No other paths exist here. */
const signedInPaths = [
  '/',
  '/invitations',
  '/invitations.csv',
  '/invitations/*',
  '/invite',
  '/invite/*',
  '/people',
  '/people/*',
  '/health',
  '/health/*',
] as const;
const openPaths = ['/sign-in', '/sign-out', '/language'] as const;
/** All paths of the dashboard. A test skips them, because they are not in the OpenAPI document. */
export const dashboardPaths: readonly string[] = [...signedInPaths, ...openPaths, '/assets/*'];

/** The size limit of a form of the dashboard, in bytes. A CSV file has its own limit. */
const largestFormBytes = 2 * 1024 * 1024;
/**
 * The size limit of a form that needs no session: enough for a token and the text of a kept form.
 * Anybody may send such a form, so it must be quick to read.
 */
const largestOpenFormBytes = 32 * 1024;

/** How much memory large forms may use together while they wait for the check of their sessions. */
const unverifiedBytes = 64 * 1024 * 1024;

/**
 * Returns the path of `PUBLIC_URL`, without a slash at its end. The path is empty unless a proxy
 * publishes the service below a path.
 */
export function basePathOf(publicUrl: string | null): string {
  return publicUrl === null ? '' : new URL(publicUrl).pathname.replace(/\/+$/, '');
}

/** The routes of the dashboard. Its pages are made on the server and work without scripts. */
export function dashboardRoutes(options: DashboardOptions): Hono<Env> {
  const { reads, health, pauses, clock, log, publicUrl } = options;
  const { now } = clock;
  const basePath = basePathOf(publicUrl);
  const portalHost = new URL(options.portalUrl).host;
  const { adminToken, tokens, newId, endedSessions: store } = options;
  const sessions = createSessions({ store, tokens, adminToken, publicUrl, basePath, newId, now });
  const flashes = createFlashes({ adminToken, publicUrl, basePath });
  const context = createPageContext({ portalHost, basePath, flashes, now });
  const routes = new Hono<Env>();
  routes.onError((error, c) => errorPage(error, c, context, log));

  for (const path of [...signedInPaths, ...openPaths]) {
    routes.use(path, pageHeaders(), neverStored(), ownFormsOnly(publicUrl));
  }
  // The body is read before the session is checked: if the session has ended, the typed text is kept.
  const budget = createBodyBudget(unverifiedBytes);
  const limit = limitBodies({ maxSize: largestFormBytes, budget, onError: notRead });
  for (const path of ['/invite', '/people/*', '/health/*']) routes.use(path, limit);
  const openLimit = limitBodies({ maxSize: largestOpenFormBytes, onError: notRead });
  for (const path of openPaths) routes.use(path, openLimit);
  const keepText = (c: Context) => keepTypedText(c, context);
  const refuseViewer = (c: Context, caller: Caller) => readOnlyPage(c, caller, context);
  const signedIn = signedInOnly({ sessions, basePath, log, refuseViewer, keepText });
  for (const path of signedInPaths) routes.use(path, signedIn);

  routes.route('/', assetRoutes());
  routes.route('/', signInRoutes({ ...options, context, sessions, basePath }));
  routes.route('/', overviewRoutes({ context, reads, pauses, health }));
  routes.route('/', invitationRoutes({ ...options, context }));
  routes.route('/', inviteRoutes({ ...options, context, runs: options.inviteRuns }));
  routes.route('/', peopleRoutes({ ...options, context }));
  routes.route('/', healthRoutes({ ...options, context }));
  for (const path of signedInPaths) routes.get(path, (c) => notFoundPage(c, context.viewer(c)));
  return routes;
}

/** Tells a viewer that they may only read. A browser gets a page; a program gets a problem (JSON). */
async function readOnlyPage(c: Context, caller: Caller, context: PageContext): Promise<Response> {
  await discardBody(c);
  if (!c.req.header('accept')?.includes('text/html')) return answerReadOnly(c, caller);
  const viewer = context.visitor(c);
  const { readOnly, readOnlyHint } = viewer.t.common;
  c.status(403);
  return c.html(<ErrorPage viewer={viewer} title={readOnly} hint={readOnlyHint} />);
}

async function notRead(c: Context, kind: string): Promise<never> {
  if (kind === 'no_room') throw new HTTPException(503);
  await discardBody(c);
  throw new HTTPException(413);
}

/** Turns every thrown error into a page without a stack, SQL or a secret. */
function errorPage(error: unknown, c: Context, context: PageContext, log: Log) {
  const viewer = context.visitor(c);
  const { common } = viewer.t;
  const page = (status: 400 | 403 | 413 | 500 | 503, title: string, hint: string) => {
    c.status(status);
    return c.html(<ErrorPage viewer={viewer} title={title} hint={hint} />);
  };
  if (error instanceof ForeignForm) {
    const { hosts } = error;
    const cause = hosts === null ? '' : ` ${common.hostChanged(hosts.origin, hosts.host)}`;
    return page(403, common.crossSite, common.crossSiteHint + cause);
  }
  if (error instanceof HTTPException && error.status === 400) {
    return page(400, common.noForm, common.noFormHint);
  }
  if (error instanceof HTTPException && error.status === 413) {
    // `discardBody` may stop early. The unread rest of the body could be taken for another request.
    c.header('connection', 'close');
    return page(413, common.tooLarge, common.tooLargeHint);
  }
  if (error instanceof HTTPException && error.status === 503) {
    log.warn({ path: c.req.routePath }, 'too many large forms arrive at the same time');
    c.header('connection', 'close');
    return page(503, common.failed, common.failedHint);
  }
  if (error instanceof StoreUnavailable) {
    log.error({ err: error, path: c.req.routePath }, 'the database cannot be used');
    return page(503, common.storeDown, common.storeDownHint);
  }
  log.error({ err: error, method: c.req.method, path: c.req.routePath }, 'a page failed');
  return page(500, common.failed, common.failedHint);
}
