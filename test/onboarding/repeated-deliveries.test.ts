import { expect, onTestFinished, test } from 'vitest';
import { createLog } from '../../src/log.ts';
import { createRecorder } from '../../src/onboarding/recorder.ts';
import { createRepeatedDeliveries } from '../../src/onboarding/repeated-deliveries.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import { apply, delivery, memberIn, now, put } from '../store/support.ts';
import { createMovableClock } from '../support/clock.ts';
import { deliver, deliveryBody, signed } from '../support/deliveries.ts';
import { openTestStore } from '../support/test-store.ts';
import { until } from '../support/until.ts';
import { deliveriesOut, inviteAndRegister, memberBecomes, startWorld } from '../support/world.ts';

test('a delivery that comes again is a duplicate, and its user is checked once a minute', async () => {
  const clock = createMovableClock();
  const world = await startWorld({ surroundings: { clock } });
  const { control } = world.portal;
  const { userId } = await inviteAndRegister(world, 'ann@example.com');
  await memberBecomes(world, userId, 'waiting');
  await deliveriesOut(world);
  const body = deliveryBody({ id: 900, userId });
  const send = async () => (await deliver(world.service.url, body, signed(body))).json.status;
  expect(await send()).toBe('accepted');
  const hints = async () => {
    const { json } = await world.api('GET', `/api/members/${userId}`);
    return json.timeline.filter((one: { trigger?: string }) => one.trigger === 'user.updated')
      .length;
  };
  await expect.poll(hints, { timeout: 8_000 }).toBe(1);
  control.activateSilently(userId);
  expect(await send()).toBe('duplicate');
  await memberBecomes(world, userId, 'welcomed');
  for (let n = 0; n < 5; n += 1) expect(await send()).toBe('duplicate');
  expect(await hints()).toBe(2);
  clock.move(61_000);
  expect(await send()).toBe('duplicate');
  await expect.poll(hints, { timeout: 8_000 }).toBe(3);
  expect(control.congratulations()).toHaveLength(1);
});

test.each(['the baseline is still being made', 'the database cannot be written'])(
  'a repeated delivery that comes while %s does not keep the next one from being applied',
  async (trouble) => {
    const { store } = await openTestStore('sqlite');
    onTestFinished(() => store.close());
    await put(store, memberIn('waiting', 1));
    await store.acceptDelivery(delivery(1));
    const { deliveries } = await store.unappliedDeliveries(1);
    await apply(
      store,
      [],
      deliveries.map(({ id }) => id),
    );
    const log = createLog({ level: 'silent', write: () => {} });
    const recorder = createRecorder({ store, now: () => now, log });
    let isTrouble = true;
    let troubles = 0;
    let wakes = 0;
    const onRepeat = createRepeatedDeliveries({
      store,
      recorder: {
        ...recorder,
        async record(given) {
          if (!isTrouble) return recorder.record(given);
          troubles += 1;
          throw new StoreUnavailable('the disk is full');
        },
      },
      async mayApply() {
        if (!isTrouble || trouble.includes('database')) return true;
        troubles += 1;
        return false;
      },
      wake() {
        wakes += 1;
      },
      now: () => now,
      log,
    });
    onRepeat(delivery(1));
    await until('the first repetition is over', () => troubles === 1);
    await new Promise(setImmediate);
    isTrouble = false;
    for (let n = 0; n < 3; n += 1) onRepeat(delivery(1));
    await until('the second repetition is applied', () => wakes > 0);
    await new Promise(setImmediate);
    expect(wakes).toBe(1);
  },
);
