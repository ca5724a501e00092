import { expect, test } from 'vitest';
import { createMovableClock } from '../support/clock.ts';
import { until } from '../support/until.ts';
import { inviteAndRegister, memberBecomes, startWorld } from '../support/world.ts';

// When the clock is set forward, the lease of an open attempt ends although its task still runs.
test('a welcome whose lease ended while it was being sent is not sent again before the portal answers it', async () => {
  const clock = createMovableClock();
  const world = await startWorld({
    surroundings: { clock },
    settings: { WELCOME_ON_UNKNOWN: 'resend' },
  });
  const { control } = world.portal;
  const { userId } = await inviteAndRegister(world, 'ann@example.com');
  const lift = control.interfere({
    on: ({ path }) => path.includes('sendcongratulations'),
    act: { kind: 'hold' },
  });
  control.confirmEmail(userId);
  await memberBecomes(world, userId, 'sending');
  const sent = () => control.requests().filter(({ path }) => path.includes('sendcongratulations'));
  await until('the welcome is being sent', () => sent().length === 1);
  clock.set(3 * 60_000);
  await world.api('POST', '/api/resume');
  await memberBecomes(world, userId, 'ready');
  for (let n = 0; n < 5; n += 1) await world.api('POST', `/api/members/${userId}/retry`);
  lift();
  control.release();
  await memberBecomes(world, userId, 'welcomed');
  expect(control.congratulations()).toHaveLength(1);
  expect(sent()).toHaveLength(1);
});
