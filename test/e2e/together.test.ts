import { expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { deliveriesOut, inviteAndRegister, memberBecomes, startWorld } from '../support/world.ts';

test("refusals that end at the same moment are the channel's fault, and nobody fails because of them", async () => {
  // A strict portal refuses a Key that is not signed (docs/docspace-wire.md 6.2).
  const world = await startWorld({ portal: { keyCheck: 'strict' } });
  const { control } = world.portal;
  const people: string[] = [];
  for (let i = 0; i < 8; i += 1) {
    people.push((await inviteAndRegister(world, `p${i}@example.com`)).userId);
  }
  await deliveriesOut(world);
  const isWelcome = ({ path }: { path: string }) => path.endsWith('/sendcongratulations');
  const end = control.interfere({ on: isWelcome, act: { kind: 'hold' } });
  for (const userId of people) control.confirmEmail(userId);
  for (const userId of people) await memberBecomes(world, userId, 'sending');

  // A hint arrives meanwhile, so their outcomes are decided again on a newer member.
  for (const userId of people.slice(0, 2)) control.editProfile(userId, { firstName: 'Anne' });
  await deliveriesOut(world);
  end();
  control.release();
  for (const userId of people) {
    const { attempts } = await memberBecomes(world, userId, 'ready');
    expect(attempts.map((one: { outcome: string }) => one.outcome)).toEqual(['refused']);
  }
  const pause = await until('the channel is paused', async () => {
    const { pauses } = (await world.api('GET', '/api/stats')).json;
    return pauses.find((one: { name: string }) => one.name === 'channel:docspace');
  });
  expect(pause.reason).toMatchObject({
    code: 'refused_in_a_row',
    cause: { code: 'portal_rejects_key' },
  });
});
