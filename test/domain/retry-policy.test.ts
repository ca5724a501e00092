import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  confirmationLifetimeMs,
  nextCheckInMs,
  nextTryInMs,
  portalTroubleWaitMs,
} from '../../src/domain/retry-policy.ts';
import { hourMs, minuteMs } from './support.ts';

const counts = fc.nat(1_000_000);

test('a confirmation holds for five minutes, and a portal in trouble is asked again every minute', () => {
  expect([confirmationLifetimeMs, portalTroubleWaitMs]).toEqual([5 * minuteMs, minuteMs]);
});

describe('when a person who is not active yet is checked again', () => {
  test.each([
    [1, minuteMs],
    [2, 2 * minuteMs],
    [3, 4 * minuteMs],
    [9, 256 * minuteMs],
    [10, 6 * hourMs],
    [11, 6 * hourMs],
    [1_000, 6 * hourMs],
  ])('after %i checks in a row: %i ms later', (checkCount, expected) => {
    expect(nextCheckInMs(checkCount)).toBe(expected);
  });

  test('the intervals grow, and stay between one minute and six hours', () => {
    fc.assert(
      fc.property(counts, (count) => {
        expect(nextCheckInMs(count)).toBeGreaterThanOrEqual(minuteMs);
        expect(nextCheckInMs(count)).toBeLessThanOrEqual(6 * hourMs);
        expect(nextCheckInMs(count + 1)).toBeGreaterThanOrEqual(nextCheckInMs(count));
      }),
    );
  });
});

describe('when a welcome that was not sent is tried again', () => {
  test.each([
    ['the first time after ten seconds', 1, null, 10_000],
    ['each time twice as late', 4, null, 80_000],
    ['never later than an hour', 10, null, hourMs],
    ['not before the time the peer asked for', 1, 60_000, 60_000],
    ['not earlier because the peer asked for less', 4, 1_000, 80_000],
    ['as late as the peer asked, even after more than an hour', 1, 2 * hourMs, 2 * hourMs],
  ])('%s', (_says, notSentCount, waitMs, expected) => {
    expect(nextTryInMs(notSentCount, waitMs)).toBe(expected);
  });

  test('it is never sooner than the portal or mail server asked, and never sooner than the previous retry', () => {
    fc.assert(
      fc.property(counts, fc.option(fc.nat(24 * hourMs)), (count, waitMs) => {
        expect(nextTryInMs(count, waitMs)).toBeGreaterThanOrEqual(waitMs ?? 10_000);
        expect(nextTryInMs(count + 1, waitMs)).toBeGreaterThanOrEqual(nextTryInMs(count, waitMs));
      }),
    );
  });
});
