import { expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { deliveriesOut, inviteAndRegister, startWorld } from '../support/world.ts';

test('members are leased ahead, but no more attempts are open than can be sent at once', async () => {
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
    'everybody is welcomed',
    async () => {
      const { members } = (await world.api('GET', '/api/stats')).json;
      mostSending = Math.max(mostSending, members.sending ?? 0);
      const held = control.requests().filter((one) => isWelcome(one) && one.status === 0).length;
      const left = people.length - (members.welcomed ?? 0);
      // The requests are released only when as many as possible wait. Any further attempt would
      // show by then.
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
