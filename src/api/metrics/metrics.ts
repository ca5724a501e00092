import { Hono } from 'hono';
import { Registry } from 'prom-client';
import { version } from '../../project.ts';
import { createGauges, type GaugeSources } from './gauges.ts';
import { createMeters, type Meters } from './meters.ts';
import { addProcess } from './process.ts';

/** One registry a service: two of them in one process do not mix. */
export type Metrics = {
  readonly meters: Meters;
  /** `GET /metrics`; the caller demands the admin token. */
  readonly routes: (sources: GaugeSources) => Hono;
};

export function createMetrics(): Metrics {
  const registry = new Registry();
  const meters = createMeters(registry);
  addProcess(registry, version);
  return {
    meters,
    routes(sources) {
      const refresh = createGauges(registry, sources);
      const routes = new Hono();
      routes.get('/metrics', async (c) => {
        await refresh();
        return c.body(await registry.metrics(), 200, { 'content-type': registry.contentType });
      });
      return routes;
    },
  };
}
