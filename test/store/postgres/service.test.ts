import { request } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';
import { deliver, deliveryBody, signed } from '../../support/deliveries.ts';
import { startPortal } from '../../support/portal.ts';
import { canStartPostgres, freshDatabase, startPostgres } from '../../support/postgres.ts';
import { startProcess } from '../../support/process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';
import { adminToken } from '../../support/world.ts';
import { run } from './support.ts';

const backAfterMs = 10_000;

describe.skipIf(!canStartPostgres)('the service while its PostgreSQL server is away', () => {
  test('answers 503, says so in /readyz, lives on, and works again when the server is back', async () => {
    const server = await startPostgres();
    const url = await freshDatabase({ server: server.url });
    const portal = await startPortal();
    onTestFinished(() => portal.stop());
    const service = await startProcess(portal, await temporaryFolder(), {
      settings: { DATABASE_URL: url },
    });
    const post = async (id: number) => {
      const body = deliveryBody({ id });
      return (await deliver(service.url, body, signed(body))).status;
    };
    const get = async (path: string) => {
      const headers = { authorization: `Bearer ${adminToken}` };
      const { statusCode, body } = await request(`${service.url}${path}`, { headers });
      await body.dump();
      return statusCode;
    };
    expect(await post(1)).toBe(200);
    expect(await get('/api/members')).toBe(200);
    for (const [id, mode] of [
      [2, 'fast'],
      [3, 'immediate'],
    ] as const) {
      await server.stop(mode);
      for (let time = 0; time < 5; time += 1) {
        expect(await post(id)).toBe(503);
        expect(await get('/api/members')).toBe(503);
        expect(await get('/api/stats')).toBe(503);
      }
      expect(await get('/healthz')).toBe(200);
      await until('/readyz reports it', async () => (await get('/readyz')) === 503, backAfterMs);
      await server.start();
      await until('deliveries are kept', async () => (await post(id)) === 200, backAfterMs);
      expect(await get('/api/members')).toBe(200);
    }
    await until('all are applied', async () => {
      const { rows } = await run(
        url,
        `SELECT (SELECT count(*)::int FROM docspace_welcome.deliveries) AS kept,
          (SELECT count(*)::int FROM docspace_welcome.inbox) AS unapplied`,
      );
      return rows[0].kept === 3 && rows[0].unapplied === 0;
    });
    await server.stop();
    service.child.kill('SIGTERM');
    await until('the service ends', () => service.child.exitCode !== null, 15_000);
    expect(service.output()).not.toMatch(/uncaught|unhandled/i);
  }, 60_000);
});
