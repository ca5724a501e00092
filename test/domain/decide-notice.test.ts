import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decideDigest,
  decideNotice,
  digestEveryMs,
  nothingTold,
  noticeIntervalMs,
  type PresentCause,
  type Told,
  wellAfterMs,
} from '../../src/domain/decide-notice.ts';

const minuteMs = 60_000;
const keys = ['failed:a', 'failed:b', 'portal', 'channel:smtp'];

type Step = {
  readonly afterMs: number;
  readonly present: readonly string[];
  readonly notKnown: readonly string[];
  /** How the mail ends, if one leaves. `crash`: the process dies before it learns the outcome. */
  readonly outcome: 'sent' | 'not_sent' | 'crash';
};
type Sent = { readonly at: number; readonly kind: string; readonly keys: readonly string[] };

const step: fc.Arbitrary<Step> = fc.record({
  afterMs: fc.oneof(
    fc.integer({ min: 1_000, max: 12 * minuteMs }),
    fc.integer({ min: 30 * minuteMs, max: 70 * minuteMs }),
  ),
  present: fc.subarray(keys),
  notKnown: fc.subarray(['portal']),
  outcome: fc.constantFrom('sent', 'sent', 'not_sent', 'crash'),
});

/** Plays the steps. @returns the mails that may have arrived, and since when each cause is gone */
function play(steps: readonly Step[]) {
  let now = 1_000_000;
  let told: Told = nothingTold;
  const sent: Sent[] = [];
  /** For each cause: the moments at which it was well again. */
  const wells = new Map<string, number[]>();
  const goneSince = new Map<string, number>();
  for (const { afterMs, present, notKnown, outcome } of steps) {
    now += afterMs;
    for (const key of keys) {
      if (present.includes(key)) goneSince.delete(key);
      else if (!notKnown.includes(key) && !goneSince.has(key)) goneSince.set(key, now);
      const since = goneSince.get(key);
      if (since !== undefined && now - since >= wellAfterMs) {
        wells.set(key, [...(wells.get(key) ?? []), now]);
      }
    }
    const causes: PresentCause[] = present.map((key) => ({ key, tellFrom: now }));
    const decision = decideNotice({ present: causes, notKnown, told, now });
    const { mail } = decision;
    told = mail !== null && outcome === 'not_sent' ? decision.kept : decision.told;
    // A restart reads the stored state.
    told = JSON.parse(JSON.stringify(told));
    if (mail === null || outcome === 'not_sent') continue;
    sent.push({ at: now, kind: mail.kind, keys: mail.kind === 'attention' ? mail.keys : [] });
  }
  return { sent, wells, now, told };
}

const quiet: Step = { afterMs: 5 * minuteMs, present: [], notKnown: [], outcome: 'sent' };
/** Long enough for every all-clear that is owed, and for one that is not. */
const untilWell = Array.from({ length: 30 }, () => quiet);

describe('whatever happens, with restarts and lost mails', () => {
  test('a cause is told at most once until it is well again', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { sent, wells } = play(steps);
        for (const key of keys) {
          const times = sent.filter((mail) => mail.keys.includes(key)).map(({ at }) => at);
          for (const [index, at] of times.slice(1).entries()) {
            const before = times[index] ?? 0;
            expect(wells.get(key)?.some((well) => well > before && well <= at)).toBe(true);
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('there is at most one mail in an hour', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const times = play([...steps, ...untilWell]).sent.map(({ at }) => at);
        for (const [index, at] of times.slice(1).entries()) {
          expect(at - (times[index] ?? 0)).toBeGreaterThanOrEqual(noticeIntervalMs);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('once all is well, exactly one mail says so, and only if something was told before', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { sent } = play([...steps, ...untilWell]);
        const kinds = sent.map(({ kind }) => kind).join(' ');
        expect(kinds).toMatch(/^((attention )+all_clear ?)*$/);
      }),
      { numRuns: 1_000 },
    );
  });
});

test('a cause is not told before its time, and everything that waited is in one mail', () => {
  const present = [
    { key: 'portal', tellFrom: 900_000 },
    { key: 'failed:a', tellFrom: 60_000 },
    { key: 'failed:b', tellFrom: 70_000 },
  ];
  const at = (now: number) => decideNotice({ present, notKnown: [], told: nothingTold, now }).mail;
  expect(at(59_000)).toBeNull();
  expect(at(80_000)).toEqual({ kind: 'attention', keys: ['failed:a', 'failed:b'] });
});

test('a clock that was set back does not silence the notices', () => {
  const told: Told = { causes: {}, owesAllClear: false, lastMailAt: 9_000_000 };
  const present = [{ key: 'portal', tellFrom: 0 }];
  const { mail } = decideNotice({ present, notKnown: [], told, now: 1_000_000 });
  expect(mail).toEqual({ kind: 'attention', keys: ['portal'] });
});

describe('a digest', () => {
  const firstStartedAt = 5_000;
  const dayMs = digestEveryMs.daily;
  const due = (through: number | null, now: number, rhythm: 'daily' | 'weekly' = 'daily') =>
    decideDigest({ rhythm, firstStartedAt, through, now });

  test('is due when a period since the first start has ended', () => {
    expect(due(firstStartedAt, firstStartedAt + dayMs - 1)).toBeNull();
    const period = { since: firstStartedAt, until: firstStartedAt + dayMs, isSent: true };
    expect(due(firstStartedAt, firstStartedAt + dayMs)).toEqual(period);
  });

  test('is not sent for the time before the notices were set up', () => {
    const until = firstStartedAt + 3 * dayMs;
    expect(due(null, until + 1_000)).toEqual({ since: until, until, isSent: false });
  });

  test('covers all periods that a stopped service missed', () => {
    const period = { since: firstStartedAt, until: firstStartedAt + 4 * dayMs, isSent: true };
    expect(due(firstStartedAt, firstStartedAt + 4.5 * dayMs)).toEqual(period);
  });

  test('leaves a short rest to the next one when the rhythm or the first start changes', () => {
    expect(due(firstStartedAt - 30_000, firstStartedAt + 1_000)).toBeNull();
    expect(due(firstStartedAt + 5 * dayMs, firstStartedAt + 7.1 * dayMs, 'weekly')).toBeNull();
  });

  test('goes on after the clock was far ahead', () => {
    const now = firstStartedAt + 2 * dayMs;
    expect(due(now + 400 * dayMs, now)).toMatchObject({ until: now, isSent: false });
  });
});
