import { type ServerType, serve } from '@hono/node-server';
import { Hono } from 'hono';
import { adminOnly } from './api/admin.ts';
import { deliveryRoutes } from './api/deliveries.ts';
import { forgetRoutes } from './api/forget.ts';
import { createIdempotency } from './api/idempotency.ts';
import { invitationRoutes } from './api/invitations.ts';
import { memberRoutes } from './api/members.ts';
import { docsRoutes } from './api/openapi/docs.ts';
import { operationRoutes } from './api/operation.ts';
import { previewRoutes } from './api/preview.ts';
import { probeRoutes } from './api/probes.ts';
import { reissueRoutes } from './api/reissue.ts';
import type { Clock } from './clock.ts';
import type { InviteRuns } from './dashboard/invite-runs.ts';
import { dashboardRoutes } from './dashboard/routes.tsx';
import type { Health } from './health.ts';
import { limitBodies } from './http/body.ts';
import { answerError, answerProblem, answerTooLarge, problem } from './http/problem.ts';
import type { NewId } from './ids.ts';
import type { Inviter } from './invitations/inviter.ts';
import type { Reissuer } from './invitations/reissue.ts';
import type { Log } from './log.ts';
import type { Pause } from './onboarding/pauses.ts';
import type { Forgetter } from './operations/forget.ts';
import type { Operator } from './operations/operator.ts';
import type { Previewer } from './operations/preview.ts';
import type { Replayer } from './operations/replay.ts';
import type { Reconciler } from './reconciliation/reconciler.ts';
import type { KeyedAnswers } from './store/keyed-answers.ts';
import type { StoreReads } from './store/store.ts';
import {
  type DeliveryAnswer,
  longestBodyBytes,
  type WebhookOptions,
  webhookRoutes,
} from './webhook/route.ts';

export type HttpOptions = {
  readonly webhook: WebhookOptions;
  readonly reads: StoreReads;
  readonly inviter: Pick<Inviter, 'invite' | 'inviteTogether'>;
  readonly keyedAnswers: KeyedAnswers;
  readonly reissuer: Reissuer;
  readonly replayer: Replayer;
  readonly operator: Operator;
  readonly forgetter: Forgetter;
  readonly previewer: Previewer;
  readonly pauses: () => readonly Pause[];
  /** What the portal's deliveries were answered since the start. */
  readonly deliveryAnswers: () => Readonly<Partial<Record<DeliveryAnswer, number>>>;
  /** `GET /metrics`. */
  readonly metrics: Hono;
  readonly health: Health;
  readonly adminToken: string;
  readonly inviteRuns: InviteRuns;
  readonly reconciler: Pick<Reconciler, 'endedAt'>;
  /** The portal's origin, and this service's own where it is known. */
  readonly portalUrl: string;
  readonly publicUrl: string | null;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
};

/** All routes of design.md. Order matters: what is open comes before what asks for the token. */
export function createRoutes(options: HttpOptions): Hono {
  const { clock, log } = options;
  const routes = new Hono();
  routes.onError((error, c) => answerError(error, c, log));
  routes.notFound((c) => answerProblem(c, problem('not-found', 'This service has no such page')));
  routes.route('/', probeRoutes(options.health));
  routes.route('/', webhookRoutes(options.webhook));
  routes.route('/', docsRoutes());
  routes.use('/metrics', adminOnly(options.adminToken, clock));
  routes.route('/', options.metrics);
  routes.use('/api/*', adminOnly(options.adminToken, clock));
  routes.use('/api/*', limitBodies({ maxSize: longestBodyBytes, onError: answerTooLarge }));
  const { reads, inviter, operator, pauses, deliveryAnswers } = options;
  const { now } = clock;
  const idempotency = createIdempotency({
    store: { ...options.keyedAnswers, invitation: reads.invitation },
    now,
  });
  routes.route('/', invitationRoutes({ reads, inviter, idempotency, now }));
  routes.route('/', reissueRoutes({ reissuer: options.reissuer, now }));
  routes.route('/', deliveryRoutes({ reads, replayer: options.replayer }));
  routes.route('/', memberRoutes({ reads, operator }));
  routes.route('/', forgetRoutes(options.forgetter));
  routes.route('/', previewRoutes(options.previewer));
  routes.route('/', operationRoutes({ reads, operator, pauses, deliveryAnswers, now: clock.now }));
  routes.route('/', dashboardRoutes(options));
  return routes;
}

/** A listening server. */
export type Listening = {
  /** Where it can be reached from this machine. */
  readonly url: string;
  /** Takes no new connection, lets requests end until `deadlineMs` have passed, then cuts them. */
  readonly close: (deadlineMs: number) => Promise<void>;
};

/** @throws when the address cannot be bound: taken, or not of this machine */
export function listen(routes: Hono, host: string, port: number): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: routes.fetch, hostname: host, port }, (address) => {
      server.off('error', reject);
      const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
      resolve({
        url: `http://${name}:${address.port}`,
        close: (deadlineMs) => closeServer(server, deadlineMs),
      });
    });
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
    // Keep-alive connections that are idle would hold the server open for seconds (stack.md, 6).
    if ('closeIdleConnections' in server) server.closeIdleConnections();
  });
}
