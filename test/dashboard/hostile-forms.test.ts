import { expect, test } from 'vitest';
import { startWorld } from '../support/world.ts';
import { ask, form, signIn } from './hostile-support.ts';

test('a request that changes something must come from a page of this service, whatever its content type is', async () => {
  const world = await startWorld({ withWebhook: false });
  const cookie = await signIn(world);
  const statusOf = async (headers: Record<string, string>) =>
    (await ask(world, 'POST', '/health/resume', { body: '{}', headers: { ...headers, cookie } }))
      .status;

  for (const type of [form['content-type'], 'application/json', 'text/plain', 'a/b, text/plain']) {
    const elsewhere = { 'content-type': type, origin: 'http://elsewhere.example' };
    expect(await statusOf(elsewhere)).toBe(403);
    expect(await statusOf({ ...elsewhere, 'sec-fetch-site': 'same-site' })).toBe(403);
    expect(await statusOf({ 'content-type': type, origin: 'null' })).toBe(403);
  }
  expect(await statusOf(form)).toBe(303);
  expect(await statusOf({ ...form, origin: 'null', 'sec-fetch-site': 'same-origin' })).toBe(303);
});
