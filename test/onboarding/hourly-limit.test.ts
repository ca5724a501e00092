import { expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { inviteAndRegister, memberBecomes, startWorld } from '../support/world.ts';

// Beginnings that were not committed counted against the limit, so that it paused after two of four.
test('eight services side by side: each sends exactly as many welcomes as the limit allows', async () => {
  const most = 4;
  const worlds = await Promise.all(
    Array.from({ length: 8 }, () =>
      startWorld({ settings: { WELCOME_MAX_PER_HOUR: String(most) } }),
    ),
  );
  await Promise.all(
    worlds.map(async (world) => {
      const people: string[] = [];
      for (let n = 0; n < 10; n += 1) {
        people.push((await inviteAndRegister(world, `p${n}@example.com`)).userId);
      }
      for (const userId of people) await memberBecomes(world, userId, 'waiting');
      for (const userId of people) world.portal.control.confirmEmail(userId);
    }),
  );
  for (const world of worlds) {
    await until(
      'sending pauses at the limit, with everybody else ready',
      async () => {
        const { members, pauses } = (await world.api('GET', '/api/stats')).json;
        const isPaused = pauses.some((one: { name: string }) => one.name === 'hourly');
        return isPaused && members.sending === 0 && members.waiting === 0;
      },
      30_000,
    );
    const { members } = (await world.api('GET', '/api/stats')).json;
    expect([members.welcomed, members.ready]).toEqual([most, 10 - most]);
    expect(world.portal.control.congratulations()).toHaveLength(most);
  }
}, 120_000);
