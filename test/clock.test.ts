import os from 'node:os';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createFollowingClock, sleepUntil, systemClock } from '../src/clock.ts';

const dayMs = 86_400_000;

test('work that is 60 days away runs at its time, although a timer of Node counts only 24 days', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let isOver = false;
  void sleepUntil(systemClock, Date.now() + 60 * dayMs).then(() => {
    isOver = true;
  });
  await vi.advanceTimersByTimeAsync(59 * dayMs);
  expect(isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(2 * dayMs);
  expect(isOver).toBe(true);
});

test('work that is 60 days away can still be cancelled after 30 days', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const cancel = systemClock.schedule(Date.now() + 60 * dayMs, () => {
    throw new Error('it ran');
  });
  vi.advanceTimersByTime(30 * dayMs);
  cancel();
  expect(vi.getTimerCount()).toBe(0);
});

test.each([
  ['is set', 0, 0],
  ['was asleep', 1, 3_600_000],
])(
  'if the machine %s, a clock that follows another one moves only by the time that has passed',
  (_, slept, passedMs) => {
    onTestFinished(() => void vi.restoreAllMocks());
    const clock = createFollowingClock();
    clock.follow?.(500);
    const before = clock.now();
    const [wall, up] = [Date.now(), os.uptime()];
    vi.spyOn(Date, 'now').mockReturnValue(wall + 3_600_000);
    vi.spyOn(os, 'uptime').mockReturnValue(up + slept * 3_600);
    for (const now of [clock.now(), clock.now()]) {
      expect(Math.abs(now - before - passedMs)).toBeLessThan(900);
    }
  },
);

test('a clock that follows no other one shows what the machine shows', () => {
  onTestFinished(() => void vi.restoreAllMocks());
  const clock = createFollowingClock();
  vi.spyOn(Date, 'now').mockReturnValue(5);
  expect(clock.now()).toBe(5);
});
