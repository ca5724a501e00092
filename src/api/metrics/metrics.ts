import { z } from '@hono/zod-openapi';
import { Counter, Gauge, Registry } from 'prom-client';
import { version } from '../../project.ts';
import { adminGet, createApi } from '../openapi.ts';
import { createGauges, type GaugeSources } from './gauges.ts';
import { createMeters, type Meters } from './meters.ts';

const metricsRoute = adminGet({
  path: '/metrics',
  operationId: 'metrics',
  tags: ['probes'],
  summary: 'Metrics for Prometheus',
  responses: {
    200: { description: 'Prometheus text', content: { 'text/plain': { schema: z.string() } } },
  },
});

/** The metrics of one service. Two services in one process have separate registries. */
export type Metrics = {
  readonly meters: Meters;
  /** Returns the route `GET /metrics`. The server checks the token before this route. */
  readonly routes: (sources: GaugeSources) => ReturnType<typeof createApi>;
};

export function createMetrics(): Metrics {
  const registry = new Registry();
  const meters = createMeters(registry);
  addProcess(registry);
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

/**
 * Adds metrics about the process under their usual names. The default metrics of prom-client are not
 * used, because they start observers that nothing can stop.
 */
function addProcess(registry: Registry): void {
  const registers = [registry];
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Memory of the process',
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  const cpu = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time of the process',
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      cpu.reset();
      cpu.inc((user + system) / 1e6);
    },
  });
  const start = new Gauge({
    name: 'process_start_time_seconds',
    help: 'When the process started, in seconds since 1970',
    registers,
  });
  start.set(performance.timeOrigin / 1_000);
  const build = new Gauge({
    name: 'docspace_welcome_build_info',
    help: 'Always 1; the label says which version runs',
    labelNames: ['version'],
    registers,
  });
  build.set({ version }, 1);
}
