import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { call } from '../support/world.ts';
import { startCliSetup } from './support.ts';

test('a token is made, listed and revoked without a service, and stored only as a hash', async () => {
  const setup = await startCliSetup();
  const added = await setup.run('token', 'add', 'anna', '--role', 'viewer');
  const token = /^dsw_\S{43}$/m.exec(added.out)?.[0] ?? '';
  expect([added.code, token]).toEqual([0, expect.stringMatching(/^dsw_/)]);
  for (const end of ['', '-wal']) {
    const bytes = readFileSync(setup.databaseFile + end, { flag: 'a+' });
    expect(bytes.includes(token)).toBe(false);
  }
  const listed = await setup.run('token', 'list');
  expect([listed.code, listed.out]).toEqual([0, expect.stringMatching(/anna +viewer +20/)]);
  expect((await setup.run('token', 'revoke', 'anna')).code).toBe(0);
  expect((await setup.run('token', 'list', '--json')).json()).toEqual({ items: [] });
  const again = await setup.run('token', 'revoke', 'anna');
  expect([again.code, again.err]).toEqual([1, 'No token is named anna.']);
});

test('a running service accepts a new token at once, and no longer a revoked one', async () => {
  const setup = await startCliSetup();
  const { service } = await setup.serve();
  const added = await setup.run('token', 'add', 'bot-1', '--role', 'operator', '--json');
  expect(added.json()).toMatchObject({ name: 'bot-1', role: 'operator' });
  const headers = { authorization: `Bearer ${added.json().token}` };
  const stats = () => call(service.url, 'GET', '/api/stats', undefined, headers);
  expect((await stats()).status).toBe(200);
  const again = await setup.run('token', 'add', 'bot-1', '--role', 'viewer');
  expect([again.code, again.err]).toEqual([1, expect.stringContaining('choose another name')]);
  expect((await setup.run('token', 'revoke', 'bot-1')).code).toBe(0);
  expect((await stats()).status).toBe(401);
});

test.each([
  ['without a role', ['anna']],
  ['with a role that does not exist', ['anna', '--role', 'owner']],
  ['with a name that the log cannot show', ['Anna B.', '--role', 'viewer']],
])('token add %s is wrong usage', async (_says, args) => {
  const setup = await startCliSetup();
  const { code, err } = await setup.run('token', 'add', ...args);
  expect([code, err]).toEqual([64, expect.stringMatching(/\S/)]);
});
