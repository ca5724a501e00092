import { describe, expect, test } from 'vitest';
import { addressesIn } from '../../src/dashboard/addresses.ts';
import { startWorld } from '../support/world.ts';
import { ask, form, signIn } from './hostile-support.ts';

describe('pasted text is read in one pass, whatever it contains', () => {
  const much = 1024 * 1024;
  test.each([
    ['an address in brackets beside a word without end', `<a@example.com> ${'b'.repeat(much)}`],
    ['an opened bracket before signs', `<${'@'.repeat(much)}`],
    ['opened brackets', '<'.repeat(much)],
    ['signs in brackets', `<${'@'.repeat(much)}>`],
  ])('%s', (_what, text) => {
    expect(addressesIn(text).length).toBeLessThanOrEqual(1);
  });
});

test('an address to which the portal mails nothing is named, with what to do', async () => {
  const world = await startWorld({ withWebhook: false });
  const cookie = await signIn(world);
  const given = { addresses: 'müller@example.com', employeeType: 'User', mode: 'email' };
  const body = new URLSearchParams(given).toString();

  const answer = await ask(world, 'POST', '/invite', { body, headers: { ...form, cookie } });

  expect(answer.status).toBe(422);
  expect(answer.text).toContain('The portal mails no invitation to müller@example.com.');
});

test('more addresses than may be invited at once are refused before any of them is checked', async () => {
  const world = await startWorld({ withWebhook: false });
  const cookie = await signIn(world);
  const body = `addresses=${'a+'.repeat(50_001)}`;

  const answer = await ask(world, 'POST', '/invite', { body, headers: { ...form, cookie } });

  expect(answer.status).toBe(422);
  expect(answer.text).toContain('50,000');
  expect(answer.text).not.toContain('is not an e-mail address');
});
