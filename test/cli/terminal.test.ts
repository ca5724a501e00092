import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { table } from '../../src/cli/layout.ts';
import { printable } from '../../src/cli/terminal.ts';

describe('printable text', () => {
  test('keeps names of any script', () => {
    for (const name of ['Ann O’Hara', 'Zoë', 'Ελλάδα', '東京', 'محمد', 'नमस्ते', '🎉', "a+b'c"]) {
      expect(printable(name)).toBe(name);
    }
  });

  test('contains nothing that moves the cursor, changes the style or reverses the line', () => {
    const letters = fc.string({ unit: 'binary' });
    const nasty = fc.string({
      unit: fc.constantFrom(
        ...'\u001b\u009b\u0007\r\n\t\b\u0000\u007f\u061c\u200e\u200f\u202a\u202e\u2066\u2069\u2028\u2029a',
      ),
    });
    fc.assert(
      fc.property(fc.oneof(letters, nasty), (text) => {
        expect(printable(text)).not.toMatch(/\p{Cc}|\p{Bidi_Control}|\p{Zl}|\p{Zp}/u);
        expect([...printable(text)].length).toBe([...text].length);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a table', () => {
  const cell = fc.string({ unit: 'grapheme-ascii', maxLength: 30 });
  const rows = fc
    .integer({ min: 1, max: 6 })
    .chain((width) =>
      fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1 }),
    );

  test('has one line per row, and none is longer than the terminal', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 2, max: 120 }), (given, columns) => {
        const lines = table(given, columns);
        expect(lines).toHaveLength(given.length);
        for (const line of lines) expect([...line].length).toBeLessThanOrEqual(columns);
      }),
    );
  });

  test('aligns its columns', () => {
    const lines = table(
      [
        ['a', 'b'],
        ['longer', 'c'],
        ['é', 'd'],
      ],
      80,
    );
    expect(lines).toEqual(['a       b', 'longer  c', 'é       d']);
  });

  test('counts a wide letter as two columns', () => {
    const [wide = ''] = table([['x', '東'.repeat(60)]], 80);
    const columns = [...wide].reduce((sum, one) => sum + (/\p{Script=Han}/u.test(one) ? 2 : 1), 0);
    expect(columns).toBeLessThanOrEqual(80);
  });

  test('without rows is empty', () => {
    expect(table([], 80)).toEqual([]);
  });
});
