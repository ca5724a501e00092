import { createRoute, z } from '@hono/zod-openapi';
import { type Health, healthCodes, healthParts } from '../health.ts';
import { languageOf } from '../http/language.ts';
import { messagesIn } from '../messages/render.ts';
import { createApi, json } from './openapi.ts';
import { text } from './schemas.ts';

const findingSchema = z
  .object({
    status: z.enum(['ok', 'warning', 'wrong']),
    code: z.enum(healthCodes),
    detail: text.meta({ description: 'A sentence for people' }),
  })
  .meta({ id: 'Finding' });
const readinessSchema = z.record(z.enum(healthParts), findingSchema).meta({ id: 'Readiness' });
type ReadinessView = z.infer<typeof readinessSchema>;

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
  summary: 'What works and what does not: for alerts',
  responses: {
    200: json(readinessSchema, 'Nothing is wrong'),
    503: json(readinessSchema, 'A part is wrong'),
  },
});

/** The routes `/healthz` and `/readyz`. The second one looks whether the database file is in place. */
export function probeRoutes(health: Pick<Health, 'report'>) {
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
      channel: finding('channel'),
      webhook: finding('webhook'),
      events: finding('events'),
      notices: finding('notices'),
    };
    const isWrong = healthParts.some((part) => report[part].level === 'wrong');
    return c.json(parts, isWrong ? 503 : 200);
  });
  return routes;
}
