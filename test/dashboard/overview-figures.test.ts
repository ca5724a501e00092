import fc from 'fast-check';
import { expect, test } from 'vitest';
import { daysOf, funnelOf, sumOf, totalsOf } from '../../src/dashboard/pages/overview-figures.ts';
import { invitationStatuses } from '../../src/domain/invitation.ts';
import { activityKinds, type Counts } from '../../src/store/store.ts';

const hourMs = 3_600_000;

function countsOf(invitations: Counts['invitations']): Counts {
  const letters = { refused: 0, unknown: 0 };
  return {
    members: {},
    openLinkMembers: {},
    addressNotInvited: 0,
    otherType: 0,
    invitations,
    letters,
  };
}

const counts = fc.record(
  Object.fromEntries(invitationStatuses.map((status) => [status, fc.nat({ max: 1_000_000 })])),
  { requiredKeys: [] },
);

test('each step of the funnel includes the later steps, whatever the counts are', () => {
  fc.assert(
    fc.property(counts, (invitations) => {
      const steps = funnelOf(countsOf(invitations));
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

test('a person whose link expired counts as invited, and a revoked or failed invitation counts in no step', () => {
  const steps = funnelOf(
    countsOf({
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

test('without invitations all steps of the funnel are zero', () => {
  expect(funnelOf(countsOf({})).map(({ count, share }) => [count, share])).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
  expect(sumOf({})).toBe(0);
});

test('each day shows its own events, and the totals are those of all days', () => {
  const happened = fc.record({ invited: fc.nat(), activated: fc.nat(), welcomed: fc.nat() });
  fc.assert(
    fc.property(fc.array(happened), (activity) => {
      const beginnings = activity.map((_, day) => day * 24 * hourMs);
      const days = daysOf(beginnings, activity);
      expect(days.map(({ startsAt }) => startsAt)).toEqual(beginnings);
      expect(days.map(({ counts }) => counts)).toEqual(activity);
      for (const kind of activityKinds) {
        expect(totalsOf(days)[kind]).toBe(activity.reduce((sum, day) => sum + day[kind], 0));
      }
    }),
  );
});
