import { expect, test } from 'vitest';
import { call, registerWebhook } from '../support/world.ts';
import {
  allBecome,
  arrive,
  expectNothingLost,
  greetings,
  invite,
  prepareStage,
  type Stage,
  testTimeoutMs,
  three,
} from './stage.ts';

/*
 * The portal tried six times and gave up, or forgot its queue. The poll finds what was never
 * delivered.
 */

/** Six attempts within a third of a second. */
const soonExhausted = { retryDelaysMs: [10, 20, 40, 80, 160] };

test(
  'a person who came while the service was down is welcomed once, by restart and reconciliation',
  async () => {
    const stage = await prepareStage({ portal: soonExhausted });
    const userIds = await arriveDuringOutage(stage);

    await stage.start();
    await reconcile(stage);

    await allBecome(stage, userIds, ['welcomed']);
    expect(greetings(stage.portal, userIds)).toEqual([1, 1, 1]);
  },
  testTimeoutMs,
);

test(
  'a second run and later deliveries greet nobody again',
  async () => {
    const stage = await prepareStage({ portal: soonExhausted });
    const userIds = await arriveDuringOutage(stage);
    await stage.start();
    await reconcile(stage);
    await allBecome(stage, userIds, ['welcomed']);

    const { control } = stage.portal;
    for (const { id } of control.journal()) control.redeliver(id);
    for (const userId of userIds) control.editProfile(userId, { lastName: 'Lee-Stone' });
    await deliveriesOut(stage);
    await reconcile(stage);

    await allBecome(stage, userIds, ['welcomed']);
    await expectNothingLost(stage);
    expect(greetings(stage.portal, userIds)).toEqual([1, 1, 1]);
  },
  testTimeoutMs,
);

test(
  'a portal that restarts and forgets its queue: reconciliation finds the people who came',
  async () => {
    const stage = await prepareStage({ portal: soonExhausted });
    await stage.start();
    await registerWebhook(stage.portal, stage.url);
    const invited = await invite(stage, three);
    const { control } = stage.portal;
    control.pauseDeliveries();
    const userIds = arrive(stage.portal, invited);
    control.restart();
    control.resumeDeliveries();
    await deliveriesOut(stage);
    expect(control.journal().length).toBeGreaterThan(0);
    expect(control.journal().every((row) => row.status === 0)).toBe(true);

    await reconcile(stage);

    await allBecome(stage, userIds, ['welcomed']);
    expect(greetings(stage.portal, userIds)).toEqual([1, 1, 1]);
  },
  testTimeoutMs,
);

/** Three people come, and the portal has given up all its deliveries. */
async function arriveDuringOutage(stage: Stage): Promise<string[]> {
  const first = await stage.start();
  await registerWebhook(stage.portal, stage.url);
  const invited = await invite(stage, three);
  await first.kill();
  const userIds = arrive(stage.portal, invited);
  await deliveriesOut(stage);
  const { control } = stage.portal;
  expect(control.journal().length).toBeGreaterThan(0);
  expect(control.journal().map((row) => row.status)).not.toContain(200);
  return userIds;
}

async function reconcile(stage: Stage): Promise<void> {
  const run = await call(stage.url, 'POST', '/api/reconcile');
  expect(run.json.interrupted, run.text).toBeNull();
}

async function deliveriesOut(stage: Stage): Promise<void> {
  const label = 'the portal has told or given up';
  await stage.portal.control.deliveriesIdle({ deadlineMs: 8_000, label });
}
