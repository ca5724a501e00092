import { request } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';
import { arrive, invite } from '../../faults/stage.ts';
import type { CuttableProxy } from '../../support/cuttable-proxy.ts';
import { deliver, deliveryBody, signed } from '../../support/deliveries.ts';
import { freePort } from '../../support/free-port.ts';
import { startPortal } from '../../support/portal.ts';
import {
  canStartPostgres,
  cuttableProxy,
  freshDatabase,
  hasPostgres,
  startPostgres,
} from '../../support/postgres.ts';
import { startProcess } from '../../support/process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';
import { adminToken, call, registerWebhook } from '../../support/world.ts';
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

describe.skipIf(!hasPostgres)('a service that loses its database', () => {
  async function startBehindProxy(settings: Readonly<Record<string, string>> = {}) {
    const portal = await startPortal({ keyCheck: 'any' });
    onTestFinished(() => portal.stop());
    const proxy = await cuttableProxy(await freshDatabase());
    const start = () =>
      temporaryFolder().then((folder) =>
        startProcess(portal, folder, { settings: { DATABASE_URL: proxy.url, ...settings } }),
      );
    return { portal, proxy, start };
  }

  test.each([
    ['does not answer', (proxy: CuttableProxy) => proxy.swallow()],
    ['refuses every connection', (proxy: CuttableProxy) => proxy.close()],
  ])(
    'stops within 10 s of SIGTERM if the database %s, also with an outcome that it cannot record',
    async (_, lose) => {
      const { portal, proxy, start } = await startBehindProxy();
      const service = await start();
      await registerWebhook(portal, service.url);
      const invited = await invite(service, ['ann@example.com']);
      portal.control.interfere({
        on: ({ path }) => path.endsWith('/sendcongratulations'),
        act: { kind: 'hold' },
      });
      arrive(portal, invited);
      const isSending = async () =>
        (await call(service.url, 'GET', '/api/stats')).json.members.sending === 1;
      await until('her welcome is under way', isSending, backAfterMs);
      await lose(proxy);
      const askedAt = performance.now();
      service.child.kill('SIGTERM');
      await until('the service ends', () => service.child.exitCode !== null, 30_000);
      expect(performance.now() - askedAt).toBeLessThan(10_000);
    },
    60_000,
  );

  test('while it starts, after it listens, tries again', async () => {
    const { proxy, start } = await startBehindProxy({ PORT: String(await freePort()) });
    proxy.cutAnswers(1, 'set "holder" = ');
    const { url, output } = await start();
    expect(proxy.cuts()).toBe(1);
    expect(output()).toContain('the service tries again');
    expect((await call(url, 'GET', '/readyz?part=store')).status).toBe(200);
  }, 40_000);
});
