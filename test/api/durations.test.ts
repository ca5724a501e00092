import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { durationsChart } from '../../src/cli/verbs/stats.ts';
import { bucketOf, countOf, type Histogram, percentile } from '../../src/domain/durations.ts';
import { createMovableClock } from '../support/clock.ts';
import { deliver, deliveryBody, signed } from '../support/deliveries.ts';
import { until } from '../support/until.ts';
import {
  deliveriesOut,
  invitationBecomes,
  inviteAndRegister,
  memberBecomes,
  startWorld,
} from '../support/world.ts';

const hourMs = 3_600_000;

function histogramOf(durations: readonly number[]): Histogram {
  const counts = new Map<number, number>();
  for (const ms of durations) counts.set(bucketOf(ms), (counts.get(bucketOf(ms)) ?? 0) + 1);
  return [...counts].map(([bucket, count]) => ({ bucket, count }));
}

describe('a percentile', () => {
  test('is within 5 % of the exact one for any durations', () => {
    const ms = fc.oneof(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 2 ** 40 }));
    fc.assert(
      fc.property(
        fc.array(ms, { minLength: 1, maxLength: 200 }),
        fc.constantFrom(0.5, 0.9),
        (durations, share) => {
          const sorted = durations.toSorted((a, b) => a - b);
          const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
          const found = percentile(histogramOf(durations), share) ?? 0;
          expect(Math.abs(found - exact)).toBeLessThanOrEqual(Math.max(0.05 * exact, 0.5));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('of no durations is null, and a clock that was set back counts as no time', () => {
    expect(percentile([], 0.5)).toBeNull();
    expect(percentile(histogramOf([-5, 0, 1]), 0.9)).toBe(1);
  });

  test('for a million people needs only a few hundred buckets', () => {
    const durations = Array.from({ length: 1_000_000 }, (_, i) => (i * 7_919) % (30 * 24 * hourMs));
    const histogram = histogramOf(durations);
    expect(countOf(histogram)).toBe(1_000_000);
    expect(histogram.length).toBeLessThan(600);
  });
});

describe('GET /api/stats', () => {
  test('says how long people take, counts each once, and keeps the counts after a restart', async () => {
    const clock = createMovableClock();
    const world = await startWorld({ surroundings: { clock } });
    const nobody = { count: 0, p50Ms: null, p90Ms: null };
    expect((await world.api('GET', '/api/stats')).json.durations).toEqual({
      invitationToActivation: nobody,
      activationToWelcome: nobody,
    });

    const { userId, invitationId } = await inviteAndRegister(world, 'ann@example.com');
    await memberBecomes(world, userId, 'waiting');
    await deliveriesOut(world);
    clock.move(hourMs);
    await world.api('POST', '/api/pause');
    world.portal.control.confirmEmail(userId);
    await invitationBecomes(world, invitationId, 'activated');
    clock.move(10 * hourMs);
    await world.api('POST', '/api/resume');
    await invitationBecomes(world, invitationId, 'welcomed');
    const edit = deliveryBody({ id: 77, userId });
    await deliver(world.service.url, edit, signed(edit));

    const again = await world.restart();
    const { durations } = (await again.api('GET', '/api/stats')).json;
    expect(durations.invitationToActivation.count).toBe(1);
    expect(durations.activationToWelcome.count).toBe(1);
    // The time that the machine itself took is added.
    for (const [ms, from] of [
      [durations.invitationToActivation.p50Ms, hourMs],
      [durations.activationToWelcome.p90Ms, 10 * hourMs],
    ]) {
      expect(ms).toBeGreaterThan(0.95 * from);
      expect(ms).toBeLessThan(1.05 * (from + 20_000));
    }
  });

  test('counts a person who came without our invitation only for the wait for the welcome', async () => {
    const world = await startWorld({ settings: { WELCOME_AUDIENCE: 'everyone' } });
    const { control } = world.portal;
    await until('the baseline is complete', async () => {
      const { json } = await world.api('POST', '/api/reconcile');
      return json.interrupted === null;
    });
    const userId = control.addUser({
      email: 'direct@example.com',
      firstName: 'D',
      lastName: 'E',
      type: 'User',
      how: 'sso',
    });
    control.activateSilently(userId);
    await world.api('POST', '/api/reconcile');
    await memberBecomes(world, userId, 'welcomed');
    const { durations } = (await world.api('GET', '/api/stats')).json;
    expect(durations.invitationToActivation.count).toBe(0);
    expect(durations.activationToWelcome.count).toBeGreaterThanOrEqual(1);
  });
});

describe('the chart', () => {
  const durations = [5_000, 30_000, 40_000, 45_000, 20 * 60_000, 3 * 24 * hourMs];

  test('shows a bar for each span, and none before the first and after the last one', () => {
    expect(durationsChart(histogramOf(durations), 60)).toEqual([
      expect.stringMatching(
        /^ {2}half within (39|40|41) s, nine of ten within \d\.\d days \(6 people\)$/,
      ),
      '  under 10 s  1  █████████████',
      `  10–60 s     3  ${'█'.repeat(40)}`,
      '  1–10 min    0',
      '  10–60 min   1  █████████████',
      '  1–24 h      0',
      '  1–7 days    1  █████████████',
    ]);
  });

  test.each([20, 40, 80, 120])('fits into %i columns, except for its words', (columns) => {
    const bars = durationsChart(histogramOf(durations), columns).slice(1);
    for (const line of bars) expect([...line].length).toBeLessThanOrEqual(columns);
  });

  test('of no durations says so', () => {
    expect(durationsChart([], 80)).toEqual(['  nobody yet']);
  });
});
