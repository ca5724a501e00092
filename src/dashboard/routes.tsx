import { type Context, Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Clock } from '../clock.ts';
import type { Health } from '../health.ts';
import { limitBodies } from '../http/body.ts';
import type { NewId } from '../ids.ts';
import type { Reissuer } from '../invitations/reissue.ts';
import type { Log } from '../log.ts';
import type { Pause } from '../onboarding/pauses.ts';
import type { Operator } from '../operations/operator.ts';
import type { Previewer } from '../operations/preview.ts';
import type { Replayer } from '../operations/replay.ts';
import type { Reconciler } from '../reconciliation/reconciler.ts';
import { type StoreReads, StoreUnavailable } from '../store/store.ts';
import type { DeliveryAnswer } from '../webhook/route.ts';
import { assetRoutes } from './assets.ts';
import { createDesk, type Env } from './desk.ts';
import { dropBody } from './drop-body.ts';
import { healthRoutes } from './health-routes.tsx';
import { invitationRoutes } from './invitation-routes.tsx';
import { inviteRoutes } from './invite-routes.tsx';
import type { InviteRuns } from './invite-runs.ts';
import { languageOf, phrasesOf } from './language.ts';
import { neverStored, ownFormsOnly, pageHeaders, signedInOnly } from './middleware.ts';
import { notFoundPage } from './not-found.tsx';
import { overviewRoutes } from './overview-routes.tsx';
import { ErrorPage } from './pages/error.tsx';
import { peopleRoutes } from './people-routes.tsx';
import { createSessions } from './session.ts';
import { signInRoutes } from './sign-in-routes.tsx';

export type DashboardOptions = {
  readonly reads: StoreReads;
  readonly inviteRuns: InviteRuns;
  readonly reissuer: Reissuer;
  readonly replayer: Replayer;
  readonly operator: Operator;
  readonly previewer: Previewer;
  readonly reconciler: Pick<Reconciler, 'endedAt'>;
  readonly pauses: () => readonly Pause[];
  readonly deliveryAnswers: () => Readonly<Partial<Record<DeliveryAnswer, number>>>;
  readonly health: Health;
  readonly adminToken: string;
  readonly portalUrl: string;
  readonly publicUrl: string | null;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
};

/** The pages that ask for a session, and those that do not: everything else is not ours. */
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
/** For the test that holds the OpenAPI document against the routes: pages are not in it. */
export const dashboardPaths: readonly string[] = [...signedInPaths, ...openPaths, '/assets/*'];

/** More than a form of ours holds; a table of people has its own limit. */
const largestFormBytes = 2 * 1024 * 1024;
/** A token and where to go next. Anybody may send it, and reading 2 MiB of fields takes seconds. */
const largestOpenFormBytes = 32 * 1024;

/** The dashboard: pages made here, which work without a script; a script only keeps them up to date. */
export function dashboardRoutes(options: DashboardOptions): Hono<Env> {
  const { reads, health, pauses, clock, log } = options;
  const { now } = clock;
  const portalHost = new URL(options.portalUrl).host;
  const sessions = createSessions({ ...options, now });
  const desk = createDesk({ portalHost, now });
  const routes = new Hono<Env>();
  routes.onError((error, c) => errorPage(error, c, portalHost, log));

  for (const path of [...signedInPaths, ...openPaths]) {
    routes.use(path, pageHeaders(), neverStored(), ownFormsOnly(options.publicUrl));
  }
  const limit = limitBodies({ maxSize: largestFormBytes, onError: tooLarge });
  for (const path of ['/invite', '/people/*', '/health/*']) routes.use(path, limit);
  const openLimit = limitBodies({ maxSize: largestOpenFormBytes, onError: tooLarge });
  for (const path of openPaths) routes.use(path, openLimit);
  const gate = signedInOnly(sessions);
  for (const path of signedInPaths) routes.use(path, gate);

  routes.route('/', assetRoutes());
  routes.route('/', signInRoutes({ ...options, sessions, portalHost }));
  routes.route('/', overviewRoutes({ desk, reads, pauses, health }));
  routes.route('/', invitationRoutes({ ...options, desk }));
  routes.route('/', inviteRoutes({ desk, runs: options.inviteRuns, newId: options.newId }));
  routes.route('/', peopleRoutes({ ...options, desk }));
  routes.route('/', healthRoutes({ ...options, desk }));
  for (const path of signedInPaths) routes.get(path, (c) => notFoundPage(c, desk.view(c)));
  return routes;
}

async function tooLarge(c: Context): Promise<never> {
  await dropBody(c);
  throw new HTTPException(413);
}

/** The one place that turns what was thrown into a page: no stack, no SQL, no secret. */
function errorPage(error: unknown, c: Context, portalHost: string, log: Log) {
  const language = languageOf(c);
  const say = phrasesOf(language);
  const { common } = say;
  const page = (status: 400 | 403 | 413 | 500 | 503, title: string, hint: string) => {
    c.status(status);
    return c.html(<ErrorPage view={{ say, language, portalHost }} title={title} hint={hint} />);
  };
  if (error instanceof HTTPException && error.status === 400) {
    return page(400, common.noForm, common.noFormHint);
  }
  if (error instanceof HTTPException && error.status === 403) {
    return page(403, common.crossSite, common.crossSiteHint);
  }
  if (error instanceof HTTPException && error.status === 413) {
    // What is left of a body even larger cannot be told from another request.
    c.header('connection', 'close');
    return page(413, common.tooLarge, common.tooLargeHint);
  }
  if (error instanceof StoreUnavailable) {
    log.error({ err: error, path: c.req.routePath }, 'the database cannot be used');
    return page(503, common.storeDown, common.storeDownHint);
  }
  log.error({ err: error, method: c.req.method, path: c.req.routePath }, 'a page failed');
  return page(500, common.failed, common.failedHint);
}
