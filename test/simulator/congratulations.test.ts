import { describe, expect, test } from 'vitest';
import { makeSignedKey } from '../../simulator/signed-keys.ts';
import { call, portalForTest, registerByLink } from './support.ts';

const MACHINE_KEY = '1123askdasjklasbnd';
const HOUR_MS = 3_600_000;
// The two vectors of docs/docspace-wire.md 6.2.
const VECTORS = [
  {
    userId: '4c65a238-ca50-4374-b904-0d51d4c1822b',
    tenantId: 1,
    machineKey: MACHINE_KEY,
    at: Date.parse('2026-08-20T10:15:30.000Z'),
    key: '524916930000.MG2RWMFBUVU4CV3RSMZIAH3WZFW1ZEABOFJGFWD3Y',
  },
  {
    userId: '9924256a-739c-462b-af15-e652a3b1b6eb',
    tenantId: 7,
    machineKey: 'your_core_machinekey',
    at: Date.parse('2026-08-20T23:59:59.999Z'),
    key: '524966399999.MFYCLMIWLOU4JYODRVWCX7KXLQLADRJFQBEJ3ZPZ8',
  },
] as const;

function congratulate(input: { userId?: string; key?: string }) {
  const query = new URLSearchParams({
    ...(input.userId === undefined ? {} : { Userid: input.userId }),
    ...(input.key === undefined ? {} : { Key: input.key }),
  });
  return {
    method: 'POST',
    path: `portal/sendcongratulations?${query}`,
    authorization: null,
  } as const;
}

function keyFor(userId: string, atMs: number): string {
  return makeSignedKey({ text: `${userId}Auth`, tenantId: 1, machineKey: MACHINE_KEY, atMs });
}

describe('POST portal/sendcongratulations', () => {
  test.each(VECTORS)(
    'accepts the key vector of docs/docspace-wire.md 6.2 for tenant $tenantId for one hour',
    async (v) => {
      let now = v.at;
      const portal = await portalForTest({
        tenantId: v.tenantId,
        machineKey: v.machineKey,
        now: () => now,
      });
      const asked = congratulate({ userId: v.userId, key: v.key });
      const atOnce = await call(portal, asked);
      expect(atOnce.status).toBe(200);
      now = v.at + HOUR_MS;
      expect((await call(portal, asked)).status).toBe(200);
      now = v.at + HOUR_MS + 1;
      expect((await call(portal, asked)).status).toBe(403);
    },
  );

  test('answers without a response and with count 0, and repeats the whole query in links', async () => {
    const portal = await portalForTest();
    const userId = await registerByLink(portal, 'bob@example.com');
    const key = keyFor(userId, Date.now());
    const answer = await call(portal, congratulate({ userId, key }));
    expect(answer.text).toBe(
      `{"count":0,"links":[{"href":"${portal.url}/api/2.0/portal/sendcongratulations?Userid=${userId}&Key=${key}","action":"POST"}],"status":0,"statusCode":200}`,
    );
    expect(portal.control.congratulations()).toMatchObject([{ userId, key }]);
  });

  test('has its effect again at each call with the same key', async () => {
    const portal = await portalForTest();
    const userId = await registerByLink(portal, 'bob@example.com');
    const asked = congratulate({ userId, key: keyFor(userId, Date.now()) });
    await call(portal, asked);
    await call(portal, asked);
    expect(portal.control.congratulations()).toHaveLength(2);
  });

  test('accepts a time in the future and a code in lower case', async () => {
    const portal = await portalForTest();
    const userId = await registerByLink(portal, 'bob@example.com');
    const key = keyFor(userId, Date.now() + HOUR_MS).toLowerCase();
    expect((await call(portal, congratulate({ userId, key }))).status).toBe(200);
  });

  test.each(['welcome_guest', '1.2.3', 'abc.DEF', '524916930000.WRONG', '.', '12'])(
    'refuses the malformed or wrong key %s with 403 and has no effect',
    async (key) => {
      const portal = await portalForTest();
      const userId = await registerByLink(portal, 'bob@example.com');
      const answer = await call(portal, congratulate({ userId, key }));
      expect(answer.status).toBe(403);
      expect(answer.json.error.message).toBe('Access denied');
      expect(portal.control.congratulations()).toEqual([]);
    },
  );

  test('refuses the key of another user', async () => {
    const portal = await portalForTest();
    const userId = await registerByLink(portal, 'bob@example.com');
    const key = keyFor(portal.accountId, Date.now());
    expect((await call(portal, congratulate({ userId, key }))).status).toBe(403);
  });

  test('answers 400 without a Key, the validation form for a bad Userid, 403 without one', async () => {
    const portal = await portalForTest();
    const noKey = await call(portal, congratulate({ userId: portal.accountId }));
    expect(noKey).toMatchObject({ status: 400, json: { status: 1, error: {} } });
    const badId = await call(portal, congratulate({ userId: 'bob', key: 'k' }));
    expect(badId.status).toBe(400);
    expect(badId.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(badId.json.response.errors).toHaveProperty('Userid');
    expect((await call(portal, congratulate({ key: 'k' }))).status).toBe(403);
  });

  test('answers 200 for an unknown user with a right key, without an effect', async () => {
    const portal = await portalForTest();
    const userId = '4c65a238-ca50-4374-b904-0d51d4c1822b';
    const asked = congratulate({ userId, key: keyFor(userId, Date.now()) });
    expect((await call(portal, asked)).status).toBe(200);
    expect(portal.control.congratulations()).toEqual([]);
  });

  test('with keyCheck any takes every key that is not empty: the one departure from the wire', async () => {
    const portal = await portalForTest({ keyCheck: 'any' });
    const userId = await registerByLink(portal, 'bob@example.com');
    expect((await call(portal, congratulate({ userId, key: 'welcome_guest' }))).status).toBe(200);
    expect((await call(portal, congratulate({ userId, key: '' }))).status).toBe(400);
    expect(portal.control.congratulations()).toHaveLength(1);
  });

  test('takes parameter names in any case', async () => {
    const portal = await portalForTest({ keyCheck: 'any' });
    const path = `portal/sendcongratulations?USERID=${portal.accountId}&key=x`;
    const answer = await call(portal, { method: 'POST', path, authorization: null });
    expect(answer.status).toBe(200);
    expect(portal.control.congratulations()).toHaveLength(1);
  });
});
