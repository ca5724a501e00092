import { expect, test } from 'vitest';
import { csvLine } from '../../src/api/csv.ts';

test.each([
  ['after a semicolon', 'x;=1+1;', `"x;'=1+1;"`],
  ['after a semicolon that begins the cell', ';=1+1;x', `";'=1+1;x"`],
  ['after a line break', 'x\n=1+1', `"x\n'=1+1"`],
  ['after a tab and spaces', 'x\t @SUM(A1)', `"x\t '@SUM(A1)"`],
])(
  'a formula %s is written as text, for spreadsheets that also split cells at semicolons',
  (_where, cell, written) => {
    expect(csvLine([cell])).toBe(written);
  },
);

test('signs within a line stay unchanged', () => {
  expect(csvLine(['a+b=c, 7-8; d'])).toBe('"a+b=c, 7-8; d"');
});
