import { expect, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { until } from '../support/until.ts';
import { inviteAndRegister, startWorld } from '../support/world.ts';
import { openPractice, pick, practiceBeside } from './support.ts';

test('without a pause the finding is ok, and a pause by an operator is a warning', async () => {
  const world = await startWorld();
  const practice = practiceBeside(world.portal, world.folder);
  expect(pick(await practice.diagnose(), 'pauses', 'pauses').level).toBe('ok');
  await world.api('POST', '/api/pause');
  expect(pick(await practice.diagnose(), 'pauses', 'operator')).toMatchObject({
    level: 'warning',
    mend: 'run "resume"',
  });
});

test.each(['hourly', 'restored', 'operator'] as const)(
  'the pause "%s" is read from the store while no service runs',
  async (name) => {
    const practice = await openPractice();
    const store = openSqliteStore(`${practice.folder}/data/docspace-welcome.db`);
    const reason = { code: 'paused_by_operator' } as const;
    await store.pause({ name, reason, since: Date.UTC(2026, 10, 23, 14, 3) });
    await store.close();
    const finding = pick(await practice.diagnose(), 'pauses', name);
    expect(finding.level).toBe('warning');
    expect(finding.seen).toBe(`${name}, since 2026-11-23 14:03 UTC: paused by an operator`);
  },
);

test('a channel that refused three people is wrong if it is the only channel', async () => {
  const world = await startWorld({ portal: { keyCheck: 'strict' } });
  for (const name of ['anna', 'ben', 'cleo']) {
    const { userId } = await inviteAndRegister(world, `${name}@example.com`);
    world.portal.control.confirmEmail(userId);
  }
  const practice = practiceBeside(world.portal, world.folder);
  const finding = await until('the channel is paused', async () =>
    (await practice.diagnose()).find((one) => one.check === 'channel:docspace'),
  );
  expect(finding).toMatchObject({ level: 'wrong', means: 'no welcome goes out' });
});

test('the findings show that a service waits for its portal', async () => {
  const world = await startWorld();
  const { userId } = await inviteAndRegister(world, 'anna@example.com');
  world.portal.control.suspend();
  await world.api('POST', `/api/members/${userId}/retry`);
  const practice = practiceBeside(world.portal, world.folder);
  const finding = await until('the portal is paused', async () =>
    (await practice.diagnose()).find((one) => one.subject === 'pauses' && one.check === 'portal'),
  );
  expect(finding.level).toBe('wrong');
});

test('a running service that does not accept this ADMIN_TOKEN is a warning', async () => {
  const world = await startWorld();
  const practice = practiceBeside(world.portal, world.folder);
  const findings = await practice.diagnose({ ADMIN_TOKEN: 'another-token-of-24-characters' });
  expect(pick(findings, 'pauses', 'service').seen).toContain('it answered 401');
});
