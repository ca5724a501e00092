import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isWorthRepeating,
  longestWaitMs,
  outcomeOf,
  readAnswer,
} from '../../src/docspace/classify.ts';
import type { Outcome } from '../../src/domain/outcome.ts';

const success = '{"count":0,"links":[],"status":0,"statusCode":200}';
const errorBody = (statusCode: number, but: object = {}) =>
  JSON.stringify({
    error: { message: 'Access denied', type: 'System.Exception', stack: '', hresult: -1, ...but },
    status: 1,
    statusCode,
  });
const problem = (status: number) =>
  JSON.stringify({
    type: 'https://tools.ietf.org/html/rfc9110',
    title: 'No',
    status,
    traceId: '0',
  });
const validation = (status: number, statusCode = status) =>
  JSON.stringify({ response: { title: 'No', status }, count: 1, links: [], status: 1, statusCode });
const page = '<html>\n<head><title>405 Not Allowed</title></head>\n</html>';

const answered = (status: number, text: string, retryAfter?: string) =>
  readAnswer({ status, text, retryAfter, clockDifferenceMs: null, now: 0 });
const outcome = (status: number, text: string) => outcomeOf(answered(status, text));

/**
 * `refused about everybody`: three of them pause the channel. `refused`: it concerns only this
 * person.
 */
function shown(outcome: Outcome): string {
  return outcome.kind === 'refused' && outcome.streak !== null
    ? 'refused about everybody'
    : outcome.kind;
}

const statuses = Array.from({ length: 400 }, (_, i) => 200 + i);
const notBegun = [408, 421, 425, 429, 503];
const authors = [
  ['the portal', errorBody],
  ['the portal, before any action', problem],
  ['the portal, about the request', validation],
  ['nobody', () => ''],
  ['a proxy', () => page],
] as const;

describe('the answer to a welcome', () => {
  test("200 in the portal's own envelope means that it was sent", () => {
    expect(shown(outcome(200, success))).toBe('sent');
  });

  test.each(authors)(
    "by %s: only the portal's own 400 and 404 concern the person",
    (author, body) => {
      for (const status of statuses.filter((one) => one >= 300 && one < 500)) {
        const isAboutPerson = author === 'the portal' && (status === 400 || status === 404);
        const expected = notBegun.includes(status)
          ? 'not_sent'
          : isAboutPerson
            ? 'refused'
            : 'refused about everybody';
        expect([status, shown(outcome(status, body(status)))]).toEqual([status, expected]);
      }
    },
  );

  test.each(authors)('by %s: any other status leaves the outcome unknown', (_, body) => {
    for (const status of statuses.filter((one) => one < 300 || one >= 500)) {
      if (status === 503) continue;
      const text = status === 200 ? '{}' : body(status);
      expect([status, shown(outcome(status, text))]).toEqual([status, 'unknown']);
    }
  });

  test.each([
    [200, 403, 'refused about everybody', 'portal_rejects_key'],
    [200, 401, 'refused about everybody', 'portal_rejects_credentials'],
    [200, 402, 'refused about everybody', 'portal_not_paid'],
    [200, 404, 'refused', 'portal_refused'],
    [200, 429, 'not_sent', 'portal_asks_to_wait'],
    [200, 500, 'unknown', 'portal_answered'],
    [200, 503, 'not_sent', 'portal_asks_to_wait'],
    [404, 200, 'refused', 'portal_refused'],
    [404, 500, 'unknown', 'portal_answered'],
    [502, 404, 'unknown', 'portal_answered'],
  ])(
    'the worse of the status %i and of %i in the envelope decides',
    (status, statusCode, expected, code) => {
      const result = outcome(status, errorBody(statusCode));
      expect([shown(result), result.reason.code]).toEqual([expected, code]);
    },
  );

  test('415 in an envelope that says 200 means that nothing was sent', () => {
    const text = '{"response":{"status":415},"count":1,"links":[],"status":0,"statusCode":200}';
    expect(shown(outcome(415, text))).toBe('refused about everybody');
  });

  test('429 in the envelope of a 200 says how long to wait, as the header does', () => {
    expect(outcomeOf(answered(200, errorBody(429), '120'))).toMatchObject({ waitMs: 120_000 });
  });

  test('500 because Redis cannot be reached came before the letter; after any other 500 the outcome is unknown', () => {
    const away = (but: object) =>
      shown(
        outcome(
          500,
          errorBody(500, { type: 'StackExchange.Redis.RedisConnectionException', ...but }),
        ),
      );
    expect(away({ message: 'The message timed out … command=EVAL, timeout: 1000' })).toBe(
      'not_sent',
    );
    expect(
      away({ message: 'No connection is active/available to service this operation: EVAL' }),
    ).toBe('not_sent');
    expect(away({ message: 'command=EVAL', type: 'System.TimeoutException' })).toBe('unknown');
    expect(away({ message: 'Timeout performing GET' })).toBe('unknown');
  });

  test.each([
    [403, '', 'portal_permission_missing'],
    [403, problem(403), 'portal_closed'],
    [404, problem(404), 'portal_closed'],
    [404, '', 'portal_not_found'],
    [405, page, 'proxy_answered'],
    [404, page, 'proxy_answered'],
    [302, page, 'portal_redirects'],
    [413, '', 'portal_answered'],
  ])('%i with %j is reported with its cause: %s', (status, text, code) => {
    expect(outcome(status, text).reason.code).toBe(code);
  });

  test('a request that never left was not sent; one that may have left has an unknown outcome', () => {
    const failed = { kind: 'failed', fault: { code: 'portal_timed_out' } } as const;
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
    '{"statusCode":200}',
    '{"statusCode":200',
    success.slice(0, -1),
    validation(200),
    errorBody(200),
  ])("a 200 that says %j is not the portal's success, so the outcome is unknown", (text) => {
    expect(outcome(200, text).kind).toBe('unknown');
  });

  test("only the portal's own words fail a person or mean that the welcome was sent", () => {
    const part = fc.oneof(fc.integer(), fc.string(), fc.constant(null), fc.object());
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('', success, page, errorBody(400), problem(404), validation(400)),
      fc.json(),
      fc
        .record(
          { error: part, status: part, statusCode: part, response: part },
          { requiredKeys: [] },
        )
        .map((json) => JSON.stringify(json)),
      fc.integer({ min: 100, max: 599 }).map((statusCode) => errorBody(statusCode)),
    );
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 599 }), text, (status, body) => {
        const result = shown(outcome(status, body));
        const isOwn = /"statusCode":/.test(body) && /"status":/.test(body);
        if (result === 'sent') expect([status, isOwn]).toEqual([200, true]);
        if (result === 'refused') expect(isOwn && body.includes('"error":')).toBe(true);
        if (status >= 300 && result !== 'unknown') expect(status).toBeLessThan(504);
        if (status >= 300) expect(result).not.toBe('sent');
      }),
      { numRuns: 2_000 },
    );
  });

  test('no outcome repeats the body, which contains the Key (docs/docspace-wire.md 2.1)', () => {
    const secret = '4242424242.KEYKEYKEYKEYKEYKEYKEY';
    for (const status of statuses) {
      const text = errorBody(status, { message: secret, type: secret });
      expect(JSON.stringify(outcome(status, text))).not.toContain(secret);
    }
  });
});

describe('the recorded answers of a running portal', () => {
  const folder = new URL('./recordings/', import.meta.url);
  const expected: Readonly<Record<string, string>> = {
    'congratulations-429-day': 'not_sent',
    'congratulations-bad-user-id': 'refused about everybody',
    'congratulations-expired-key': 'refused about everybody',
    'congratulations-limiter-without-redis': 'not_sent',
    'congratulations-no-key': 'refused',
    'congratulations-sent': 'sent',
    'congratulations-suspended-portal': 'refused about everybody',
    'congratulations-unknown-user': 'sent',
    'congratulations-with-a-wrong-api-key': 'refused about everybody',
    'congratulations-wrong-key': 'refused about everybody',
  };

  test('all have a description here', () => {
    const names = readdirSync(folder).map((file) => file.replace('.json', ''));
    expect(names.sort()).toEqual(Object.keys(expected).sort());
  });

  test.each(Object.entries(expected))('%s: %s', (name, kind) => {
    const { response } = JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'));
    expect(shown(outcome(response.status, response.body))).toBe(kind);
  });
});

describe('a read is repeated at once', () => {
  test.each(authors)('after an answer by %s only if the portal failed', (_, body) => {
    for (const status of statuses) {
      const asksToWait = status === 429 || status === 503;
      const isFailure = status >= 500 || [408, 421, 425].includes(status);
      const answer = answered(status, body(status));
      expect([status, isWorthRepeating(answer)]).toEqual([status, isFailure && !asksToWait]);
    }
  });
});

describe('how long the portal asks to wait', () => {
  const now = Date.UTC(2026, 0, 10, 12);
  const waitOf = (status: number, retryAfter: string | undefined) =>
    readAnswer({ status, text: '', retryAfter, clockDifferenceMs: null, now }).waitMs;
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
  ])('is limited when Retry-After is %s', (_, header, waitMs) => {
    for (const status of [429, 503]) expect(waitOf(status, header)).toBe(waitMs);
  });

  test('counts only for 429 and 503, whatever the headers of other answers say', () => {
    for (const status of statuses.filter((one) => one !== 429 && one !== 503)) {
      expect(waitOf(status, '120')).toBeNull();
    }
  });

  test('is more than nothing and at most an hour, whatever the header is', () => {
    const headers = fc.oneof(
      fc.string(),
      fc.bigInt().map(String),
      fc.nat({ max: 400 }).map((digits) => '9'.repeat(digits)),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    );
    fc.assert(
      fc.property(headers, fc.constantFrom(429, 503), (header, status) => {
        const waitMs = waitOf(status, header);
        expect(waitMs).toBeGreaterThan(0);
        expect(waitMs).toBeLessThanOrEqual(longestWaitMs);
      }),
      { numRuns: 1_000 },
    );
  });
});
