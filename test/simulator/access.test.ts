import { describe, expect, test } from 'vitest';
import { call, portalForTest } from './support.ts';

const SELF = { path: 'people/@self' } as const;
const CONGRATULATE = {
  method: 'POST',
  path: 'portal/sendcongratulations?Userid=4c65a238-ca50-4374-b904-0d51d4c1822b&Key=x',
} as const;

describe('who may call', () => {
  test('an API key works only as Bearer with one space and exact case', async () => {
    const portal = await portalForTest();
    const statusOf = async (authorization: string | null) =>
      (await call(portal, { ...SELF, authorization })).status;
    expect(portal.apiKey).toMatch(/^sk-[0-9a-f]{64}$/);
    expect(await statusOf(`Bearer ${portal.apiKey}`)).toBe(200);
    expect(await statusOf(portal.apiKey)).toBe(401);
    expect(await statusOf(`bearer ${portal.apiKey}`)).toBe(401);
    expect(await statusOf(`Bearer  ${portal.apiKey}`)).toBe(401);
    expect(await statusOf('Bearer aaa.bbb.ccc')).toBe(400);
    expect(await statusOf(null)).toBe(401);
  });

  test('a session token works raw, as Bearer and as a cookie that wins over the header', async () => {
    const portal = await portalForTest();
    const token = portal.control.sessionToken(portal.accountId);
    expect((await call(portal, { ...SELF, authorization: token })).status).toBe(200);
    expect((await call(portal, { ...SELF, authorization: `Bearer ${token}` })).status).toBe(200);
    const cookie = { Cookie: `asc_auth_key=${token}` };
    const both = await call(portal, { ...SELF, authorization: 'nonsense', headers: cookie });
    expect(both.status).toBe(200);
    const badCookie = { Cookie: 'asc_auth_key=nonsense' };
    const lost = await call(portal, { ...SELF, authorization: token, headers: badCookie });
    expect(lost.status).toBe(401);
  });

  test('a 401 has no body and no challenge, but for Basic', async () => {
    const portal = await portalForTest();
    const answer = await call(portal, { ...SELF, authorization: 'Bearer sk-wrong' });
    expect(answer).toMatchObject({ status: 401, text: '' });
    expect(answer.headers['www-authenticate']).toBeUndefined();
    const basic = await call(portal, { ...SELF, authorization: 'Basic YTpi' });
    expect(basic.headers['www-authenticate']).toBe('Basic');
  });

  test('a revoked key and the key of a disabled owner are 401', async () => {
    const portal = await portalForTest();
    const account = portal.control.addAccount({ email: 'a@example.com', type: 'DocSpaceAdmin' });
    const authorization = `Bearer ${account.apiKey}`;
    expect((await call(portal, { ...SELF, authorization })).status).toBe(200);
    portal.control.disable(account.userId);
    expect((await call(portal, { ...SELF, authorization })).status).toBe(401);
    portal.control.enable(account.userId);
    expect((await call(portal, { ...SELF, authorization })).status).toBe(200);
    portal.control.revokeKey(account.apiKey);
    expect((await call(portal, { ...SELF, authorization })).status).toBe(401);
  });

  // The endpoints of the service against five kinds of keys: y may, n may not.
  test.each([
    ['GET', 'portal/users/{owner}', 'yynnn'],
    ['GET', 'portal/users/invite/User', 'yynnn'],
    ['GET', 'settings/webhook', 'yynnn'],
    ['GET', 'settings/webhooks/log', 'yynnn'],
    ['DELETE', 'settings/webhook/99', 'nynnn'],
    ['GET', 'people/filter', 'yyyyn'],
    ['GET', 'people/email?email=owner@portal.example', 'yyyyn'],
    ['POST', 'people/invite', 'nynyn'],
    ['GET', 'people/@self', 'yynny'],
    ['GET', 'people/{owner}', 'yyyyy'],
    ['GET', 'keys/@self', 'yyyyy'],
  ] as const)(
    'the scopes of docs/docspace-wire.md 1.3 hold for %s %s',
    async (method, path, expected) => {
      const portal = await portalForTest();
      const scopes = ['*:read', '*:write', 'accounts:read', 'accounts:write', 'accounts.self:read'];
      const found = await Promise.all(
        scopes.map(async (scope, index) => {
          const email = `key${index}@example.com`;
          const permissions = [scope];
          const made = portal.control.addAccount({ email, type: 'DocSpaceAdmin', permissions });
          const authorization = `Bearer ${made.apiKey}`;
          const real = path.replace('{owner}', portal.accountId);
          const answer = await call(portal, { method, path: real, authorization });
          const refused = answer.status === 403 && answer.text === '';
          return refused ? 'n' : 'y';
        }),
      );
      expect(found.join('')).toBe(expected);
    },
  );

  test('the anonymous endpoint is 403 with a bad key or one without *:write', async () => {
    const portal = await portalForTest({ keyCheck: 'any' });
    const permissions = ['*:read'];
    const weak = portal.control.addAccount({ email: 'k@example.com', type: 'User', permissions });
    const bad = await call(portal, { ...CONGRATULATE, authorization: 'Bearer sk-wrong' });
    expect(bad.status).toBe(403);
    expect(bad.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    const withoutScope = { ...CONGRATULATE, authorization: `Bearer ${weak.apiKey}` };
    expect((await call(portal, withoutScope)).status).toBe(403);
    expect((await call(portal, CONGRATULATE)).status).toBe(200);
    expect((await call(portal, { ...CONGRATULATE, authorization: 'rubbish' })).status).toBe(200);
    expect((await call(portal, { ...CONGRATULATE, authorization: null })).status).toBe(200);
  });

  test('a suspended portal answers 404 to nearly everything', async () => {
    const portal = await portalForTest();
    portal.control.suspend();
    expect((await call(portal, SELF)).status).toBe(404);
    expect((await call(portal, CONGRATULATE)).status).toBe(404);
    portal.control.unsuspend();
    expect((await call(portal, SELF)).status).toBe(200);
  });

  test('an unpaid portal answers 402 but for the exempt endpoints', async () => {
    const portal = await portalForTest({ keyCheck: 'any' });
    portal.control.unpaid(true);
    const statusOf = async (path: string) => (await call(portal, { path })).status;
    expect(await statusOf(`portal/users/${portal.accountId}`)).toBe(402);
    expect(await statusOf('settings/webhook')).toBe(402);
    expect(await statusOf('people/email?email=owner@portal.example')).toBe(402);
    expect((await call(portal, CONGRATULATE)).status).toBe(402);
    expect(await statusOf('people/filter')).toBe(200);
    expect(await statusOf('people/@self')).toBe(200);
    expect(await statusOf(`people/${portal.accountId}`)).toBe(200);
    portal.control.unpaid(false);
    expect(await statusOf('settings/webhook')).toBe(200);
  });

  test('keys/@self fails for a session, tokendiagnostics names user and scopes', async () => {
    const portal = await portalForTest();
    const authorization = portal.control.sessionToken(portal.accountId);
    expect((await call(portal, { path: 'keys/@self', authorization })).status).toBe(500);
    const { json } = await call(portal, { path: 'people/tokendiagnostics' });
    expect(json.response.claims).toContain('scope:*:write');
    expect(json.response.claims[1]).toContain(`claims/sid:${portal.accountId}`);
  });
});

describe('rate limits', () => {
  test('the sliding minute answers 429 without a body and without Retry-After', async () => {
    let now = Date.now();
    const portal = await portalForTest({ now: () => now, rateLimits: { perMinute: 2 } });
    await call(portal, SELF);
    await call(portal, SELF);
    const third = await call(portal, SELF);
    expect(third).toMatchObject({ status: 429, text: '' });
    expect(third.headers).toMatchObject({ 'x-ratelimit-limit': '2', 'x-ratelimit-remaining': '0' });
    expect(third.headers['retry-after']).toBeUndefined();
    now += 60_000;
    expect((await call(portal, SELF)).status).toBe(200);
  });

  test('the day of writes says when it ends', async () => {
    const now = Date.parse('2026-08-20T23:59:00Z');
    const portal = await portalForTest({ now: () => now, rateLimits: { writesPerDay: 1 } });
    const write = { method: 'POST', path: 'people/invite', body: { invitations: [] } } as const;
    expect((await call(portal, write)).status).toBe(200);
    const second = await call(portal, write);
    expect(second).toMatchObject({ status: 429, text: '' });
    expect(second.headers).toMatchObject({
      'retry-after': '86400',
      'x-ratelimit-reset': String((now + 86_400_000) / 1_000),
    });
    expect((await call(portal, SELF)).status).toBe(200);
  });

  test('a sensitive endpoint takes five calls in 15 minutes', async () => {
    let now = Date.now();
    const rateLimits = { sensitivePer15Minutes: 5 };
    const portal = await portalForTest({ now: () => now, rateLimits });
    const resend = { method: 'PUT', path: 'people/invite', body: { userIds: [] } } as const;
    for (let count = 0; count < 5; count += 1) {
      expect((await call(portal, resend)).status).toBe(200);
    }
    expect((await call(portal, resend)).status).toBe(429);
    now += 15 * 60_000;
    expect((await call(portal, resend)).status).toBe(200);
  });
});
