import { expect, test } from 'vitest';
import { en } from '../../src/dashboard/locales/en.ts';
import { createMovableClock } from '../support/clock.ts';
import { adminToken, call } from '../support/world.ts';
import { browserOfThisFile, patienceMs, signedIn, signIn, visit, visitWorld } from './support.ts';

const browser = browserOfThisFile();
const cookieName = 'docspace_welcome';

test('a visitor who is not signed in gets the sign-in page, and then the page they asked for', async () => {
  const { page } = await visitWorld(browser());
  await page.goto('/invitations?status=issued');
  expect(new URL(page.url()).pathname).toBe('/sign-in');
  await page.getByLabel('Token').fill(adminToken);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/invitations?status=issued');
  expect(await page.getByLabel('Status').inputValue()).toBe('issued');
});

test('a wrong token is answered 401 with a message; each further one waits longer, a right one never', async () => {
  const clock = createMovableClock();
  const waits: number[] = [];
  const watched = {
    now: clock.now,
    elapsed: clock.elapsed,
    schedule(at: number, work: () => void) {
      // Rounded to a twentieth of a second, because the clock goes on between two reads.
      waits.push(Math.round((at - clock.now()) / 50) * 50);
      return clock.schedule(at, work);
    },
  };
  const { page, expectComplaint } = await visitWorld(browser(), {
    world: { surroundings: { clock: watched } },
  });
  expectComplaint(/401/);
  await page.goto('/sign-in');
  const delays: number[] = [];
  for (const token of ['wrong-token', adminToken.toUpperCase(), adminToken.slice(1)]) {
    const before = waits.length;
    await page.getByLabel('Token').fill(token);
    const answer = page.waitForResponse((one) => one.request().method() === 'POST');
    await page.getByRole('button', { name: 'Sign in' }).click();
    expect((await answer).status()).toBe(401);
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').innerText()).toBe(en.signIn.wrong);
    expect(await page.content()).not.toContain(token);
    delays.push(Math.max(...waits.slice(before).filter((ms) => [250, 500, 1_000].includes(ms))));
  }
  expect(delays).toEqual([250, 500, 1_000]);
  const before = waits.length;
  await signIn(page);
  expect(waits.slice(before).filter((ms) => ms > 1_000 && ms <= 4_000)).toEqual([]);
});

test.each(['https://evil.example/', '//evil.example', '/\\evil.example', 'javascript:alert(1)'])(
  'nobody is sent to %s after sign-in',
  async (next) => {
    const { page, world } = await visitWorld(browser());
    await page.goto(`/sign-in?${new URLSearchParams({ next })}`);
    await page.getByLabel('Token').fill(adminToken);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(page.url()).toBe(`${world.service.url}/`);
  },
);

test('after signing out, the old cookie does not open any page', async () => {
  const { page, context, world } = await signedIn(browser());
  const old = await context.cookies();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/sign-in');
  expect((await context.cookies()).map(({ name }) => name)).not.toContain(cookieName);
  const other = await visit(browser(), world);
  await other.context.addCookies(old);
  await other.page.goto('/health');
  expect(new URL(other.page.url()).pathname).toBe('/sign-in');
  await page.goBack();
  await page.waitForURL('**/sign-in*');
});

test('a cookie with one changed letter does not open any page', async () => {
  const { page, context } = await signedIn(browser());
  const [cookie] = await context.cookies();
  if (!cookie) throw new Error('there is no cookie after sign-in');
  for (const at of [5, cookie.value.indexOf('.') + 2, cookie.value.lastIndexOf('.') + 4]) {
    const letter = cookie.value[at] === '7' ? '8' : '7';
    const value = cookie.value.slice(0, at) + letter + cookie.value.slice(at + 1);
    await context.addCookies([{ ...cookie, value }]);
    await page.goto('/people');
    expect(new URL(page.url()).pathname).toBe('/sign-in');
  }
  await context.addCookies([cookie]);
  await page.goto('/people');
  expect(new URL(page.url()).pathname).toBe('/people');
});

test('a session that ends while a page is open leads to sign-in by itself, and then back', async () => {
  const clock = createMovableClock();
  const { page, expectComplaint } = await signedIn(browser(), {
    world: { surroundings: { clock } },
  });
  expectComplaint(/401/);
  await page.goto('/people?state=waiting');
  clock.move(13 * 3_600_000);
  await page.waitForURL('**/sign-in?*', { timeout: patienceMs });
  await page.getByLabel('Token').fill(adminToken);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/people?state=waiting');
});

test('scripts and other sites cannot use the cookie, and behind https it is sent over https only', async () => {
  const { context, page, world } = await signedIn(browser());
  const [plain] = await context.cookies();
  expect(plain).toMatchObject({
    name: cookieName,
    httpOnly: true,
    sameSite: 'Lax',
    secure: false,
    path: '/',
  });
  expect(await page.evaluate('document.cookie')).toBe('');
  const behind = await visit(browser(), world, {
    extraHTTPHeaders: { 'x-forwarded-proto': 'https' },
  });
  const answer = await behind.context.request.post('/sign-in', {
    form: { token: adminToken, zone: 'Europe/Berlin', next: '/' },
    maxRedirects: 0,
    headers: { origin: world.service.url },
  });
  expect(answer.status()).toBe(303);
  expect(answer.headers()['set-cookie']).toMatch(
    /^docspace_welcome=[^;]+;.*HttpOnly; Secure; SameSite=Lax$/,
  );
});

test('the cookie does not open the API, and a bearer token does not open a page', async () => {
  const { context, world } = await signedIn(browser());
  for (const path of ['/api/invitations', '/api/stats', '/metrics']) {
    expect((await context.request.get(path)).status()).toBe(401);
  }
  const page = await call(world.service.url, 'GET', '/health');
  expect([page.status, page.headers.location]).toEqual([303, '/sign-in?next=%2Fhealth']);
});

test('a form from another site is refused with a page that says why, and has no effect', async () => {
  const { context, page, world, expectComplaint } = await signedIn(browser());
  expectComplaint(/403/);
  // The portal's origin represents a foreign page. The test adds the cookie by hand.
  for (const path of ['/health/pause', '/invite', '/sign-out', '/language', '/people/retry']) {
    const answer = await context.request.post(path, {
      form: {},
      headers: { origin: world.portal.url, 'sec-fetch-site': 'cross-site' },
    });
    expect([path, answer.status()]).toEqual([path, 403]);
    expect(await answer.text()).toContain(en.common.crossSite);
  }
  await page.route(`${world.portal.url}/evil`, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<form method="post" action="${world.service.url}/health/pause"><button>x</button></form>`,
    }),
  );
  await page.goto(`${world.portal.url}/evil`);
  await page.getByRole('button').click();
  await page.getByText(en.common.crossSite).waitFor();
  expect((await world.api('GET', '/api/stats')).json.pauses).toEqual([]);
});

test('a page is not cached, cannot be framed, and runs no inline script', async () => {
  const { context } = await signedIn(browser());
  for (const path of ['/', '/invitations', '/invite', '/people', '/people/nobody', '/health']) {
    const headers = (await context.request.get(path)).headers();
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers['x-content-type-options']).toBe('nosniff');
  }
});

test('a link in a chat or mail opens the page for a person who is signed in', async () => {
  const { page, world } = await signedIn(browser());
  // The page of another site, such as a chat.
  await page.goto(`data:text/html,<a href="${world.service.url}/people?state=waiting">look</a>`);
  await page.getByRole('link').click();
  await page.waitForURL('**/people?state=waiting');
  await page.getByRole('heading', { name: en.people.title }).waitFor();
});

test('the text that was typed into the form is still there after the session ended', async () => {
  const { page, context, world, expectComplaint } = await signedIn(browser());
  expectComplaint(/401/);
  await page.goto('/invite');
  await page.getByLabel(en.invite.people).fill('ann@example.com\nbob@example.com');
  await page.locator('#note').fill('spring project');
  await context.clearCookies();
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await page.getByText(en.signIn.textKept).waitFor();
  await page.getByLabel('Token').fill(adminToken);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText(en.invite.restored).waitFor();
  expect(await page.getByLabel(en.invite.people).inputValue()).toBe(
    'ann@example.com\nbob@example.com',
  );
  expect(await page.locator('#note').inputValue()).toBe('spring project');
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await page.waitForURL('**/invite/runs/*');
  expect((await world.api('GET', '/api/invitations')).json.items).toHaveLength(2);
});
