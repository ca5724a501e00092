import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { seedLog } from '../../bench/seed-log.ts';
import { invitationView } from '../../src/api/serializers.ts';
import { listHeading, listLine } from '../../src/cli/list-table.ts';
import { wrapped } from '../../src/cli/show-layout.ts';
import { openSqliteReads } from '../../src/store/sqlite/sqlite-store.ts';
import { runVerb, startPlace } from './support.ts';

const longMs = 120_000;

test(
  'the list pages through everything, as JSON, as CSV and as a table',
  async () => {
    const place = await startPlace();
    seedLog({ file: `${place.folder}/welcome.db`, count: 450, now: Date.now() });
    const json = await runVerb(place, ['list', '--all', '--json']);
    const { items, nextCursor } = JSON.parse(json.output);
    expect(new Set(items.map((one: { id: string }) => one.id)).size).toBe(450);
    expect(nextCursor).toBeNull();
    const csv = await runVerb(place, ['list', '--all', '--csv', '--mode', 'email']);
    expect(csv.output.trim().split('\n')).toHaveLength(1 + 150);
    const table = await runVerb(place, ['list', '--q', 'team 4', '--until', '2100-01-01']);
    expect(table.code, table.output).toBe(0);
    expect(table.output).toMatch(/^STATUS +INVITED +TYPE +WHO/);
    const wrong = await runVerb(place, ['list', '--all', '--limit', '5']);
    expect(wrong.code).toBe(64);
  },
  longMs,
);

test.each([80, 120])(
  'lines of %i columns line up and fit, also with wide letters',
  async (columns) => {
    const place = await startPlace();
    const file = `${place.folder}/welcome.db`;
    seedLog({ file, count: 60, now: Date.now() });
    const reads = openSqliteReads(file);
    const { items } = await reads.listInvitations({}, { limit: 60 }, Date.now());
    await reads.close();
    const start = listHeading(columns).indexOf('WHO');
    for (const item of items) {
      const view = invitationView(item, Date.now());
      const line = listLine(
        { ...view, email: '王小明@例え.jp', note: '東京チーム 🚀 '.repeat(9) },
        columns,
      );
      expect(stringWidth(line)).toBeLessThanOrEqual(columns);
      expect(line.indexOf('王小明')).toBe(start);
    }
  },
);

test('a long text is broken between words, with its continuation indented', () => {
  const text = '王小明 said that this is a rather long reason for something';
  const lines = wrapped({ first: '  next     ', indent: 11, text, columns: 36 });
  expect(lines[0]).toBe('  next     王小明 said that this is');
  for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(36);
  expect(lines.slice(1).every((line) => line.startsWith(' '.repeat(11)))).toBe(true);
  expect(lines.map((line) => line.slice(11)).join(' ')).toBe(text);
});
