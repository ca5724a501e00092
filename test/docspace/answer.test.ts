import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPassing, longestWaitMs, outcomeOf, waitOf } from '../../src/docspace/classify.ts';

const body = '{"count":0,"links":[],"status":0,"statusCode":200}';
const answered = (status: number, waitMs: number | null = null) =>
  ({ kind: 'answered', status, waitMs, body }) as const;

/** The table of design.md, "What an answer means"; what it does not name is doubt, or a refusal. */
function expectedOf(status: number): string {
  if (status === 200) return 'sent';
  if (status === 429 || status === 503) return 'not_sent';
  if ([401, 402, 403].includes(status)) return 'refused, likely everyone';
  if (status >= 300 && status < 400) return 'refused, likely everyone';
  if (status >= 400 && status < 500) return 'refused, this member';
  return 'unknown';
}

const statuses = Array.from({ length: 500 }, (_, i) => 100 + i);

describe('what an answer of sendcongratulations means', () => {
  test.each(statuses)('%i has the outcome of the table', (status) => {
    const outcome = outcomeOf(answered(status));
    const whom = 'streak' in outcome && outcome.streak !== null ? 'likely everyone' : 'this member';
    const shown = outcome.kind === 'refused' ? `refused, ${whom}` : outcome.kind;
    expect(shown).toBe(expectedOf(status));
  });

  test('401, 402 and 403 count into one streak, because one cause brings any of them', () => {
    const streaks = [401, 402, 403].map((status) => {
      const outcome = outcomeOf(answered(status));
      return outcome.kind === 'refused' ? outcome.streak : null;
    });
    expect(new Set(streaks).size).toBe(1);
  });

  test('429 and 503 carry how long to wait', () => {
    for (const status of [429, 503]) {
      expect(outcomeOf(answered(status, 120_000))).toMatchObject({
        kind: 'not_sent',
        waitMs: 120_000,
      });
    }
  });

  test('a request that never left was not sent; one that may have is unknown', () => {
    const failed = { kind: 'failed', detail: 'broke' } as const;
    expect(outcomeOf({ ...failed, left: false }).kind).toBe('not_sent');
    expect(outcomeOf({ ...failed, left: true }).kind).toBe('unknown');
  });

  test.each([
    '',
    ' ',
    '<html>welcome</html>',
    'null',
    '[]',
    '"ok"',
    '{}',
    '{"statusCode":200',
    body.slice(0, -1),
  ])('a 200 that says %j is not the portal’s own: unknown', (text) => {
    expect(outcomeOf({ kind: 'answered', status: 200, waitMs: null, body: text }).kind).toBe(
      'unknown',
    );
  });

  test('no outcome repeats the body, which carries the Key (wire 2.1)', () => {
    const secret = '4242424242.KEYKEYKEYKEYKEYKEYKEY';
    for (const status of statuses) {
      const told = outcomeOf({
        kind: 'answered',
        status,
        waitMs: null,
        body: `{"statusCode":200,"links":[{"href":"/?Key=${secret}"}],"error":{"message":"${secret}"}}`,
      });
      expect(told.detail).not.toContain(secret);
      expect(told.detail).toMatch(/^[^\n]+$/);
    }
  });
});

describe('what a read repeats at once', () => {
  test.each(statuses)('an answer of %i: only what stumbled', (status) => {
    const asksToWait = status === 429 || status === 503;
    const isStumble = status >= 500 && !asksToWait;
    expect(isPassing(answered(status, asksToWait ? 60_000 : null))).toBe(isStumble);
  });
});

describe('how long the portal asks to be left alone', () => {
  const now = Date.UTC(2026, 0, 10, 12);
  const httpDate = (ms: number) => new Date(now + ms).toUTCString();

  test.each([
    ['absent', undefined, 60_000],
    ['empty', '', 60_000],
    ['blank', '  ', 60_000],
    ['seconds', '120', 120_000],
    ['padded seconds', ' 7 ', 7_000],
    ['a date', httpDate(90_000), 90_000],
    ['a date in the past', httpDate(-1_000), 60_000],
    ['nothing to wait', '0', 60_000],
    ['negative', '-5', 60_000],
    ['a fraction', '1.5', 60_000],
    ['words', 'soon', 60_000],
    ['a day', '86400', 3_600_000],
    ['a date in 8,000 years', 'Fri, 31 Dec 9999 23:59:59 GMT', 3_600_000],
    ['more seconds than time has', '99999999999999999999', 3_600_000],
  ])('is a bounded time when Retry-After is %s', (_, header, waitMs) => {
    for (const status of [429, 503]) expect(waitOf(status, header, now)).toBe(waitMs);
  });

  test('is not asked by any other status, whatever its headers say', () => {
    for (const status of statuses.filter((one) => one !== 429 && one !== 503)) {
      expect(waitOf(status, '120', now)).toBeNull();
    }
  });

  test('is more than nothing and an hour at most, whatever the header is', () => {
    const headers = fc.oneof(
      fc.string(),
      fc.bigInt().map(String),
      fc.nat({ max: 400 }).map((digits) => '9'.repeat(digits)),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    );
    fc.assert(
      fc.property(headers, fc.constantFrom(429, 503), (header, status) => {
        const waitMs = waitOf(status, header, now);
        expect(waitMs).toBeGreaterThan(0);
        expect(waitMs).toBeLessThanOrEqual(longestWaitMs);
      }),
      { numRuns: 1_000 },
    );
  });
});
