import { writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { startPortal } from '../support/portal.ts';
import { startCliSetup } from './support.ts';

/** A database that was used with a portal and has an outstanding link. */
async function usedDesk() {
  const setup = await startCliSetup();
  expect((await setup.run('invite', 'ann@example.com')).code).toBe(0);
  return setup;
}

test('the same portal at another address is accepted, and its dead links are listed', async () => {
  const setup = await usedDesk();
  const { port } = new URL(setup.portal.url);
  const to = `http://localhost:${port}`;
  writeFileSync(setup.envFile, `DOCSPACE_URL=${to}\n`, { flag: 'a' });
  const refused = await setup.run('retry', 'ann@example.com');
  expect([refused.code, refused.err]).toEqual([
    78,
    expect.stringContaining(`portal moved --to ${to}`),
  ]);
  const moved = await setup.run('portal', 'moved', '--to', to);
  expect(moved.code).toBe(0);
  expect(moved.out).toContain('1 unused links do not open any more');
  expect(moved.out).toContain('ann@example.com');
  expect((await setup.run('stats')).code).toBe(0);
});

test('another portal is refused, because its account is not known', async () => {
  const setup = await usedDesk();
  const other = await startPortal();
  onTestFinished(() => other.stop());
  // The owner of every simulated portal has the same id.
  const { apiKey } = other.control.addAccount({ email: 'x@portal.example', type: 'DocSpaceAdmin' });
  writeFileSync(setup.envFile, `DOCSPACE_API_KEY=${apiKey}\n`, { flag: 'a' });
  const { code, err } = await setup.run('portal', 'moved', '--to', other.url);
  expect([code, err]).toEqual([1, expect.stringContaining('is not the portal of this database')]);
});

test.each([
  ['nothing answers', 'http://127.0.0.1:9', 69],
  ['it is no web address', 'office.example.com', 64],
])('%s: nothing is changed', async (_says, to, expected) => {
  const setup = await usedDesk();
  expect((await setup.run('portal', 'moved', '--to', to)).code).toBe(expected);
  expect((await setup.run('stats')).code).toBe(0);
});

test('a database that a service uses is not changed', async () => {
  const setup = await startCliSetup();
  await setup.serve();
  const { code, err } = await setup.run('portal', 'moved', '--to', setup.portal.url);
  expect([code, err]).toEqual([1, expect.stringContaining('is in use')]);
});
