import { expect, test } from 'vitest';
import { createLanes } from '../../src/onboarding/semaphore.ts';

test('who finds no lane free waits, first come, first served', async () => {
  const lanes = createLanes(2);
  const entered: string[] = [];
  const enter = async (name: string) => {
    const leave = await lanes.enter();
    entered.push(name);
    return leave;
  };
  const leaveFirst = await enter('first');
  const leaveSecond = await enter('second');
  const third = enter('third');
  const fourth = enter('fourth');
  await Promise.resolve();
  expect(entered).toEqual(['first', 'second']);
  leaveSecond();
  const leaveThird = await third;
  expect(entered).toEqual(['first', 'second', 'third']);
  leaveFirst();
  leaveThird();
  (await fourth)();
  expect(entered).toEqual(['first', 'second', 'third', 'fourth']);
});

test('a lane that is left twice is one lane', async () => {
  const lanes = createLanes(1);
  const leave = await lanes.enter();
  leave();
  leave();
  await lanes.enter();
  let isIn = false;
  void lanes.enter().then(() => {
    isIn = true;
  });
  await Promise.resolve();
  expect(isIn).toBe(false);
});
