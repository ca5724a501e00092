import { createRoute, z } from '@hono/zod-openapi';
import { Registry } from 'prom-client';
import { version } from '../../project.ts';
import { adminRead, createApi } from '../openapi.ts';
import { createGauges, type GaugeSources } from './gauges.ts';
import { createMeters, type Meters } from './meters.ts';
import { addProcess } from './process.ts';

const metricsRoute = createRoute({
  method: 'get',
  path: '/metrics',
  operationId: 'metrics',
  tags: ['probes'],
  summary: 'Metrics for Prometheus',
  security: adminRead.security,
  responses: {
    200: { description: 'Prometheus text', content: { 'text/plain': { schema: z.string() } } },
    ...adminRead.problems,
  },
});

/** The metrics of one service. Two services in one process have separate registries. */
export type Metrics = {
  readonly meters: Meters;
  /** `GET /metrics`. The caller checks the admin token first. */
  readonly routes: (sources: GaugeSources) => ReturnType<typeof createApi>;
};

export function createMetrics(): Metrics {
  const registry = new Registry();
  const meters = createMeters(registry);
  addProcess(registry, version);
  return {
    meters,
    routes(sources) {
      const refresh = createGauges(registry, sources);
      const routes = createApi();
      routes.openapi(metricsRoute, async (c) => {
        await refresh();
        return c.text(await registry.metrics(), 200, { 'content-type': registry.contentType });
      });
      return routes;
    },
  };
}
