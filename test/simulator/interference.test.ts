import { describe, expect, test } from 'vitest';
import { startPortal } from '../../simulator/portal.ts';
import { call, portalForTest, send, until } from './support.ts';

const WELCOME = { keyCheck: 'any' } as const;
const onWelcome = ({ path }: { path: string }) => path.endsWith('/portal/sendcongratulations');

async function welcomePortal() {
  const portal = await portalForTest(WELCOME);
  const path = `portal/sendcongratulations?Userid=${portal.accountId}&Key=k`;
  const welcome = () => call(portal, { method: 'POST', path, authorization: null });
  const effects = () => portal.control.congratulations().length;
  return { portal, welcome, effects };
}

describe('a nasty portal', () => {
  test('answer: another answer and no effect, as often as it is told to', async () => {
    const { portal, welcome, effects } = await welcomePortal();
    const headers = { 'Retry-After': '7' };
    portal.control.interfere({
      on: onWelcome,
      times: 2,
      act: { kind: 'answer', status: 503, body: 'busy', headers },
    });
    expect(await welcome()).toMatchObject({
      status: 503,
      text: 'busy',
      headers: { 'retry-after': '7' },
    });
    expect((await welcome()).status).toBe(503);
    expect(effects()).toBe(0);
    expect((await welcome()).status).toBe(200);
    expect(effects()).toBe(1);
  });

  test('reset: the socket dies before any effect', async () => {
    const { portal, welcome, effects } = await welcomePortal();
    portal.control.interfere({ on: onWelcome, times: 1, act: { kind: 'reset' } });
    await expect(welcome()).rejects.toThrow();
    expect(effects()).toBe(0);
    expect(portal.control.requests()).toMatchObject([{ status: 0, method: 'POST' }]);
  });

  test('effectThenReset: the effect happens, then the socket dies', async () => {
    const { portal, welcome, effects } = await welcomePortal();
    portal.control.interfere({ on: onWelcome, times: 1, act: { kind: 'effectThenReset' } });
    await expect(welcome()).rejects.toThrow();
    expect(effects()).toBe(1);
  });

  test.each([
    ['hang', 0],
    ['effectThenHang', 1],
  ] as const)('%s: no answer ever, %i effects', async (kind, expected) => {
    const { portal, welcome, effects } = await welcomePortal();
    portal.control.interfere({ on: onWelcome, act: { kind } });
    let settled = false;
    const asked = welcome().catch(() => undefined);
    void asked.then(() => {
      settled = true;
    });
    await until('the request has arrived', () => portal.control.requests().length === 1);
    await until('its effects are there', () => effects() === expected);
    expect((await call(portal, { path: 'people/@self' })).status).toBe(200);
    expect(settled).toBe(false);
    await portal.stop();
    await asked;
  });

  test('effectThenAnswer: the effect happens, the answer is another one', async () => {
    const { portal, welcome, effects } = await welcomePortal();
    const act = { kind: 'effectThenAnswer', status: 502, body: '<html>' } as const;
    portal.control.interfere({ on: onWelcome, act });
    expect(await welcome()).toMatchObject({ status: 502, text: '<html>' });
    expect(effects()).toBe(1);
  });

  test('delay: late, then as usual', async () => {
    const { portal, welcome, effects } = await welcomePortal();
    portal.control.interfere({ on: onWelcome, act: { kind: 'delay', ms: 40 } });
    const before = performance.now();
    expect((await welcome()).status).toBe(200);
    expect(performance.now() - before).toBeGreaterThan(35);
    expect(effects()).toBe(1);
  });

  test('hold: waits for release; the peak of concurrency counts what waits', async () => {
    const { portal, welcome, effects } = await welcomePortal();
    portal.control.interfere({ on: onWelcome, times: 3, act: { kind: 'hold' } });
    const held = Promise.all([welcome(), welcome(), welcome()]);
    await until('three are held', () => portal.control.requests().length === 3);
    expect(effects()).toBe(0);
    portal.control.release();
    expect((await held).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(effects()).toBe(3);
    expect(portal.control.peakConcurrency()).toBe(3);
    portal.control.clearRequests();
    expect(portal.control.peakConcurrency()).toBe(0);
    await welcome();
    expect(portal.control.peakConcurrency()).toBe(1);
  });

  test('a rule sees method, path and query, the first that fits acts, and it can be removed', async () => {
    const { portal, welcome } = await welcomePortal();
    const remove = portal.control.interfere({
      on: ({ method, query }) => method === 'POST' && query.get('Key') === 'k',
      act: { kind: 'answer', status: 500 },
    });
    portal.control.interfere({ on: onWelcome, act: { kind: 'answer', status: 429 } });
    expect((await welcome()).status).toBe(500);
    remove();
    expect((await welcome()).status).toBe(429);
  });

  test('an effect may be that of the pages too', async () => {
    const portal = await portalForTest();
    const act = { kind: 'answer', status: 500 } as const;
    portal.control.interfere({ on: ({ path }) => path === '/', times: 1, act });
    expect((await send({ url: portal.url })).status).toBe(500);
    expect((await send({ url: portal.url })).status).toBe(200);
  });
});

describe('the record of requests', () => {
  test('says method, path, query, route, status and what kind of authorization', async () => {
    const portal = await portalForTest({ now: () => 1_800_000_000_000 });
    const { control, accountId } = portal;
    await call(portal, { path: `portal/users/${accountId}?fields=id` });
    await call(portal, { path: 'people/@self', authorization: control.sessionToken(accountId) });
    await call(portal, { path: 'people/@self', authorization: null });
    await call(portal, { path: 'nothing/here', authorization: 'rubbish' });
    expect(control.requests()).toEqual([
      {
        at: 1_800_000_000_000,
        method: 'GET',
        path: `/api/2.0/portal/users/${accountId}`,
        query: 'fields=id',
        route: '/api/2.0/portal/users/:userId',
        status: 200,
        authorization: 'key',
      },
      expect.objectContaining({ status: 200, authorization: 'token' }),
      expect.objectContaining({ status: 401, authorization: 'none' }),
      expect.objectContaining({
        status: 404,
        authorization: 'other',
        route: '/api/2.0/nothing/here',
      }),
    ]);
    control.clearRequests();
    expect(control.requests()).toEqual([]);
  });
});

describe('starting and stopping', () => {
  test('a stopped portal frees its port, even with requests and deliveries under way', async () => {
    const portal = await startPortal({ queuePauseMs: 2 });
    portal.control.interfere({ on: () => true, act: { kind: 'hang' } });
    const hanging = call(portal, { path: 'people/@self' }).catch((error: unknown) => error);
    await until('the request has arrived', () => portal.control.requests().length === 1);
    await portal.stop();
    expect(await hanging).toBeInstanceOf(Error);
    const port = Number(new URL(portal.url).port);
    const again = await portalForTest({ port });
    expect(again.url).toBe(portal.url);
  });

  test('a port that is taken is an error at the start', async () => {
    const portal = await portalForTest();
    const port = Number(new URL(portal.url).port);
    await expect(startPortal({ port })).rejects.toThrow(/EADDRINUSE/);
  });
});
