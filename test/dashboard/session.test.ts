import { expect, test } from 'vitest';
import { createMovableClock } from '../support/clock.ts';
import { adminToken, call, startWorld, type World } from '../support/world.ts';

const form = 'application/x-www-form-urlencoded';

/** Posts a form with its origin, as a browser does. */
function post(world: World, path: string, fields: Record<string, string>, headers = {}) {
  return call(world.service.url, 'POST', path, new URLSearchParams(fields).toString(), {
    'content-type': form,
    origin: world.service.url,
    ...headers,
  });
}

/** Signs in and returns the cookie as a browser sends it. */
async function cookieOf(world: World, zone = 'Europe/Berlin'): Promise<string> {
  const answer = await post(world, '/sign-in', { token: adminToken, zone, next: '/' });
  expect([answer.status, answer.headers['location']]).toEqual([303, '/']);
  return String(answer.headers['set-cookie']).split(';')[0] ?? '';
}

async function opens(world: World, cookie: string): Promise<boolean> {
  const { status } = await call(world.service.url, 'GET', '/health', undefined, { cookie });
  return status === 200;
}

test('a session lasts a working day and not longer', async () => {
  const clock = createMovableClock();
  const world = await startWorld({ withWebhook: false, surroundings: { clock } });
  const cookie = await cookieOf(world);
  clock.move(11.9 * 3_600_000);
  expect(await opens(world, cookie)).toBe(true);
  clock.move(0.2 * 3_600_000);
  expect(await opens(world, cookie)).toBe(false);
});

test('a restart keeps people signed in, and a new ADMIN_TOKEN signs everybody out', async () => {
  const world = await startWorld({ withWebhook: false });
  const cookie = await cookieOf(world);
  const again = await world.restart();
  expect(await opens(again, cookie)).toBe(true);
  const changed = await again.restart({ ADMIN_TOKEN: 'another-admin-token-of-tests' });
  expect(await opens(changed, cookie)).toBe(false);
});

test('signing out ends only that session', async () => {
  const world = await startWorld({ withWebhook: false });
  const one = await cookieOf(world);
  const other = await cookieOf(world);
  expect((await post(world, '/sign-out', {}, { cookie: one })).status).toBe(303);
  expect([await opens(world, one), await opens(world, other)]).toEqual([false, true]);
});

test('a sign-out lasts across a restart, and only for that session', async () => {
  const world = await startWorld({ withWebhook: false });
  const one = await cookieOf(world);
  const other = await cookieOf(world);
  await post(world, '/sign-out', {}, { cookie: one });
  const again = await world.restart();
  expect([await opens(again, one), await opens(again, other)]).toEqual([false, true]);
});

test('only sign-outs of sessions that have not ended yet are stored', async () => {
  const clock = createMovableClock();
  const world = await startWorld({ withWebhook: false, surroundings: { clock } });
  const { store } = world.service;
  const signOut = async () => {
    const cookie = await cookieOf(world);
    await post(world, '/sign-out', {}, { cookie });
    return /=(\w+)/.exec(cookie)?.[1] ?? '';
  };
  const first = await signOut();
  expect(await store.isSessionEnded(first)).toBe(true);
  clock.move(13 * 3_600_000);
  const second = await signOut();
  expect(await store.isSessionEnded(first)).toBe(false);
  expect(await store.isSessionEnded(second)).toBe(true);
});

test('a message after a redirect survives a restart, is shown once, and only to its session', async () => {
  const world = await startWorld({ withWebhook: false });
  const cookie = await cookieOf(world);
  const other = await cookieOf(world);
  const answer = await post(world, '/health/pause', {}, { cookie });
  const set = String(answer.headers['set-cookie']);
  expect(set).toMatch(/^docspace_welcome_flash=.*Max-Age=\d+;.*HttpOnly/);
  const flash = set.split(';')[0] ?? '';
  const again = await world.restart();
  const page = async (cookies: readonly string[]) => {
    const { headers, text } = await call(again.service.url, 'GET', '/health', undefined, {
      cookie: cookies.join('; '),
    });
    const removed = String(headers['set-cookie']).includes('docspace_welcome_flash=; Max-Age=0');
    return { isShown: text.includes('role="status"'), removed };
  };
  expect(await page([cookie, flash])).toEqual({ isShown: true, removed: true });
  expect(await page([cookie])).toEqual({ isShown: false, removed: false });
  expect(await page([other, flash])).toEqual({ isShown: false, removed: true });
  expect(await page([cookie, `${flash}x`])).toEqual({ isShown: false, removed: true });
});

test.each([
  '',
  'docspace_welcome=',
  'docspace_welcome=a.b.c',
  'docspace_welcome=x.9999999999999.UTC',
])('the cookie %j does not open any page', async (cookie) => {
  const world = await startWorld({ withWebhook: false });
  expect(await opens(world, cookie)).toBe(false);
});

test('an unknown zone is replaced by UTC, and cannot change the rest of the cookie', async () => {
  const world = await startWorld({ withWebhook: false });
  const cookie = await cookieOf(world, 'UTC; Domain=evil.example');
  const page = await call(world.service.url, 'GET', '/', undefined, { cookie });
  expect(page.text).toContain('Times in UTC.');
});

test('behind a proxy the cookie is for https only if the proxy or PUBLIC_URL says https', async () => {
  const world = await startWorld({
    withWebhook: false,
    settings: { PUBLIC_URL: 'https://welcome.example.com' },
  });
  const secure = async (headers: Record<string, string>) => {
    const answer = await post(world, '/sign-in', { token: adminToken }, headers);
    return /; Secure/.test(String(answer.headers['set-cookie']));
  };
  expect(await secure({})).toBe(false);
  expect(await secure({ 'x-forwarded-proto': 'https' })).toBe(true);
  expect(await secure({ 'x-forwarded-proto': 'http' })).toBe(false);
  const origin = 'https://welcome.example.com';
  expect(await secure({ host: 'welcome.example.com', origin })).toBe(true);
});

test.each([
  ['its own origin', {}, 303],
  ['no origin at all', { origin: '' }, 403],
  ['another origin', { origin: 'https://evil.example' }, 403],
  ['the same host by another port', { origin: 'http://127.0.0.1:1' }, 403],
  ['the null of a sandboxed frame', { origin: 'null' }, 403],
  ['a public address behind a proxy', { origin: 'https://welcome.example.com' }, 303],
  ['the browser’s word for it', { origin: 'null', 'sec-fetch-site': 'same-origin' }, 303],
  ['a sister site', { origin: 'https://x.example.com', 'sec-fetch-site': 'same-site' }, 403],
])('a form with %s is answered', async (_, headers, status) => {
  const world = await startWorld({
    withWebhook: false,
    settings: { PUBLIC_URL: 'https://welcome.example.com' },
  });
  const cookie = await cookieOf(world);
  const answer = await post(world, '/health/pause', {}, { cookie, ...headers });
  expect(answer.status).toBe(status);
  const { json } = await world.api('GET', '/api/stats');
  expect(json.pauses).toHaveLength(status === 303 ? 1 : 0);
});

// A browser sends the first two to another site without asking it, and the third only after asking.
test.each(['text/plain', 'multipart/form-data; boundary=x', 'application/json'])(
  'a body of the type %s from another site changes nothing',
  async (type) => {
    const world = await startWorld({ withWebhook: false });
    const cookie = await cookieOf(world);
    const elsewhere = { cookie, origin: 'https://evil.example', 'content-type': type };
    const answer = await post(world, '/health/pause', {}, elsewhere);
    const { json } = await world.api('GET', '/api/stats');
    expect([answer.status, json.pauses]).toEqual([403, []]);
  },
);

test('a page that updates itself after its session ended is told to sign in, and gets no page to insert', async () => {
  const world = await startWorld({ withWebhook: false });
  const answer = await call(world.service.url, 'GET', '/people?state=ready', undefined, {
    'hx-request': 'true',
  });
  expect([answer.status, answer.headers['hx-redirect'], answer.text]).toEqual([
    401,
    '/sign-in?next=%2Fpeople%3Fstate%3Dready',
    '',
  ]);
});

test('each further wrong token waits longer, up to a limit, and the count ends after a minute', async () => {
  const clock = createMovableClock();
  const waits: number[] = [];
  const hurried = {
    now: clock.now,
    elapsed: clock.elapsed,
    // The wait itself is skipped, because only its length matters here.
    schedule(at: number, work: () => void) {
      const ms = Math.round((at - clock.now()) / 50) * 50;
      if (![250, 500, 1_000, 2_000, 4_000].includes(ms)) return clock.schedule(at, work);
      waits.push(ms);
      return clock.schedule(clock.now(), work);
    },
  };
  const world = await startWorld({ withWebhook: false, surroundings: { clock: hurried } });
  waits.length = 0;
  const guess = () => post(world, '/sign-in', { token: 'guess' });
  for (let i = 0; i < 7; i += 1) expect((await guess()).status).toBe(401);
  expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 4_000, 4_000]);
  await cookieOf(world);
  expect(waits).toHaveLength(7);
  clock.move(61_000);
  await guess();
  expect(waits.at(-1)).toBe(250);
});
