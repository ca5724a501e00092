import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { portalTime } from '../../src/docspace/schemas.ts';

const at = Date.UTC(2026, 7, 20, 10, 15, 42);

describe('a date of the portal (docs/docspace-wire.md 2.3)', () => {
  test.each([
    ['whole seconds in UTC', '2026-08-20T10:15:42Z', at],
    ['seven digits in UTC', '2026-08-20T10:15:42.1234567Z', at + 123],
    ['seven zeros with an offset', '2026-08-20T13:15:42.0000000+03:00', at],
    ['a negative offset with minutes', '2026-08-20T06:45:42-03:30', at],
    ['no zone, which means UTC', '2026-08-20T10:15:42', at],
    ['no zone with a fraction', '2026-08-20T10:15:42.5', at + 500],
    ['one digit', '2026-08-20T10:15:42.1Z', at + 100],
    ['two digits', '2026-08-20T10:15:42.12Z', at + 120],
    ['the empty date', '0001-01-01T00:00:00.0000000Z', Date.parse('0001-01-01T00:00:00Z')],
    ['a leap day', '2028-02-29T00:00:00Z', Date.UTC(2028, 1, 29)],
  ])('is read with %s', (_, text, expected) => {
    expect(portalTime.parse(text)).toBe(expected);
  });

  test.each([
    '',
    'now',
    '2026-08-20',
    '2026-08-20 10:15:42',
    '2026-08-20T10:15Z',
    '2026-13-01T00:00:00Z',
    '2026-08-32T00:00:00Z',
    '2026-08-20T25:00:00Z',
    '2026-08-20T10:61:00Z',
    '2026-08-20T10:15:42+03',
    '2026-08-20T10:15:42.Z',
    '2026-08-20T10:15:42z',
    ' 2026-08-20T10:15:42Z',
    '2026-08-20T10:15:42Z\n',
    '+002026-08-20T10:15:42Z',
    '/Date(1755684942000)/',
    1_755_684_942_000,
    null,
    {},
  ])('is not read from %j', (nonsense) => {
    expect(portalTime.safeParse(nonsense).success).toBe(false);
  });

  test('is the same time in every notation of the portal', () => {
    const years = { min: new Date('2015-01-01'), max: new Date('2100-01-01'), noInvalidDate: true };
    fc.assert(
      fc.property(fc.date(years), fc.integer({ min: -840, max: 840 }), (date, offset) => {
        const cut = date.toISOString().slice(0, 23);
        expect(portalTime.parse(`${cut}Z`)).toBe(date.getTime());
        expect(portalTime.parse(cut)).toBe(date.getTime());
        expect(portalTime.parse(`${cut}9999Z`)).toBe(date.getTime());
        const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, 23);
        const hours = String(Math.trunc(Math.abs(offset) / 60)).padStart(2, '0');
        const minutes = String(Math.abs(offset) % 60).padStart(2, '0');
        const zone = `${offset < 0 ? '-' : '+'}${hours}:${minutes}`;
        expect(portalTime.parse(`${local}0000${zone}`)).toBe(date.getTime());
      }),
      { numRuns: 500 },
    );
  });

  test('is read or refused, and never becomes an invalid number', () => {
    const looksLikeOne = fc.stringMatching(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?$/,
    );
    fc.assert(
      fc.property(fc.oneof(looksLikeOne, fc.string()), (text) => {
        const read = portalTime.safeParse(text);
        if (read.success) expect(Number.isFinite(read.data)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
