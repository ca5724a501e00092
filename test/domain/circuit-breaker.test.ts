import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  countRefusals,
  isTooMany,
  type Refusals,
  unknownStreak,
} from '../../src/domain/circuit-breaker.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import { outcomeOf } from './support.ts';

const credentials: Outcome = {
  kind: 'refused',
  reason: { code: 'portal_rejects_key' },
  streak: 'credentials',
};
const redirect: Outcome = {
  kind: 'refused',
  reason: { code: 'portal_redirects', status: 302 },
  streak: 'redirect',
};
const aboutOne = outcomeOf('refused');

/** Counts these outcomes one after the other, each for another user. */
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
    ['one refusal does not pause the channel', [credentials], 1, false],
    ['two refusals do not pause it', [credentials, credentials], 2, false],
    ['three refusals in a row pause it', [credentials, credentials, credentials], 3, true],
    [
      'a fourth refusal pauses it again',
      [credentials, credentials, credentials, credentials],
      4,
      true,
    ],
    ['a sent welcome clears the count', [credentials, credentials, outcomeOf('sent')], 0, false],
    [
      'a single refusal among successes fails only its member',
      [credentials, outcomeOf('sent'), credentials, outcomeOf('sent'), credentials],
      1,
      false,
    ],
    [
      'a refusal with another streak starts a new count',
      [credentials, credentials, redirect],
      1,
      false,
    ],
    [
      'a refusal about one person neither counts nor clears',
      [credentials, credentials, aboutOne, credentials],
      3,
      true,
    ],
    [
      'not_sent neither counts nor clears',
      [credentials, outcomeOf('not_sent'), credentials, outcomeOf('not_sent'), credentials],
      3,
      true,
    ],
    [
      'three unknown outcomes in a row pause it like refusals',
      [outcomeOf('unknown'), outcomeOf('unknown'), outcomeOf('unknown')],
      3,
      true,
    ],
    [
      'an unknown outcome counts with the refusals before it',
      [credentials, credentials, outcomeOf('unknown')],
      3,
      true,
    ],
    [
      'a refusal counts with the unknown outcomes before it',
      [outcomeOf('unknown'), outcomeOf('unknown'), credentials],
      3,
      true,
    ],
    ['a sent welcome with nothing to clear leaves the count at 0', [outcomeOf('sent')], 0, false],
    ['refusals about one person never pause', [aboutOne, aboutOne, aboutOne, aboutOne], 0, false],
  ])('%s', (_says, outcomes, expected, pauses) => {
    expect(count(outcomes)).toMatchObject({ count: expected, pauses });
  });

  test('repeated refusals of one person do not pause the channel', () => {
    let refusals: Refusals | null = null;
    for (let i = 0; i < 5; i += 1) refusals = countRefusals(refusals, credentials, 'ann').refusals;
    expect(refusals).toMatchObject({ count: 1, userIds: ['ann'] });
  });

  test('exactly the members whose refusals led to the pause are remembered', () => {
    const outcomes = [
      redirect,
      credentials,
      aboutOne,
      credentials,
      outcomeOf('not_sent'),
      credentials,
    ];
    expect(count(outcomes).userIds).toEqual(['user-1', 'user-3', 'user-5']);
  });

  test('only the newest 200 members are remembered, however long the trouble lasts', () => {
    const { count: counted, userIds } = count(Array.from({ length: 500 }, () => credentials));
    expect(counted).toBe(500);
    expect([userIds.length, userIds[0], userIds.at(-1)]).toEqual([200, 'user-300', 'user-499']);
  });

  test('the channel pauses exactly when the last three counted outcomes since the last sent have one streak', () => {
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
        const counted = sinceSent.flatMap((one) => {
          if (one.kind === 'unknown') return unknownStreak;
          return one.kind === 'refused' ? (one.streak ?? []) : [];
        });
        // An unknown outcome fits every streak; two refusals of different kinds never do.
        const begin = counted.findLastIndex(
          (streak, at) =>
            streak !== unknownStreak &&
            counted.slice(at + 1).some((later) => later !== unknownStreak && later !== streak),
        );
        const row = counted.slice(begin + 1);
        const firstOfKind = row.findIndex((streak) => streak !== unknownStreak);
        const others = begin < 0 ? row : row.slice(Math.max(0, firstOfKind));
        const alike = others.length >= 3;
        expect(refusals !== null && isTooMany(refusals)).toBe(alike);
      }),
      { numRuns: 500 },
    );
  });
});
