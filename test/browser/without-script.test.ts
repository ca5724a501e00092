import { expect, test } from 'vitest';
import { en } from '../../src/dashboard/locales/en.ts';
import { inviteAndRegister, memberBecomes } from '../support/world.ts';
import { browserOfThisFile, chipSays, disclose, flash, signedIn } from './support.ts';

const browser = browserOfThisFile();
const context = { javaScriptEnabled: false } as const;

test('without scripts a person is invited and found, and the link is shown', async () => {
  const { page, world } = await signedIn(browser(), { context });
  await page.getByText('Times in UTC.').waitFor();
  await page.goto('/invite');
  await page.getByLabel(en.invite.people).fill('ann@example.com, bob@example.com');
  await page.locator('#note').fill('summer school');
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await page.getByText('Finished.').waitFor();
  expect(await page.locator('.counts').innerText()).toBe('invited 2');
  await page.goto('/invitations');
  expect(await page.getByRole('button', { name: 'Copy link' }).count()).toBe(0);
  await page.getByLabel('Search').fill('ann@');
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.getByRole('link', { name: 'ann@example.com' }).click();
  const link = await page.locator('input.link').inputValue();
  const { json } = await world.api('GET', '/api/invitations?email=ann@example.com');
  expect(link).toBe(json.items[0].link);
});

test('without scripts a table is uploaded', async () => {
  const { page } = await signedIn(browser(), { context });
  await page.goto('/invite');
  const buffer = Buffer.from('email\na@example.com\n');
  await page.getByLabel('CSV file').setInputFiles({ name: 'a.csv', mimeType: 'text/csv', buffer });
  await page.getByRole('button', { name: en.invite.upload }).click();
  await page.getByText('Finished.').waitFor();
  await chipSays(page, 'invited');
});

test('without scripts an unknown outcome is settled with the same confirmation, and sending is paused', async () => {
  const { page, world } = await signedIn(browser(), { context });
  const { control } = world.portal;
  control.interfere({
    on: ({ path }) => path.includes('sendcongratulations'),
    times: 1,
    act: { kind: 'answer', status: 502 },
  });
  const { userId } = await inviteAndRegister(world, 'ann@example.com');
  control.confirmEmail(userId);
  await memberBecomes(world, userId, 'unknown');
  await page.goto('/');
  await page.getByRole('link', { name: en.overview.settle }).click();
  await page.getByRole('link', { name: 'ann@example.com' }).click();
  const again = await disclose(page, en.actions.resolveRetry);
  expect(again.says).toBe(en.actions.resolveRetrySays);
  await again.yes();
  expect(await flash(page)).toBe(en.done.resolvedRetry);
  await memberBecomes(world, userId, 'welcomed');
  await page.goto('/health');
  await (await disclose(page, 'Pause sending')).yes();
  expect(await flash(page)).toBe(en.done.paused);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/sign-in');
});
