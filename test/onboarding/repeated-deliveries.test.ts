import { expect, test } from 'vitest';
import { createMovableClock } from '../support/clock.ts';
import { deliver, deliveryBody, signed } from '../support/deliveries.ts';
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
