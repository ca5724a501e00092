import { expect, onTestFinished, test, vi } from 'vitest';
import { sleepUntil, systemClock } from '../src/clock.ts';

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
