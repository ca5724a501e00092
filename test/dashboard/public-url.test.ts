import { expect, test } from 'vitest';
import { en } from '../../src/dashboard/locales/en.ts';
import { adminToken, startWorld } from '../support/world.ts';
import { ask, form, signIn } from './hostile-support.ts';

/* The service behind a foreign proxy: a path in PUBLIC_URL, and a changed header `Host`. */

/** Every address that a page links to. */
function addressesIn(page: string): string[] {
  return [...page.matchAll(/ (?:href|action|src|hx-get)="([^"]*)"/g)].map(([, to]) => to ?? '');
}

test.each([
  ['takes the path away', ''],
  ['passes the path on', '/welcome'],
])('a path in PUBLIC_URL works for every page when the proxy %s', async (_which, prefix) => {
  const world = await startWorld({
    withWebhook: false,
    settings: { PUBLIC_URL: 'https://host.example/welcome' },
  });
  const wish = { employeeType: 'Guest', email: 'ann@example.com' };
  const { id } = (await world.api('POST', '/api/invitations', wish)).json;

  const body = new URLSearchParams({ token: adminToken, next: '/people' }).toString();
  const signedIn = await ask(world, 'POST', `${prefix}/sign-in`, { body, headers: form });
  expect(signedIn.location).toBe('/welcome/people');
  const headers = { cookie: signedIn.cookie ?? '' };

  const paths = ['/', '/invitations', '/people', '/invite', '/health', `/invitations/${id}`];
  for (const path of paths) {
    const page = await ask(world, 'GET', `${prefix}${path}`, { headers });
    expect([path, page.status]).toEqual([path, 200]);
    const addresses = addressesIn(page.text);
    expect(addresses.length).toBeGreaterThan(10);
    expect(addresses.filter((to) => !to.startsWith('/welcome/') && to !== '#main')).toEqual([]);
  }
  const [asset] = addressesIn((await ask(world, 'GET', `${prefix}/sign-in`)).text);
  expect((await ask(world, 'GET', `${prefix}${asset?.slice('/welcome'.length)}`)).status).toBe(200);

  const signOut = await ask(world, 'POST', `${prefix}/sign-out`, {
    headers: { ...form, ...headers },
  });
  expect(signOut.location).toBe('/welcome/sign-in');
  const away = await ask(world, 'GET', `${prefix}/people?state=ready`);
  expect(away.location).toBe('/welcome/sign-in?next=%2Fpeople%3Fstate%3Dready');
});

test('the cookie of a service below a path is not sent to neighbouring paths', async () => {
  const world = await startWorld({
    withWebhook: false,
    settings: { PUBLIC_URL: 'https://host.example/welcome/' },
  });
  const body = new URLSearchParams({ token: adminToken }).toString();
  const { setCookie } = await ask(world, 'POST', '/sign-in', { body, headers: form });
  expect(setCookie).toContain('; Path=/welcome;');
});

test('if a proxy changes Host, the refused sign-in names the header to pass on', async () => {
  const world = await startWorld({ withWebhook: false });
  const body = new URLSearchParams({ token: adminToken }).toString();
  const headers = { ...form, origin: 'http://welcome.lan' };

  const { status, text } = await ask(world, 'POST', '/sign-in', { body, headers });

  const { host } = new URL(world.service.url);
  expect(status).toBe(403);
  expect(text).toContain(en.common.hostChanged('http://welcome.lan', host));
});

test('a form that the browser reports as foreign gets no advice about proxies', async () => {
  const world = await startWorld({ withWebhook: false });
  const cookie = await signIn(world);
  const origin = 'https://evil.example';
  const headers = { ...form, cookie, origin, 'sec-fetch-site': 'cross-site' };

  const { status, text } = await ask(world, 'POST', '/health/pause', { headers });

  expect(status).toBe(403);
  expect(text).toContain(en.common.crossSite);
  expect(text).not.toContain('proxy_set_header');
});
