import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emailKey, normaliseEmail } from '../../src/domain/vocabulary.ts';

test.each([
  ['Ada@Bücher.example', 'ada@xn--bcher-kva.example'],
  ['ada@xn--bcher-kva.example', 'ada@xn--bcher-kva.example'],
  ['ünïcode@example.com', 'ünïcode@example.com'],
  ['ada@bücher.example/x', 'ada@bücher.example/x'],
  ['ada@[127.0.0.1]', 'ada@[127.0.0.1]'],
  ['bücher', 'xn--bcher-kva'],
])('%s has the key %s', (given, expected) => {
  expect(emailKey(given)).toBe(expected);
  expect(emailKey(emailKey(given))).toBe(expected);
});

describe('two spellings of one address', () => {
  test.each([
    ['Ada@Example.COM', 'ada@example.com'],
    ['  ada@example.com\n', 'ada@example.com'],
    ['jose\u0301@example.com', 'jos\u00e9@example.com'],
    ['JOSE\u0301@example.com', 'jos\u00e9@example.com'],
    ['\u0130da@example.com', 'i\u0307da@example.com'],
  ])('%j has the form %j', (given, expected) => {
    expect(normaliseEmail(given)).toBe(expected);
  });

  test('an address in this form stays as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (email) => {
        expect(normaliseEmail(normaliseEmail(email))).toBe(normaliseEmail(email));
      }),
      { numRuns: 2_000 },
    );
  });
});
