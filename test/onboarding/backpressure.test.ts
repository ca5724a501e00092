import { expect, test } from 'vitest';
import { createBackpressure } from '../../src/onboarding/backpressure.ts';

/** The backpressure after `count` deliveries, spread evenly over a second. */
function afterASecondOf(count: number) {
  let now = 1_000_000;
  const backpressure = createBackpressure(() => now);
  const begunAt = now;
  for (let n = 1; n <= count; n += 1) {
    now = begunAt + Math.floor((n * 1_000) / count);
    backpressure.arrived();
  }
  return {
    backpressure,
    advance: (ms: number) => {
      now += ms;
    },
  };
}

test('with a few deliveries, background work has no limit', () => {
  for (const count of [0, 1, 20, 250]) {
    const { backpressure } = afterASecondOf(count);
    expect([count, backpressure.restMs(0), backpressure.restMs(40)]).toEqual([count, 0, 0]);
  }
});

test('while deliveries come fast, background work takes little of the time, in small steps', () => {
  const calm = afterASecondOf(10).backpressure;
  for (const count of [400, 5_000, 20_000]) {
    const { backpressure } = afterASecondOf(count);
    expect(backpressure.hintsAtATime()).toBeLessThan(calm.hintsAtATime());
    expect(backpressure.hintsAtATime()).toBeGreaterThan(0);
    expect(backpressure.checksAtATime()).toBeLessThan(calm.checksAtATime());
    expect(backpressure.checksAtATime()).toBeGreaterThan(0);
    expect(backpressure.restMs(20)).toBeGreaterThan(9 * 20);
  }
});

test('it never rests for long, and a turn too short to be timed is followed by a rest too', () => {
  const { backpressure } = afterASecondOf(5_000);
  expect(backpressure.restMs(60_000)).toBeLessThanOrEqual(250);
  expect(backpressure.restMs(0)).toBeGreaterThan(0);
});

test('a fifth of a second after the last delivery there is no limit again', () => {
  const { backpressure, advance } = afterASecondOf(5_000);
  advance(200);
  expect(backpressure.restMs(20)).toBe(0);
});

test('a clock that is set back delays nobody', () => {
  const { backpressure, advance } = afterASecondOf(5_000);
  advance(-3_600_000);
  expect(backpressure.restMs(20)).toBe(0);
  backpressure.arrived();
  expect(backpressure.restMs(20)).toBe(0);
});
