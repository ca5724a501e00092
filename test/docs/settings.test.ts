import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Setting, settings } from '../../src/config/settings.ts';

const page = new URL('../../docs/settings.md', import.meta.url);
const begin = '<!-- settings -->';
const end = '<!-- /settings -->';

/** The table of `docs/settings.md`, made from the settings' data. */
function settingsTable(): string {
  const rows = Object.entries<Setting>(settings).map(([name, setting]) => {
    const { fallback, optional, secret, meaning } = setting;
    const shown = fallback === null ? (optional ? '' : '*required*') : `\`${fallback}\``;
    const file = secret ? `\`${name}_FILE\`` : '';
    return `| \`${name}\` | ${shown} | ${meaning} | ${file} |`;
  });
  return [
    '| variable | default | meaning | from a file |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/** The text before, within and after the markers. */
function partsOf(text: string): readonly [string, string, string] {
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  if (from < begin.length || to < from) throw new Error(`docs/settings.md needs ${begin} … ${end}`);
  return [text.slice(0, from), text.slice(from, to), text.slice(to)];
}

test('docs/settings.md has the table that the settings make (UPDATE_DOCS=1 writes it)', () => {
  const [before, written, after] = partsOf(readFileSync(page, 'utf8'));
  const table = `\n${settingsTable()}\n`;
  if (process.env.UPDATE_DOCS === '1' && written !== table) {
    writeFileSync(page, before + table + after);
    return;
  }
  expect(written).toBe(table);
});

test('the notes of docs/settings.md and the README name no setting that does not exist', () => {
  const known = new Set<string>(
    Object.entries<Setting>(settings).flatMap(([name, setting]) =>
      setting.secret ? [name, `${name}_FILE`] : [name],
    ),
  );
  const texts = ['../../README.md', '../../docs/settings.md', '../../docs/connect.md']
    .concat(['../../docs/channels.md', '../../docs/operate.md', '../../SECURITY.md'])
    .map((path) => readFileSync(new URL(path, import.meta.url), 'utf8'));
  const named = texts.flatMap((text) =>
    [
      ...text.matchAll(
        /\b(?:DOCSPACE|ADMIN|PUBLIC|DATABASE|WELCOME|SMTP|NOTIFY|RECONCILE|RETENTION)_[A-Z_]+/g,
      ),
    ].map(([name]) => name),
  );
  expect([...new Set(named)].filter((name) => !known.has(name))).toEqual([]);
});
