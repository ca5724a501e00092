import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Setting, settings } from '../../src/config/settings.ts';

/** The settings as rows of a table: what the README has to say, in its words. */
function settingsRows(): string[] {
  return Object.entries<Setting>(settings).map(([name, setting]) => {
    const { fallback, optional, meaning } = setting;
    const shown = fallback === null ? (optional ? '' : '*required*') : `\`${fallback}\``;
    return `| \`${name}\` | ${shown} | ${meaning} |`;
  });
}

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

test.each(settingsRows())('the README has the row %s', (row) => {
  expect(readme.split('\n')).toContain(row);
});

test('the README names no setting that there is not, and has the rows in their order', () => {
  const rows = settingsRows();
  const first = readme.split('\n').indexOf(rows[0] ?? '');
  expect(readme.split('\n').slice(first, first + rows.length + 1)).toEqual([...rows, '']);
});
