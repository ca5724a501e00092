import { expect, test, vi } from 'vitest';
import { StoreUnavailable } from '../../src/store/store.ts';
import { createMovableClock } from '../support/clock.ts';
import { until } from '../support/until.ts';
import { inviteAndRegister, memberBecomes, startWorld } from '../support/world.ts';

/**
 * A person whose lease ended while the portal holds their welcome, because the clock was set forward.
 * The next task of this person waits for the first one.
 */
async function startWithTwoTasks() {
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
  const claimed = vi.spyOn(world.service.store, 'claimDue');
  clock.set(3 * 60_000);
  await world.api('POST', '/api/resume');
  await memberBecomes(world, userId, 'ready');
  for (let n = 0; n < 5; n += 1) await world.api('POST', `/api/members/${userId}/retry`);
  await until('the next task waits', async () => {
    const members = await Promise.all(claimed.mock.results.map(({ value }) => value));
    return members.flat().some((one) => one.userId === userId && one.state === 'ready');
  });
  const answer = () => {
    lift();
    control.release();
  };
  return { world, userId, answer, sent };
}

test('a welcome whose lease ended while it was being sent is not sent again before the portal answers it', async () => {
  const { world, userId, answer, sent } = await startWithTwoTasks();
  answer();
  await memberBecomes(world, userId, 'welcomed');
  expect(world.portal.control.congratulations()).toHaveLength(1);
  expect(sent()).toHaveLength(1);
});

test('a welcome is not sent again while the outcome of the first request cannot be stored', async () => {
  const { world, userId, answer, sent } = await startWithTwoTasks();
  const { store } = world.service;
  const { commit } = store;
  let isBroken = true;
  let refused = 0;
  vi.spyOn(store, 'commit').mockImplementation(async (change, guard) => {
    const isSent = change.attempts.some((one) => one.kind === 'end' && one.outcome === 'sent');
    if (!isSent || !isBroken) return commit(change, guard);
    refused += 1;
    throw new StoreUnavailable('the disk is full');
  });
  answer();
  await until('the outcome was tried to be stored several times', () => refused > 2);
  expect(sent()).toHaveLength(1);
  isBroken = false;
  await memberBecomes(world, userId, 'welcomed');
  expect(sent()).toHaveLength(1);
});
