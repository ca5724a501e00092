import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  countRefusals,
  isTooMany,
  leftThisHour,
  type Refusals,
} from '../../src/domain/circuit-breaker.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import { hourMs, now, outcomeOf } from './support.ts';

const credentials: Outcome = { kind: 'refused', detail: 'answered 403', streak: 'credentials' };
const redirect: Outcome = { kind: 'refused', detail: 'answered 302', streak: 'redirect' };
const aboutOne = outcomeOf('refused');

/** Counts these outcomes one after the other, each met by a user of its own. */
function count(outcomes: readonly Outcome[]) {
  let refusals: Refusals | null = null;
  let pauses = false;
  for (const [index, outcome] of outcomes.entries()) {
    ({ refusals, pauses } = countRefusals(refusals, outcome, `user-${index}`));
  }
  return { count: refusals?.count ?? 0, userIds: refusals?.userIds ?? [], pauses };
}

describe('refusals that are likely about everyone', () => {
  test.each<readonly [string, readonly Outcome[], number, boolean]>([
    ['one does not pause the channel', [credentials], 1, false],
    ['two do not pause it', [credentials, credentials], 2, false],
    ['three in a row pause it', [credentials, credentials, credentials], 3, true],
    ['the fourth pauses it again', [credentials, credentials, credentials, credentials], 4, true],
    ['a sent clears the count', [credentials, credentials, outcomeOf('sent')], 0, false],
    [
      'one alone among successes fails its member only',
      [credentials, outcomeOf('sent'), credentials, outcomeOf('sent'), credentials],
      1,
      false,
    ],
    ['a refusal of another kind begins anew', [credentials, credentials, redirect], 1, false],
    [
      'a refusal about one person neither counts nor clears',
      [credentials, credentials, aboutOne, credentials],
      3,
      true,
    ],
    [
      'not_sent and unknown neither count nor clear',
      [credentials, outcomeOf('not_sent'), credentials, outcomeOf('unknown'), credentials],
      3,
      true,
    ],
    ['a success with nothing to clear stays at nothing', [outcomeOf('sent')], 0, false],
    ['refusals about one person never pause', [aboutOne, aboutOne, aboutOne, aboutOne], 0, false],
  ])('%s', (_says, outcomes, expected, pauses) => {
    expect(count(outcomes)).toMatchObject({ count: expected, pauses });
  });

  test('one person who is refused again and again does not pause the channel', () => {
    let refusals: Refusals | null = null;
    for (let i = 0; i < 5; i += 1) refusals = countRefusals(refusals, credentials, 'ann').refusals;
    expect(refusals).toMatchObject({ count: 1, userIds: ['ann'] });
  });

  test('the members whose refusals led to the pause are named, and nobody else', () => {
    const outcomes = [
      redirect,
      credentials,
      aboutOne,
      credentials,
      outcomeOf('unknown'),
      credentials,
    ];
    expect(count(outcomes).userIds).toEqual(['user-1', 'user-3', 'user-5']);
  });

  test('the newest 200 are remembered, however long the trouble lasts', () => {
    const { count: counted, userIds } = count(Array.from({ length: 500 }, () => credentials));
    expect(counted).toBe(500);
    expect([userIds.length, userIds[0], userIds.at(-1)]).toEqual([200, 'user-300', 'user-499']);
  });

  test('the channel pauses exactly when the last three that count are alike since the last sent', () => {
    const outcome = fc.constantFrom(
      credentials,
      redirect,
      aboutOne,
      ...(['sent', 'not_sent', 'unknown'] as const).map((kind) => outcomeOf(kind)),
    );
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 30, size: 'max' }), (outcomes) => {
        let refusals: Refusals | null = null;
        for (const [i, one] of outcomes.entries()) {
          refusals = countRefusals(refusals, one, `user-${i}`).refusals;
        }
        const sinceSent = outcomes.slice(outcomes.map(({ kind }) => kind).lastIndexOf('sent') + 1);
        const counted = sinceSent.flatMap((one) =>
          one.kind === 'refused' ? (one.streak ?? []) : [],
        );
        const lastThree = counted.slice(-3);
        const alike = lastThree.length === 3 && new Set(lastThree).size === 1;
        expect(refusals !== null && isTooMany(refusals)).toBe(alike);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the guard against greeting a whole company by mistake', () => {
  const minutesAgo = (...minutes: number[]) => minutes.map((minute) => now - minute * 60_000);
  test.each([
    ['with nothing begun, a whole hour is left', [], 0, 500, 500],
    ['what began in the last hour counts', minutesAgo(59, 30, 1), 0, 500, 497],
    ['what began an hour ago no longer counts', minutesAgo(61, 60, 1), 0, 500, 499],
    ['a resume grants a new hour', minutesAgo(40, 30, 1), now - 10 * 60_000, 3, 2],
    ['nothing is left at the limit', minutesAgo(3, 2, 1), 0, 3, 0],
    ['a lowered limit leaves nothing, not less than nothing', minutesAgo(3, 2, 1), 0, 1, 0],
    ['a clock that jumped back counts what began in the future', minutesAgo(-5), 0, 3, 2],
    ['an old grant is not a new hour', minutesAgo(50, 1), now - 2 * hourMs, 3, 1],
    // The clock jumped back over a resume: the guard must not be off until it is there again.
    [
      'a grant from the future grants no more than an hour',
      minutesAgo(3, 2, 1),
      now + hourMs,
      3,
      0,
    ],
  ])('%s', (_says, startedAt, grantedAt, maxPerHour, expected) => {
    expect(leftThisHour({ startedAt, grantedAt, maxPerHour, now })).toBe(expected);
  });

  test('while it is asked before each, no hour after a grant sees more than the limit', () => {
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
