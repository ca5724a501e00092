import { expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { deliveriesOut, inviteAndRegister, startWorld } from '../support/world.ts';

test('people are taken in hand ahead, but no more attempts are open than can leave at once', async () => {
  const concurrency = 8;
  const world = await startWorld({ settings: { DOCSPACE_CONCURRENCY: String(concurrency) } });
  const { control } = world.portal;
  const people: string[] = [];
  for (let i = 0; i < 30; i += 1) {
    people.push((await inviteAndRegister(world, `p${i}@example.com`)).userId);
  }
  await deliveriesOut(world);
  const isWelcome = ({ path }: { path: string }) => path.endsWith('/sendcongratulations');
  control.interfere({ on: isWelcome, act: { kind: 'hold' } });
  control.clearRequests();
  for (const userId of people) control.confirmEmail(userId);

  let mostSending = 0;
  await until(
    'everybody is welcomed, some at a time',
    async () => {
      const { members } = (await world.api('GET', '/api/stats')).json;
      mostSending = Math.max(mostSending, members.sending ?? 0);
      const held = control.requests().filter((one) => isWelcome(one) && one.status === 0).length;
      const left = people.length - (members.welcomed ?? 0);
      // Let go only when as many as can be are on their way: more would show by then.
      if (held >= Math.min(concurrency, left)) control.release();
      return left === 0;
    },
    15_000,
  );
  expect(mostSending).toBe(concurrency);
  expect(control.peakConcurrency()).toBeLessThanOrEqual(concurrency);
  const welcomed = control.congratulations().map(({ userId }) => userId);
  expect(welcomed.toSorted()).toEqual(people.toSorted());
}, 40_000);
