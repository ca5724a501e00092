import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { json, problems } from './openapi.ts';

const tags = ['webhook'];
const path = '/webhooks/docspace';

const probeRoute = createRoute({
  method: 'head',
  path,
  operationId: 'probeWebhook',
  tags,
  summary: 'The portal’s probe before it saves a webhook',
  responses: { 200: { description: 'This address is a webhook' } },
});

const getRoute = createRoute({
  method: 'get',
  path,
  operationId: 'showWebhook',
  tags,
  summary:
    'Not allowed: a portal that was redirected here would take a 200 for an accepted delivery',
  responses: problems({ 405: 'Use POST' }),
});

const deliverRoute = createRoute({
  method: 'post',
  path,
  operationId: 'deliver',
  tags,
  summary: 'A delivery of the portal',
  description:
    'The answer is sent after the delivery is on disk. It is never 410 and never a redirect.',
  request: {
    headers: z.object({
      'x-docspace-signature-256': z.string().meta({
        description:
          '`sha256=` and the HMAC of the raw body with the webhook’s secret, in upper-case hex',
      }),
    }),
    body: { required: true, content: { 'application/json': { schema: z.unknown() } } },
  },
  responses: {
    200: json(
      z.object({ status: z.enum(['accepted', 'duplicate', 'ignored', 'unreadable']) }),
      '`accepted`; `duplicate`: the same came before; `ignored`: another trigger; `unreadable`: kept for the operator',
    ),
    ...problems({
      401: 'The signature is missing or wrong',
      413: 'The body is larger than 1 MiB',
      500: 'An internal error: see the log of the service',
      503: 'The delivery could not be stored: the portal tries again',
    }),
  },
});

/** Adds the webhook to the OpenAPI document. The route itself is in `webhookRoutes`. */
export function describeWebhook(routes: OpenAPIHono): void {
  for (const route of [probeRoute, getRoute, deliverRoute]) {
    routes.openAPIRegistry.registerPath(route);
  }
}
