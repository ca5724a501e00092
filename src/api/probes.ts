import { createRoute, z } from '@hono/zod-openapi';
import { type Health, healthCodes, healthParts } from '../health.ts';
import { languageOf } from '../http/language.ts';
import { messagesIn } from '../messages/render.ts';
import type { Replica } from '../store/store.ts';
import { createApi, invalidQuery, json } from './openapi.ts';
import { channelSchema, count, text } from './schemas.ts';

const findingSchema = z
  .object({
    status: z.enum(['ok', 'warning', 'wrong']),
    code: z.enum(healthCodes),
    detail: text.meta({ description: 'A sentence for people' }),
  })
  .meta({ id: 'Finding' });
const choice = z.object({
  inUse: z.array(channelSchema).meta({ description: 'The preferred channel first' }),
  why: z
    .enum(['set', 'mail_is_set_up', 'mail_is_not_set_up'])
    .meta({ description: '`set`: WELCOME_CHANNEL names them. Otherwise it is not set' }),
});
const readinessSchema = z
  .object({
    store: findingSchema,
    worker: findingSchema,
    portal: findingSchema,
    channel: findingSchema.extend(choice.shape),
    webhook: findingSchema,
    events: findingSchema,
    notices: findingSchema,
    replicas: count.meta({ description: 'The processes that serve the database' }),
  })
  .meta({ id: 'Readiness' });
/** The channels in use, and why they are used (docs/design.md#default-channel). */
export type ChannelChoice = z.infer<typeof choice>;
type ReadinessView = z.infer<typeof readinessSchema>;
const storeReadinessSchema = z.object({ store: findingSchema }).meta({ id: 'StoreReadiness' });
const partQuery = z.object({
  part: z.enum(['store'], 'is not store').optional().meta({
    description: '`store`: answers only whether this process can take requests, for load balancers',
  }),
});

const tags = ['probes'];

const aliveRoute = createRoute({
  method: 'get',
  path: '/healthz',
  operationId: 'isAlive',
  tags,
  summary: 'Whether the process answers: for load balancers and supervisors',
  responses: { 200: json(z.object({ status: z.literal('ok') }), 'The process answers') },
});

const readyRoute = createRoute({
  method: 'get',
  path: '/readyz',
  operationId: 'isReady',
  tags,
  summary: 'What works and what does not: for alerts, and with `part=store` for load balancers',
  request: { query: partQuery },
  responses: {
    200: json(z.union([readinessSchema, storeReadinessSchema]), 'Nothing is wrong'),
    503: json(
      z.union([readinessSchema, storeReadinessSchema]),
      'A part is wrong. With `part=store`: the database cannot be written, or the process is stopping',
    ),
    ...invalidQuery,
  },
});

/**
 * Returns the routes `/healthz` and `/readyz`. `/readyz?part=store` also wakes the worker, so that the
 * next answer shows whether the database can be used.
 */
export function probeRoutes(deps: {
  readonly health: Pick<Health, 'report'>;
  readonly isStopping: () => boolean;
  /** Makes the worker use the database. If that fails, the worker reports it in `health`. */
  readonly wake: () => void;
  readonly replicas: () => readonly Replica[];
  readonly channelChoice: ChannelChoice;
}) {
  const { health, isStopping, wake, replicas, channelChoice } = deps;
  const routes = createApi();
  routes.openapi(aliveRoute, (c) => c.json({ status: 'ok' as const }, 200));
  routes.openapi(readyRoute, (c) => {
    const report = health.report();
    const phrases = messagesIn(languageOf(c)).health;
    const finding = (part: keyof typeof report) => {
      const { level, code } = report[part];
      return { status: level, code, detail: phrases[code] };
    };
    const parts: ReadinessView = {
      store: finding('store'),
      worker: finding('worker'),
      portal: finding('portal'),
      channel: { ...finding('channel'), ...channelChoice },
      webhook: finding('webhook'),
      events: finding('events'),
      notices: finding('notices'),
      replicas: replicas().length,
    };
    if (c.req.valid('query').part === 'store') {
      const store = isStopping()
        ? { status: 'wrong' as const, code: 'stopping' as const, detail: phrases.stopping }
        : parts.store;
      if (store.status === 'wrong') return c.json({ store }, 503);
      // A process that has nothing to do would not notice that the database is gone.
      wake();
      return c.json({ store }, 200);
    }
    const isWrong = healthParts.some((part) => report[part].level === 'wrong');
    return c.json(parts, isWrong ? 503 : 200);
  });
  return routes;
}
