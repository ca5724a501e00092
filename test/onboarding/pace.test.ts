import { expect, test } from 'vitest';
import { createPace } from '../../src/onboarding/backpressure.ts';

/** A pace after `count` deliveries that came evenly in a second. */
function afterASecondOf(count: number) {
  let now = 1_000_000;
  const pace = createPace(() => now);
  const begunAt = now;
  for (let n = 1; n <= count; n += 1) {
    now = begunAt + Math.floor((n * 1_000) / count);
    pace.arrived();
  }
  return {
    pace,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

test('what follows from a few deliveries is done at once', () => {
  for (const count of [0, 1, 20, 250]) {
    const { pace } = afterASecondOf(count);
    expect([count, pace.restMs(0), pace.restMs(40)]).toEqual([count, 0, 0]);
  }
});

test('while deliveries come fast, what follows takes little of the time, in small steps', () => {
  const calm = afterASecondOf(10).pace;
  for (const count of [400, 5_000, 20_000]) {
    const { pace } = afterASecondOf(count);
    expect(pace.hintsAtATime()).toBeLessThan(calm.hintsAtATime());
    expect(pace.hintsAtATime()).toBeGreaterThan(0);
    expect(pace.looksAtATime()).toBeLessThan(calm.looksAtATime());
    expect(pace.looksAtATime()).toBeGreaterThan(0);
    expect(pace.restMs(20)).toBeGreaterThan(9 * 20);
  }
});

test('it never waits for long, and a turn too short to be timed is followed by a rest too', () => {
  const { pace } = afterASecondOf(5_000);
  expect(pace.restMs(60_000)).toBeLessThanOrEqual(250);
  expect(pace.restMs(0)).toBeGreaterThan(0);
});

test('a fifth of a second after the last delivery it is calm again', () => {
  const { pace, pass } = afterASecondOf(5_000);
  pass(200);
  expect(pace.restMs(20)).toBe(0);
});

test('a clock that jumps back keeps nobody waiting', () => {
  const { pace, pass } = afterASecondOf(5_000);
  pass(-3_600_000);
  expect(pace.restMs(20)).toBe(0);
  pace.arrived();
  expect(pace.restMs(20)).toBe(0);
});
