import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundsOfDay, startOfDay, startsOfDays } from '../../src/dashboard/days.ts';
import { formatsFor, knownZone } from '../../src/dashboard/formats.ts';

const hourMs = 3_600_000;
const quarterMs = hourMs / 4;
const dayKeyOf = (zone: string) => formatsFor('en', zone).dayKey;

/**
 * Zones with quarter and half hours beside UTC, with clock changes at midnight, and with a day that
 * did not exist.
 */
const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'America/Santiago',
  'Asia/Kathmandu',
  'Asia/Beirut',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
];

const zone = fc.constantFrom(...zones);
const from2010 = Date.parse('2010-01-01T00:00:00Z');
const moment = fc.integer({ min: from2010, max: Date.parse('2030-01-01T00:00:00Z') });

test('a day has exactly the moments with its date', () => {
  fc.assert(
    fc.property(zone, moment, fc.double({ min: -1, max: 2, noNaN: true }), (name, at, place) => {
      const dayKey = dayKeyOf(name);
      const bounds = boundsOfDay(dayKey(at), dayKey);
      if (!bounds) throw new Error(`${dayKey(at)} is a day in ${name}`);
      const { from, until } = bounds;
      expect(from <= at && at < until).toBe(true);
      const other = Math.round(from + place * (until - from));
      expect(from <= other && other < until).toBe(dayKey(other) === dayKey(at));
      expect([dayKey(from - 1), dayKey(until)]).not.toContain(dayKey(at));
    }),
    { numRuns: 300 },
  );
});

test('each quarter of an hour of the newest days belongs to exactly one day', () => {
  fc.assert(
    fc.property(zone, moment, fc.integer({ min: 1, max: 90 }), (name, now, days) => {
      const dayKey = dayKeyOf(name);
      const starts = startsOfDays(now, days, dayKey);
      expect(starts).toHaveLength(days);
      expect(starts).toEqual([...new Set(starts)].toSorted((a, b) => a - b));
      for (const start of starts) {
        expect(start % quarterMs).toBe(0);
        expect(dayKey(start)).not.toBe(dayKey(start - 1));
      }
      for (const [index, start] of starts.entries()) {
        const end = starts[index + 1] ?? now + 1;
        // The end of this day is the start of the next one, so no quarter of an hour lies between
        // them.
        expect(dayKey(end - 1)).toBe(dayKey(start));
      }
    }),
    { numRuns: 60 },
  );
});

describe('on a day with a clock change', () => {
  test.each([
    ['Europe/Berlin', '2026-03-29', 23],
    ['Europe/Berlin', '2026-10-25', 25],
    ['America/St_Johns', '2026-03-08', 23],
    ['America/St_Johns', '2026-11-01', 25],
    ['Australia/Lord_Howe', '2026-04-05', 24.5],
    ['America/Santiago', '2026-09-06', 23],
    ['Asia/Beirut', '2026-03-29', 23],
    ['Asia/Kathmandu', '2026-03-29', 24],
  ])('in %s the day %s has %d hours', (name, day, hours) => {
    const bounds = boundsOfDay(day, dayKeyOf(name));
    expect(bounds && (bounds.until - bounds.from) / hourMs).toBe(hours);
  });

  test("a day that starts at one o'clock starts there", () => {
    const dayKey = dayKeyOf('America/Santiago');
    const begins = startOfDay(Date.parse('2026-09-06T12:00:00Z'), dayKey);
    expect(new Date(begins).toISOString()).toBe('2026-09-06T04:00:00.000Z');
  });
});

test.each(['2011-12-30', '2026-02-31', '2026-13-01', '30.12.2026', '', 'x', '2026-1-1'])(
  '%j is not a day in Apia',
  (day) => {
    expect(boundsOfDay(day, dayKeyOf('Pacific/Apia'))).toBeNull();
  },
);

test('the newest days of Apia leave out the day that did not exist', () => {
  const dayKey = dayKeyOf('Pacific/Apia');
  const starts = startsOfDays(Date.parse('2012-01-01T00:00:00Z'), 3, dayKey);
  expect(starts.map(dayKey)).toEqual(['2011-12-29', '2011-12-31', '2012-01-01'].slice(-3));
});

test('a zone that this machine does not know is replaced by UTC', () => {
  expect(knownZone('Europe/Berlin')).toBe('Europe/Berlin');
  expect(knownZone('europe/berlin')).toBe('Europe/Berlin');
  for (const none of ['', 'Nowhere/City', '../../etc/passwd', 'UTC; Path=/', '<b>']) {
    expect(knownZone(none)).toBe('UTC');
  }
});

test('a length of time is shown in the unit that people would use', () => {
  const { duration } = formatsFor('en', 'UTC');
  expect([0, 35, 90_000, 40 * 60_000, 30 * hourMs, 100 * hourMs].map(duration)).toEqual([
    '0 ms',
    '35 ms',
    '90 secs',
    '40 mins',
    '30 hrs',
    '4.2 days',
  ]);
});
