import { Hono } from 'hono';
import { type Health, healthParts } from '../health.ts';

/** `/healthz` for load balancers and supervisors, `/readyz` for alerts; both without I/O. */
export function probeRoutes(health: Health): Hono {
  const routes = new Hono();
  routes.get('/healthz', (c) => c.json({ status: 'ok' }));
  routes.get('/readyz', (c) => {
    const report = health.report();
    const isWrong = healthParts.some((part) => report[part].level === 'wrong');
    const parts = Object.fromEntries(
      healthParts.map((part) => [
        part,
        { status: report[part].level, detail: report[part].phrase },
      ]),
    );
    return c.json(parts, isWrong ? 503 : 200);
  });
  return routes;
}
