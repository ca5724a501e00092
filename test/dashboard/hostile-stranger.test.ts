import { expect, test } from 'vitest';
import { startWorld } from '../support/world.ts';
import { ask, form } from './hostile-support.ts';

/* A visitor without a session: their requests cost little, and bad ones are their fault. */

test.each(['/sign-in', '/language', '/sign-out'])(
  "a stranger's form for %s may not be large, because reading its fields would delay the webhook",
  async (path) => {
    const world = await startWorld({ withWebhook: false });
    const body = 'a&'.repeat(20 * 1024);

    const { status } = await ask(world, 'POST', path, { body, headers: form });

    expect(status).toBe(413);
  },
);

test.each([
  ['without its boundary', 'multipart/form-data'],
  ['that is none', 'multipart/form-data; boundary=parting'],
])('a form %s is a fault of the sender, not of the service', async (_which, type) => {
  const world = await startWorld({ withWebhook: false });

  for (const path of ['/sign-in', '/language']) {
    const headers = { 'content-type': type };
    const { status } = await ask(world, 'POST', path, { body: 'none', headers });
    expect(status).toBe(400);
  }

  expect(world.log.filter((line) => line.includes('"level":"error"'))).toEqual([]);
});
