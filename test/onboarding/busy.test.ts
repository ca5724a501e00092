import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { portal as portalActor } from '../../src/domain/timeline.ts';
import { createNewId } from '../../src/ids.ts';
import { createLog } from '../../src/log.ts';
import { createAttempts } from '../../src/onboarding/attempts.ts';
import { createWorker } from '../../src/onboarding/worker.ts';
import { openCore } from '../../src/service.ts';
import { startPortal } from '../support/portal.ts';
import { until } from '../support/until.ts';
import { configFor, deliveriesOut, startWorld, temporaryFolder } from '../support/world.ts';

test('while deliveries come fast, every due member is taken in hand, however long the first of them take', async () => {
  const portal = await startPortal({ keyCheck: 'any' });
  onTestFinished(() => portal.stop());
  const config = configFor(await temporaryFolder(), portal);
  const clock = systemClock;
  const newId = createNewId(clock.now);
  const log = createLog({ level: 'silent', write: () => {} });
  const opened = await openCore(config, { clock, random: Math.random, newId, log });
  if (opened.kind !== 'opened') throw new Error(`the core is ${opened.kind}`);
  const { core } = opened;
  const attempts = createAttempts({ ...core, onUnknown: 'hold', clock, newId });
  const worker = createWorker({
    ...core,
    attempts,
    // As if deliveries came fast all the time.
    backpressure: {
      arrived: () => {},
      hintsAtATime: () => 25,
      checksAtATime: () => 2,
      restMs: () => 10,
    },
    audience: 'invited',
    baselinePending: 'skip',
    onBaselineComplete: () => {},
    onManyWaiting: () => {},
    concurrency: () => 8,
    maxPerHour: 500,
    isLeader: () => true,
    clock,
    log,
  });
  onTestFinished(async () => {
    portal.control.release();
    await worker.stop(clock.now() + 2_000, core.client.close);
    await core.close();
  });

  const people = portal.control.seedPeople({ count: 8, email: (n) => `p${n}@example.com` });
  const source = { actor: portalActor, cause: { kind: 'delivery', id: 1 } } as const;
  const hint = { event: 'delivery_received', trigger: 'user.created' } as const;
  for (const userId of people) {
    const facts = [{ kind: 'hinted', hint, departure: false, source } as const];
    await core.recorder.record({ userId, member: null, facts, orNew: true });
  }
  const isCheck = ({ path }: { path: string }) => /\/people\/[0-9a-f-]{36}$/.test(path);
  portal.control.interfere({ on: isCheck, act: { kind: 'hold' } });
  await worker.start();
  const held = () => portal.control.requests().filter((one) => isCheck(one) && one.status === 0);
  await until(
    'the portal is asked about all of them',
    () => held().length === people.length,
    5_000,
  );
  expect(held()).toHaveLength(people.length);
});

test('what an operator waits for does not queue behind people who are only looked at', async () => {
  const world = await startWorld({ settings: { DOCSPACE_CONCURRENCY: '1' } });
  const { control, accountId } = world.portal;
  const isCheck = ({ path }: { path: string }) => /\/people\/[0-9a-f-]{36}$/.test(path);
  const { json } = await world.api('POST', '/api/invitations', { employeeType: 'User' });
  const people = control.seedPeople({
    count: 60,
    activationStatus: 0,
    createdBy: accountId,
    email: (n) => `p${n}@example.com`,
  });
  control.interfere({ on: isCheck, act: { kind: 'delay', ms: 40 } });
  await world.api('POST', '/api/reconcile');
  const order = () =>
    control
      .requests()
      .filter(isCheck)
      .map(({ path }) => path.slice(-36));
  const waits = people.findLast((userId) => !order().includes(userId)) ?? '';
  expect((await world.api('POST', `/api/members/${waits}/retry`)).status).toBe(200);
  const names = { firstName: 'Ann', lastName: 'Lee' };
  const joined = control.register({ link: json.link, email: 'ann@example.com', ...names });
  await deliveriesOut(world);
  const before = order().length;
  expect(before).toBeLessThan(50);
  await until('both are checked', () => [waits, joined].every((one) => order().includes(one)));
  expect(order().length).toBeLessThanOrEqual(before + 5);
});
