import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leftThisHour } from '../../src/domain/hourly-limit.ts';
import { hourMs, now } from './support.ts';

describe('the limit that prevents welcoming a whole company by mistake', () => {
  const minutesAgo = (...minutes: number[]) => minutes.map((minute) => now - minute * 60_000);
  test.each([
    ['without attempts the whole limit is left', [], 0, 500, 500],
    ['attempts of the last hour count', minutesAgo(59, 30, 1), 0, 500, 497],
    ['attempts that began an hour ago no longer count', minutesAgo(61, 60, 1), 0, 500, 499],
    ['a resume grants a new hour', minutesAgo(40, 30, 1), now - 10 * 60_000, 3, 2],
    ['nothing is left at the limit', minutesAgo(3, 2, 1), 0, 3, 0],
    ['a lowered limit leaves nothing, not less than nothing', minutesAgo(3, 2, 1), 0, 1, 0],
    ['attempts in the future count too: the clock was set back', minutesAgo(-5), 0, 3, 2],
    ['an old grant is not a new hour', minutesAgo(50, 1), now - 2 * hourMs, 3, 1],
    // The clock was set back behind a resume: the limit must still hold.
    ['a grant from the future grants nothing', minutesAgo(3, 2, 1), now + hourMs, 3, 0],
  ])('%s', (_says, startedAt, grantedAt, maxPerHour, expected) => {
    expect(leftThisHour({ startedAt, grantedAt, maxPerHour, now })).toBe(expected);
  });

  test('if every attempt asks first, no hour after a grant has more attempts than the limit', () => {
    const gapsMs = fc.array(fc.nat(20 * 60_000), { maxLength: 80, size: 'max' });
    fc.assert(
      fc.property(gapsMs, fc.integer({ min: 1, max: 10 }), (gaps, maxPerHour) => {
        const startedAt: number[] = [];
        let at = now;
        for (const gapMs of gaps) {
          at += gapMs;
          if (leftThisHour({ startedAt, grantedAt: now - 1, maxPerHour, now: at }) > 0) {
            startedAt.push(at);
          }
          const lastHour = startedAt.filter((one) => one > at - hourMs);
          expect(lastHour.length).toBeLessThanOrEqual(maxPerHour);
        }
      }),
    );
  });
});
