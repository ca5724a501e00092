import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { en } from '../../src/dashboard/locales/en.ts';
import { startMailServer } from '../channels/support.ts';
import { memberBecomes } from '../support/world.ts';
import { browserOfThisFile, chipSays, signedIn } from './support.ts';

const browser = browserOfThisFile();

// The service trusts the authorities that Node trusts. The certificate of the test is not from one
// of them.
beforeEach(() => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const name = {
  firstName: `<img src=x onerror="document.title='run'">`,
  lastName: `"'></dd><script>document.title='run'</script>\u202eevil\u2066`,
};
const note = `</div><b>bold</b> "quoted" 'single' & &lt;entity&gt; \u200f\u202eesrever {{mustache}} hx-get="/evil"`;

test('a person and a note full of HTML, quotes and direction marks are shown as text', async () => {
  const { page, world } = await signedIn(browser());
  const { json } = await world.api('POST', '/api/invitations', {
    employeeType: 'Guest',
    email: `o'brien+"x@example.com`.replace('"', ''),
    note,
  });
  const userId = world.portal.control.register({ link: json.link, email: json.email, ...name });
  world.portal.control.confirmEmail(userId);
  await memberBecomes(world, userId, 'welcomed');

  await page.goto(`/invitations/${json.id}`);
  await chipSays(page, 'welcomed');
  const facts = page.locator('dl.facts').first();
  expect(await facts.getByText('<img src=x').textContent()).toBe(
    `${name.firstName} ${name.lastName}`,
  );
  expect(await facts.getByText('</div><b>bold</b>').textContent()).toBe(note);
  for (const path of ['/invitations', '/people', '/people?state=welcomed']) {
    await page.goto(path);
    await page.getByRole('link', { name: json.email }).waitFor();
    const text = await page.locator('tbody').textContent();
    expect(text).toContain(path === '/invitations' ? note : name.firstName);
  }
  expect(await page.locator('main b, main img, main script').count()).toBe(0);
  expect(await page.title()).not.toBe('run');
});

test('a mark that changes the direction of writing has no effect after the note that contains it', async () => {
  const { page, world } = await signedIn(browser());
  const { json } = await world.api('POST', '/api/invitations', {
    employeeType: 'Guest',
    email: 'ann@example.com',
    note: 'abc\u202edef',
  });
  for (const [path, place] of [
    [`/invitations/${json.id}`, 'dl.facts dd'],
    ['/invitations', 'td.who div'],
  ] as const) {
    await page.goto(path);
    const found = `Array.from(document.querySelectorAll('${place}'))`;
    const others = await page.evaluate(
      `${found}.filter((one) => getComputedStyle(one).display !== 'block').length`,
    );
    expect([path, others]).toEqual([path, 0]);
  }
});

test('the search text in the address is shown as text too', async () => {
  const { page, expectComplaint } = await signedIn(browser());
  expectComplaint(/404/);
  const q = `"><script>document.title='run'</script>' hx-get="/evil`;
  await page.goto(`/invitations?${new URLSearchParams({ q, status: '"><b>x</b>' })}`);
  expect(await page.getByLabel('Search').inputValue()).toBe(q);
  await page.goto(`/people/${encodeURIComponent(q)}`);
  expect(await page.locator('main b, main script').count()).toBe(0);
  expect(await page.title()).not.toBe('run');
});

test('the letter is shown as the person sees it, in a frame that runs no scripts', async () => {
  const mail = await startMailServer();
  const { page, world } = await signedIn(browser(), {
    world: {
      settings: {
        WELCOME_CHANNEL: 'smtp',
        SMTP_URL: mail.url,
        WELCOME_FROM: 'Example Office <office@example.com>',
      },
    },
  });
  const { json } = await world.api('POST', '/api/invitations', {
    employeeType: 'Guest',
    email: 'zoe@example.com',
  });
  const userId = world.portal.control.register({ link: json.link, email: json.email, ...name });
  await memberBecomes(world, userId, 'waiting');
  await page.goto(`/invitations/${json.id}`);
  await page.getByText(en.person.preview, { exact: true }).click();
  const frame = page.locator('iframe');
  expect(await frame.getAttribute('sandbox')).toBe('');
  const letter = page.frameLocator('iframe');
  await letter.getByText('Hello <img src=x').waitFor();
  expect(await letter.locator('script, img[src="x"]').count()).toBe(0);
  const answer = await page.context().request.get(`/people/${userId}/letter`);
  expect(answer.headers()['content-security-policy']).toMatch(/default-src 'none'.*sandbox$/);
  await page.getByText('Subject').waitFor();
  // The frame keeps its place while the page is updated.
  world.portal.control.confirmEmail(userId);
  await chipSays(page, 'welcomed');
  expect(await page.locator('#preview').getAttribute('open')).not.toBeNull();
  expect(mail.received).toHaveLength(1);
});
