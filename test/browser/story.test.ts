import { expect, test } from 'vitest';
import { en } from '../../src/dashboard/locales/en.ts';
import { browserOfThisFile, chipSays, disclose, patienceMs, signedIn } from './support.ts';

const browser = browserOfThisFile();

test('from the invitation to the welcome, seen in a page that updates itself', {
  timeout: 60_000,
}, async () => {
  const { page, context, world } = await signedIn(browser());
  await page.getByRole('link', { name: 'Invite', exact: true }).click();
  await page.getByLabel(en.invite.people).fill('Zoe.Muller@Example.com');
  await page.locator('#note').fill('spring project');
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await page.waitForURL('**/invite/runs/*');
  await chipSays(page, 'invited');
  await page.getByRole('link', { name: 'Zoe.Muller@Example.com' }).click();
  await page.waitForURL('**/invitations/inv_*');
  await chipSays(page, 'issued');
  const link = await page.locator('input.link').inputValue();
  await page.evaluate('window.neverLoadedAgain = true');

  const guest = await context.newPage();
  await guest.goto(link);
  await guest.getByLabel('First name').fill('Zoë');
  await guest.getByLabel('Last name').fill('O’Müller');
  await guest.getByLabel('E-mail').fill('zoe.muller@example.com');
  await guest.getByRole('button', { name: 'Join' }).click();
  await guest.getByText('One more step').waitFor();
  await chipSays(page, 'waiting');
  await page.getByText('Zoë O’Müller').waitFor();
  expect(world.portal.control.congratulations()).toHaveLength(0);
  // A used link cannot be used again, so it is no longer on the page.
  expect(await page.locator('input.link').count()).toBe(0);

  await guest.getByRole('button', { name: 'Confirm e-mail' }).click();
  await guest.getByText('You are in').waitFor();
  await chipSays(page, 'welcomed');
  await page.getByText(en.next.welcomed).waitFor();
  const timeline = await page.locator('.timeline').innerText();
  for (const words of ['issued', 'user.created received', 'registered', 'welcomed']) {
    expect(timeline).toContain(words);
  }
  expect(await page.evaluate('window.neverLoadedAgain')).toBe(true);
  expect(world.portal.control.congratulations()).toHaveLength(1);

  await page.getByRole('link', { name: 'Overview' }).click();
  const funnel = page.getByRole('table', { name: 'Shows how far invited people have come' });
  for (const step of ['Invited', 'Registered', 'Activated', 'Welcomed']) {
    const row = funnel.getByRole('row', { name: new RegExp(`^${step}`) });
    expect(await row.innerText()).toMatch(/1\s+100%/);
  }
});

test('the overview updates its counts, and an open disclosure stays open', {
  timeout: 60_000,
}, async () => {
  const { page, world } = await signedIn(browser());
  await page.getByText(en.overview.funnelEmpty).waitFor();
  await page.locator('#day-figures summary').click();
  await page.locator('#day-figures table').waitFor();
  await page.evaluate('window.neverLoadedAgain = true');
  await world.api('POST', '/api/invitations', { employeeType: 'Guest', email: 'a@example.com' });
  const row = page.getByRole('row', { name: /^Invited/ });
  await row.waitFor({ timeout: patienceMs });
  const newestDay = page.locator('#day-figures tbody tr').first();
  expect(await newestDay.locator('td').allInnerTexts()).toEqual(['1', '0', '0']);
  expect(await page.locator('#day-figures').getAttribute('open')).not.toBeNull();
  expect(await page.evaluate('window.neverLoadedAgain')).toBe(true);
});

test('a half-typed search, the focus and an open confirmation survive the update', {
  timeout: 60_000,
}, async () => {
  const { page, world } = await signedIn(browser());
  const invite = (email: string) =>
    world.api('POST', '/api/invitations', { employeeType: 'Guest', email });
  await invite('first@example.com');
  await page.goto('/invitations');
  await page.getByLabel('Search').pressSequentially('half ty');
  await page.getByLabel('Status').selectOption('welcomed');
  await page.getByLabel('Search').focus();
  await invite('second@example.com');
  await page.getByRole('link', { name: 'second@example.com' }).waitFor();
  expect(await page.getByLabel('Search').inputValue()).toBe('half ty');
  expect(await page.getByLabel('Status').inputValue()).toBe('welcomed');
  await page.keyboard.type('ped');
  expect(await page.getByLabel('Search').inputValue()).toBe('half typed');

  const { json } = await world.api('POST', '/api/invitations', { employeeType: 'Guest' });
  await page.goto(`/invitations/${json.id}`);
  await disclose(page, en.actions.revoke);
  const yes = page.getByRole('button', { name: en.actions.revokeYes });
  await yes.focus();
  const { link } = json;
  const person = { email: 'third@example.com', firstName: 'T', lastName: 'P' };
  world.portal.control.register({ link, ...person });
  await page.getByRole('link', { name: 'third@example.com' }).waitFor();
  expect(await page.evaluate('document.activeElement.textContent')).toBe(en.actions.revokeYes);
  expect(await yes.isVisible()).toBe(true);
});

test('the page says when the service does not answer, and when it answers again', {
  timeout: 60_000,
}, async () => {
  const { page, context, expectComplaint } = await signedIn(browser());
  expectComplaint(/ERR_INTERNET_DISCONNECTED|Failed to fetch/);
  const lost = page.getByText('The service does not answer.');
  expect(await lost.isVisible()).toBe(false);
  await context.setOffline(true);
  await lost.waitFor();
  await context.setOffline(false);
  await lost.waitFor({ state: 'hidden' });
});

test('the link is copied with one click, and the button says so', async () => {
  const { page, context, world } = await signedIn(browser());
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { json } = await world.api('POST', '/api/invitations', { employeeType: 'User' });
  await page.goto('/invitations');
  await page.getByRole('button', { name: 'Copy link' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(json.link);
});

test('a reader can stop the updates and continue them', {
  timeout: 60_000,
}, async () => {
  const { page } = await signedIn(browser());
  await page.clock.install();
  await page.goto('/invitations');
  let updates = 0;
  page.on('request', (request) => {
    if (request.headers()['hx-request'] === 'true') updates += 1;
  });
  await page.getByRole('button', { name: en.frame.stopLive }).click();
  await page.clock.runFor(20_000);
  expect(updates).toBe(0);
  await page.getByRole('button', { name: en.frame.goOnLive }).click();
  const answered = page.waitForResponse((answer) => answer.url().endsWith('/invitations'));
  await page.clock.runFor(4_000);
  await answered;
  expect(updates).toBeGreaterThan(0);
  await page.getByRole('button', { name: en.frame.stopLive }).waitFor();
});
