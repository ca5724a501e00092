import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatsFor } from '../../src/http/dashboard/formats.ts';
import {
  daysOf,
  funnelOf,
  sumOf,
  totalsOf,
} from '../../src/http/dashboard/pages/overview-figures.ts';
import { invitationStatuses } from '../../src/onboarding/invitation.ts';
import { type ActivityCount, activityKinds } from '../../src/store/activity.ts';
import type { Balance } from '../../src/store/store.ts';

const hourMs = 3_600_000;

function balanceOf(invitations: Balance['invitations']): Balance {
  return { members: {}, openLinkMembers: {}, cameByUs: 0, invitations };
}

const counts = fc.record(
  Object.fromEntries(invitationStatuses.map((status) => [status, fc.nat({ max: 1_000_000 })])),
  { requiredKeys: [] },
);

test('each step of the funnel holds those of the steps after it, whatever the counts', () => {
  fc.assert(
    fc.property(counts, (invitations) => {
      const steps = funnelOf(balanceOf(invitations));
      expect(steps.map(({ step }) => step)).toEqual([
        'issued',
        'registered',
        'activated',
        'welcomed',
      ]);
      for (const [index, { count, share }] of steps.entries()) {
        expect(count).toBeLessThanOrEqual(steps[index - 1]?.count ?? Number.POSITIVE_INFINITY);
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(1);
      }
      const [issued] = steps;
      expect(issued?.share).toBe(issued?.count === 0 ? 0 : 1);
    }),
  );
});

test('who let the link expire was invited; a revoked or failed invitation is in no step', () => {
  const steps = funnelOf(
    balanceOf({
      issued: 1,
      expired: 2,
      registered: 3,
      activated: 4,
      welcomed: 10,
      revoked: 7,
      failed: 9,
      open: 5,
      issuing: 6,
    }),
  );
  expect(steps.map(({ count }) => count)).toEqual([20, 17, 14, 10]);
  expect(steps.map(({ share }) => share)).toEqual([1, 0.85, 0.7, 0.5]);
});

test('nobody invited is a funnel of noughts', () => {
  expect(funnelOf(balanceOf({})).map(({ count, share }) => [count, share])).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
  expect(sumOf({})).toBe(0);
});

test('what happened in the days that are shown is counted there, each quarter once', () => {
  const now = Date.parse('2026-11-01T15:00:00Z');
  const quarter = fc.integer({ min: 0, max: 4 * 24 * 12 });
  const activity = fc.array(
    fc.record({
      at: quarter.map((n) => now - n * (hourMs / 4)),
      kind: fc.constantFrom(...activityKinds),
      count: fc.integer({ min: 1, max: 500 }),
    }),
  );
  const zone = fc.constantFrom('America/St_Johns', 'Asia/Kathmandu', 'Europe/Berlin');
  fc.assert(
    fc.property(activity, zone, (happened: ActivityCount[], name) => {
      const formats = formatsFor('en', name);
      const days = daysOf(happened, { now, days: 7, formats });
      expect(days).toHaveLength(7);
      const first = days[0]?.startsAt ?? 0;
      const shown = happened.filter(({ at }) => at >= first);
      for (const day of days) {
        for (const kind of activityKinds) {
          const own = shown.filter(
            (one) => one.kind === kind && formats.dayKey(one.at) === formats.dayKey(day.startsAt),
          );
          expect(day.counts[kind]).toBe(own.reduce((sum, { count }) => sum + count, 0));
        }
      }
      const all = totalsOf(days);
      const total = activityKinds.reduce((sum, kind) => sum + all[kind], 0);
      expect(total).toBe(shown.reduce((sum, { count }) => sum + count, 0));
    }),
    { numRuns: 50 },
  );
});
