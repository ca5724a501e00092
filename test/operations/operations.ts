import type { RouteConfig } from '@hono/zod-openapi';
import { z } from 'zod';
import { deliveryRoutes } from '../../src/api/deliveries.ts';
import { docsRoutes } from '../../src/api/docs.ts';
import { eventRoutes } from '../../src/api/events.ts';
import { forgetRoutes } from '../../src/api/forget.ts';
import { invitationRoutes } from '../../src/api/invitations.ts';
import { memberRoutes } from '../../src/api/members.ts';
import { createMetrics } from '../../src/api/metrics/metrics.ts';
import { createApi } from '../../src/api/openapi.ts';
import { operationRoutes } from '../../src/api/operations.ts';
import { previewRoutes } from '../../src/api/preview.ts';
import { probeRoutes } from '../../src/api/probes.ts';
import { statsRoutes } from '../../src/api/stats.ts';
import { tokenRoutes } from '../../src/api/tokens.ts';
import { describeWebhook } from '../../src/api/webhook.ts';

/** A route with the schemas that check its requests. */
export type Operation = {
  readonly id: string;
  readonly method: string;
  /** The path, with `{name}` for a parameter. */
  readonly path: string;
  readonly access: 'open' | 'signature' | 'admin';
  readonly body: z.ZodType | null;
  readonly query: z.ZodType | null;
  readonly answers: Readonly<Record<string, { readonly content?: Content }>>;
};
type Content = Readonly<Record<string, { readonly schema: z.ZodType }>>;

/** Nothing of this is ever called. Only the descriptions are read. */
// biome-ignore lint/suspicious/noExplicitAny: stands for the parts of every route
const nothing: any = {};

function describedRoutes(): RouteConfig[] {
  const all = createApi();
  describeWebhook(all);
  for (const routes of [
    probeRoutes(nothing),
    docsRoutes(all),
    createMetrics().routes({ ...nothing }),
    invitationRoutes(nothing),
    deliveryRoutes(nothing),
    memberRoutes(nothing),
    previewRoutes(nothing),
    forgetRoutes(nothing),
    operationRoutes(nothing),
    tokenRoutes(nothing),
    eventRoutes(nothing),
    statsRoutes(nothing),
  ]) {
    all.route('/', routes);
  }
  return all.openAPIRegistry.definitions.flatMap((one) => (one.type === 'route' ? one.route : []));
}

/** Every documented operation. */
export const operations: readonly Operation[] = describedRoutes().map((route) => {
  const { method, path, operationId = '', request, security } = route;
  const isDelivery = path.startsWith('/webhooks/') && method === 'post';
  const content = request?.body?.content['application/json'];
  const body = content && 'schema' in content ? content.schema : null;
  return {
    id: operationId,
    method,
    path,
    access: security ? 'admin' : isDelivery ? 'signature' : 'open',
    body: body instanceof z.ZodType ? body : null,
    query: request?.query instanceof z.ZodType ? request.query : null,
    // A Zod schema describes every answer of this service.
    answers: route.responses as Operation['answers'],
  };
});
