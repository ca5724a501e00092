import type { Server } from 'node:http';
import { type ServerType, serve } from '@hono/node-server';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { getPath } from 'hono/utils/url';
import { authorize, createWrongTokens, type TokenPlace } from './api/auth.ts';
import { deliveryRoutes } from './api/deliveries.ts';
import { docsRoutes } from './api/docs.ts';
import { eventRoutes } from './api/events.ts';
import { forgetRoutes } from './api/forget.ts';
import { createIdempotency, type IdempotencyStore } from './api/idempotency.ts';
import { invitationRoutes } from './api/invitations.ts';
import { memberRoutes } from './api/members.ts';
import { createApi } from './api/openapi.ts';
import { operationRoutes } from './api/operations.ts';
import { previewRoutes } from './api/preview.ts';
import { type ChannelChoice, probeRoutes } from './api/probes.ts';
import { statsRoutes } from './api/stats.ts';
import { tokenRoutes } from './api/tokens.ts';
import { describeWebhook } from './api/webhook.ts';
import type { Clock } from './clock.ts';
import { basePathOf, type DashboardOptions, dashboardRoutes } from './dashboard/routes.tsx';
import type { Events } from './events/events.ts';
import type { Health } from './health.ts';
import { limitBodies } from './http/body.ts';
import { limitConnections } from './http/connections.ts';
import { createHostCheck, type Fetch, guardHost } from './http/host.ts';
import { answerError, answerProblem, answerTooLarge, problem } from './http/problem.ts';
import type { Inviter } from './invitations/inviter.ts';
import type { Reissuer } from './invitations/reissue.ts';
import type { Log } from './log.ts';
import type { Pause } from './onboarding/pauses.ts';
import type { Forgetter } from './operations/forget.ts';
import type { Operator } from './operations/operator.ts';
import type { Previewer } from './operations/preview.ts';
import type { Replayer } from './operations/replay.ts';
import type { Tokens } from './operations/tokens.ts';
import type { Replica, StoreReads } from './store/store.ts';
import {
  type DeliveryAnswer,
  longestBodyBytes,
  type WebhookDeps,
  webhookPath,
  webhookRoutes,
} from './webhook/route.ts';

/** What the HTTP API needs. A command without a server has all of it. */
export type ApiOptions = {
  readonly reads: StoreReads;
  readonly idempotencyKeys: IdempotencyStore;
  readonly inviter: Pick<Inviter, 'invite' | 'inviteTogether'>;
  readonly reissuer: Reissuer;
  readonly replayer: Replayer;
  readonly operator: Operator;
  readonly forgetter: Forgetter;
  readonly previewer: Previewer;
  readonly pauses: () => readonly Pause[];
  readonly health: Health;
  /** Makes the worker look for work. */
  readonly wake: () => void;
  /** The processes that serve the database. */
  readonly replicas: () => readonly Replica[];
  readonly channelChoice: ChannelChoice;
  readonly tokens: Tokens;
  /** Null: events are off. */
  readonly events: Events | null;
  readonly clock: Clock;
  readonly log: Log;
};

/** What a server needs in addition: the webhook, the pages and the metrics. */
export type ServerOptions = ApiOptions &
  Omit<DashboardOptions, 'wrongTokens'> & {
    readonly webhook: WebhookDeps;
    /** The answers to webhook requests since the start. */
    readonly deliveryAnswers: () => Readonly<Partial<Record<DeliveryAnswer, number>>>;
    readonly isStopping: () => boolean;
    /** `GET /metrics`. */
    readonly metrics: OpenAPIHono;
    /** Called for each wrong token. */
    readonly countWrongToken: (place: TokenPlace) => void;
  };

/**
 * Creates the routes (docs/design.md#http). With `ApiOptions` it creates only those that requests
 * within this process need. The order matters: routes that need no token come before routes that need
 * one.
 */
export function createRoutes(options: ApiOptions | ServerOptions): OpenAPIHono {
  const { clock, log, reads, pauses } = options;
  const { now } = clock;
  const served = 'webhook' in options ? options : null;
  const routes = createApi({ getPath: pathBelow(basePathOf(served?.publicUrl ?? null)) });
  routes.onError((error, c) => answerError(error, c, log));
  routes.notFound((c) => answerProblem(c, problem('not-found', 'This service has no such page')));

  const { health, wake, replicas, channelChoice } = options;
  const isStopping = served?.isStopping ?? (() => false);
  routes.route('/', probeRoutes({ health, isStopping, wake, replicas, channelChoice }));
  if (served) {
    routes.route('/', webhookRoutes(served.webhook));
    describeWebhook(routes);
  }
  routes.route('/', docsRoutes(routes));

  const count = served?.countWrongToken ?? (() => {});
  const wrongTokens = createWrongTokens({ clock, log, count });
  const admin = authorize({ tokens: options.tokens, clock, log, wrongTokens });
  routes.use('/metrics', admin);
  if (served) routes.route('/', served.metrics);

  const limit = limitBodies({
    maxSize: longestBodyBytes,
    onError: answerTooLarge,
    contentType: 'application/json',
  });
  // The token is checked first, so that the body of a request without a valid token is not read.
  routes.use('/api/*', privateAnswers, admin, limit);
  const idempotency = createIdempotency({ store: options.idempotencyKeys, now });
  const { inviter, reissuer, operator, replayer } = options;
  routes.route('/', invitationRoutes({ reads, inviter, reissuer, idempotency, now }));
  routes.route('/', deliveryRoutes({ reads, replayer }));
  routes.route('/', memberRoutes({ reads, operator }));
  routes.route('/', previewRoutes(options.previewer));
  routes.route('/', forgetRoutes(options.forgetter));
  routes.route('/', operationRoutes({ operator, pauses }));
  routes.route('/', tokenRoutes(options.tokens));
  routes.route('/', eventRoutes(options.events));
  const deliveryAnswers = served?.deliveryAnswers ?? (() => ({}));
  routes.route('/', statsRoutes({ reads, pauses, replicas, deliveryAnswers, now }));
  if (served) routes.route('/', dashboardRoutes({ ...served, wrongTokens }));
  return routes;
}

/**
 * Returns a function that reads the path by which a route is found. A slash at the end of the webhook's
 * path is removed, because some people register the address with a slash.
 * @param basePath the path of `PUBLIC_URL`, such as `/welcome`. It is removed from the front of each
 *   path, so it does not matter whether the proxy has removed it
 */
function pathBelow(basePath: string): (request: Request) => string {
  return (request) => {
    const given = getPath(request);
    const isBelow = basePath !== '' && given.startsWith(`${basePath}/`);
    const path = isBelow ? given.slice(basePath.length) : given;
    return path === `${webhookPath}/` ? webhookPath : path;
  };
}

/**
 * Sets headers for answers of the API. The answers contain links and addresses, so caches must not keep
 * them, and browsers must not guess their type.
 */
const privateAnswers: MiddlewareHandler = (c, next) => {
  c.header('cache-control', 'no-store');
  c.header('x-content-type-options', 'nosniff');
  return next();
};

/** A listening server. */
export type Listening = {
  /** The address at which this machine reaches the server. */
  readonly url: string;
  /**
   * Accepts no new connection, waits up to `deadlineMs` for open requests, then closes their
   * connections.
   */
  readonly close: (deadlineMs: number) => Promise<void>;
};

/**
 * A proxy keeps an idle connection for a shorter time (60 s by default), so it sends no request into a
 * connection that this server is closing.
 */
const keepAliveTimeoutMs = 65_000;
/** The portal sends a request quickly. A client that needs longer than this is slow on purpose. */
const requestTimeoutMs = 30_000;
const headersTimeoutMs = 15_000;
const timeoutCheckMs = 5_000;

/**
 * Starts a server for these routes.
 * @param options `publicUrl`: its host is allowed in the header `Host`; `log`: gets a line when too many
 *   connections are open
 * @throws if the address is taken or does not belong to this machine
 */
export function listen(
  routes: { readonly fetch: Fetch },
  host: string,
  port: number,
  options: { readonly publicUrl?: string | null; readonly log?: Log } = {},
): Promise<Listening> {
  const checkHost = createHostCheck({ host, publicUrl: options.publicUrl ?? null });
  return new Promise((resolve, reject) => {
    const server = serve(
      {
        fetch: guardHost(checkHost, routes.fetch),
        hostname: host,
        port,
        serverOptions: {
          keepAliveTimeout: keepAliveTimeoutMs,
          requestTimeout: requestTimeoutMs,
          headersTimeout: headersTimeoutMs,
          connectionsCheckingInterval: timeoutCheckMs,
        },
      },
      (address) => {
        server.off('error', reject);
        const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
        resolve({
          url: `http://${name}:${address.port}`,
          close: (deadlineMs) => closeServer(server, deadlineMs),
        });
      },
    );
    // The options above do not ask for HTTP/2, so this is a `Server` of node:http.
    limitConnections(server as Server, options.log);
    server.once('error', reject);
  });
}

function closeServer(server: ServerType, deadlineMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => {
      if ('closeAllConnections' in server) server.closeAllConnections();
    }, deadlineMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    // Idle keep-alive connections would keep the server open.
    if ('closeIdleConnections' in server) server.closeIdleConnections();
  });
}
