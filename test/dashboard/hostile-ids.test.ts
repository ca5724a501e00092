import { expect, test } from 'vitest';
import { startWorld } from '../support/world.ts';
import { ask, form, signIn } from './hostile-support.ts';

test.each([
  '/invitations/nobody/revoke',
  '/invitations/%0d%0aX:y/resend',
  '/people/nobody/retry',
  '/people/%0d%0aX:y/retry',
  '/people/%00/resolve',
])('a request about an unknown id is answered with not found: %s', async (path) => {
  const world = await startWorld({ withWebhook: false });
  const headers = { ...form, cookie: await signIn(world) };

  const { status } = await ask(world, 'POST', path, { body: 'outcome=sent', headers });

  expect(status).toBe(404);
});
