import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import type { Download, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { en } from '../../src/dashboard/locales/en.ts';
import { browserOfThisFile, flash, patienceMs, signedIn } from './support.ts';

const browser = browserOfThisFile();

function upload(page: Page, content: string | Buffer, name = 'people.csv'): Promise<void> {
  return page
    .getByLabel('CSV file')
    .setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(content) });
}

async function sendFile(page: Page): Promise<void> {
  await page.getByRole('button', { name: en.invite.upload }).click();
}

async function rowsOf(download: Download): Promise<Record<string, string>[]> {
  return parse(await readFile(await download.path()), { bom: true, columns: true });
}

async function downloadBy(page: Page, name: string): Promise<Record<string, string>[]> {
  const download = page.waitForEvent('download', { timeout: patienceMs });
  await page.getByRole('link', { name }).click();
  return rowsOf(await download);
}

test('a table with a bad row, a duplicate and umlauts is uploaded, and the result file has an answer for each row', async () => {
  const { page, world } = await signedIn(browser());
  await page.goto('/invite');
  await upload(
    page,
    [
      'Note;E-Mail;Type',
      '"Büro Köln – ""Jürgen & Söhne""";juergen@example.com;',
      ';nobody-at-all;guest',
      'zum zweiten Mal;JUERGEN@example.com;User',
      '=1+1;zoe@example.com;roomadmin',
    ].join('\r\n'),
  );
  await sendFile(page);
  await page.waitForURL('**/invite/runs/run_*');
  await page.getByText('Finished.').waitFor();
  expect(await page.locator('tbody tr').count()).toBe(4);
  const results = await downloadBy(page, en.run.download);
  expect(results.map(({ row, email, result }) => [row, email, result])).toEqual([
    ['2', 'juergen@example.com', 'invited'],
    ['3', 'nobody-at-all', 'not valid'],
    ['4', 'JUERGEN@example.com', 'duplicate in the file'],
    ['5', 'zoe@example.com', 'invited'],
  ]);
  expect(results[0]?.['link']).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/s\//);

  await page.goto('/invitations');
  await page.getByText('Büro Köln – "Jürgen & Söhne"').waitFor();
  const log = await downloadBy(page, en.invitations.download);
  expect(log.map(({ email, note, employeeType, status }) => [email, note, employeeType, status]))
    // The newest comes first. A formula is written as text.
    .toEqual(
      expect.arrayContaining([
        ['juergen@example.com', 'Büro Köln – "Jürgen & Söhne"', 'Guest', 'issued'],
        ['zoe@example.com', "'=1+1", 'RoomAdmin', 'issued'],
      ]),
    );

  // Uploading the result file invites nobody twice.
  await page.goto('/invitations');
  const download = page.waitForEvent('download', { timeout: patienceMs });
  await page.getByRole('link', { name: en.invitations.download }).click();
  const bytes = await readFile(await (await download).path());
  await page.goto('/invite');
  await upload(page, bytes, 'invitations.csv');
  await sendFile(page);
  await page.getByText('Finished.').waitFor();
  expect(await page.locator('.counts').innerText()).toBe('already invited 2');
  expect((await world.api('GET', '/api/invitations')).json.items).toHaveLength(2);
});

test('uploading the same file again invites nobody twice, not even by its open links', async () => {
  const { page, world } = await signedIn(browser());
  const table = 'email,type,mode\na@example.com,User,\n,Guest,open-link\n,Guest,open-link\n';
  for (const name of ['people.csv', 'the same elsewhere.csv']) {
    await page.goto('/invite');
    await upload(page, table, name);
    await sendFile(page);
    await page.getByText('Finished.').waitFor();
  }
  expect(await page.locator('.counts').innerText()).not.toContain(' failed');
  expect((await world.api('GET', '/api/invitations')).json.items).toHaveLength(3);
});

test.each([
  ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0xfe]), 'is not UTF-8'],
  ['no heading', 'name,phone\nAnn,1', 'has no column "email"'],
  ['a heading alone', 'email,note\n', 'has no row below its heading'],
])('a file that is %s is refused, and the page says why', async (_, content, why) => {
  const { page, world, expectComplaint } = await signedIn(browser());
  expectComplaint(/422/);
  await page.goto('/invite');
  await upload(page, content);
  await sendFile(page);
  await page.getByRole('alert').waitFor();
  expect(await page.getByRole('alert').innerText()).toContain(why);
  expect((await world.api('GET', '/api/invitations')).json.items).toEqual([]);
});

test('more addresses than allowed are refused with a message, not by a broken connection', async () => {
  const { page, world } = await signedIn(browser());
  await page.goto('/invite');
  await upload(page, Buffer.alloc(8 * 1024 * 1024 + 1, 'a'));
  await sendFile(page);
  expect(await flash(page)).toContain(en.common.tooLarge);
  // Sent as the form would send it, because a browser takes long to show so much text in a field.
  const answer = await page.context().request.post('/invite', {
    form: { addresses: 'a@example.com\n'.repeat(160_000) },
    headers: { origin: world.service.url },
  });
  expect(answer.status()).toBe(413);
  expect(await answer.text()).toContain(en.common.tooLarge);
});

test('many addresses are pasted at once, with any separator', {
  timeout: 40_000,
}, async () => {
  const { page, world } = await signedIn(browser());
  const addresses = Array.from({ length: 60 }, (_, i) => `person${i}@example.com`);
  const separators = ['\n', ', ', ';', '\t', '\r\n\r\n'];
  await page.goto('/invite');
  await page
    .getByLabel(en.invite.people)
    .fill(addresses.map((one, i) => one + separators[i % separators.length]).join(''));
  await page.locator('#employeeType').selectOption('User');
  await page.locator('form[action="/invite"]').getByText(en.invite.byEmail).click();
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await page.getByText('Finished.').waitFor({ timeout: 20_000 });
  expect(await page.locator('.counts').innerText()).toBe('invited 60');
  expect(world.portal.control.letters().filter(({ link }) => link)).toHaveLength(60);
  await page.goto('/invitations');
  expect(await page.locator('tbody tr').count()).toBe(50);
  await page.getByRole('link', { name: 'Older' }).click();
  expect(await page.locator('tbody tr').count()).toBe(10);
  await page.getByRole('link', { name: en.common.newest }).click();
  expect(await page.locator('tbody tr').count()).toBe(50);
});

test('while one address is wrong nobody is invited, and nothing has to be typed again', async () => {
  const { page, world, expectComplaint } = await signedIn(browser());
  expectComplaint(/422/);
  await page.goto('/invite');
  await page.getByLabel(en.invite.people).fill('good@example.com\n<b>bad</b>');
  await page.locator('#note').fill('for "Q4" & <more>');
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  expect(await page.getByRole('alert').innerText()).toContain('<b>bad</b>');
  expect(await page.getByLabel(en.invite.people).inputValue()).toBe('good@example.com\n<b>bad</b>');
  expect(await page.locator('#note').inputValue()).toBe('for "Q4" & <more>');
  await page.locator('form[action="/invite"]').getByText(en.invite.byEmail).click();
  await page.getByLabel(en.invite.people).fill('good@example.com');
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  expect(await page.getByRole('alert').innerText()).toContain(en.invite.noGuestMail);
  expect((await world.api('GET', '/api/invitations')).json.items).toEqual([]);
});

test('no address makes one open link', async () => {
  const { page, world } = await signedIn(browser());
  await page.goto('/invite');
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await page.getByRole('link', { name: 'Open link' }).click();
  const link = await page.locator('input.link').inputValue();
  world.portal.control.register({ link, email: 'a@example.com', firstName: 'A', lastName: 'B' });
  await page.getByRole('link', { name: 'a@example.com' }).click();
  await page.getByRole('link', { name: en.person.seeInvitation }).click();
  await page.getByRole('heading', { name: 'Open link' }).waitFor();
});

test('an invitation is found by a part of its note, by status and by day', async () => {
  const { page, world, expectComplaint } = await signedIn(browser());
  expectComplaint(/"2026-02-31" does not conform/);
  const invite = (email: string, note: string) =>
    world.api('POST', '/api/invitations', { employeeType: 'Guest', email, note });
  await invite('ann@example.com', 'Büro Köln');
  const { json } = await invite('bob@example.com', 'spring project');
  await world.api('POST', `/api/invitations/${json.id}/revoke`);
  const listed = () => page.locator('tbody .who a').allInnerTexts();
  await page.goto('/invitations');
  await page.getByLabel('Search').fill('büro');
  await page.getByRole('button', { name: 'Filter' }).click();
  expect(await listed()).toEqual(['ann@example.com']);
  await page.getByRole('link', { name: 'Clear' }).click();
  await page.getByLabel('Status').selectOption('revoked');
  await page.getByRole('button', { name: 'Filter' }).click();
  expect(await listed()).toEqual(['bob@example.com']);
  const today = new Date().toISOString().slice(0, 10);
  await page.goto(`/invitations?since=${today}&until=${today}`);
  expect(await listed()).toHaveLength(2);
  await page.goto('/invitations?until=2020-01-01');
  await page.getByText(en.invitations.none).waitFor();
  await page.goto('/invitations?status=none&since=2026-02-31');
  const fault = await flash(page);
  expect(fault).toBe(en.invitations.badFilter(`${en.invitations.status}, ${en.invitations.since}`));
});
