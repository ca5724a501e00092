import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { invitationView } from '../../src/api/invitations.ts';
import { wrapIndented } from '../../src/cli/layout.ts';
import { listHeading, listLine } from '../../src/cli/verbs/list.ts';
import { openSqliteReads, openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { invite } from '../store/support.ts';
import { runVerb, startPlace } from './support.ts';

const longMs = 120_000;

/** The portal mails every third invitation. Each has a note with the number of a team. */
async function seed(file: string, count: number): Promise<void> {
  const store = openSqliteStore(file);
  const numbers = Array.from({ length: count }, (_, n) => n);
  await Promise.all(
    numbers.map((n) =>
      invite(store, `inv_${n}`, {
        email: `person${n}@example.com`,
        note: `team ${n % 7}`,
        mode: n % 3 === 0 ? 'email' : 'link',
      }),
    ),
  );
  await store.close();
}

test(
  'the list shows all invitations page by page, as JSON, as CSV and as a table',
  async () => {
    const place = await startPlace();
    await seed(`${place.folder}/welcome.db`, 450);
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
  'lines of %i columns are aligned and fit, also with wide letters',
  async (columns) => {
    const place = await startPlace();
    const file = `${place.folder}/welcome.db`;
    await seed(file, 60);
    const reads = openSqliteReads(file);
    const { items } = await reads.listInvitations({}, { limit: 60 }, Date.now());
    await reads.close();
    const start = listHeading(columns).indexOf('WHO');
    for (const item of items) {
      const view = invitationView(item, Date.now(), 'en');
      const line = listLine(
        { ...view, email: '王小明@例え.jp', note: '東京チーム 🚀 '.repeat(9) },
        columns,
      );
      expect(stringWidth(line)).toBeLessThanOrEqual(columns);
      expect(line.indexOf('王小明')).toBe(start);
    }
  },
);

test('a long text is broken between words, and its further lines are indented', () => {
  const text = '王小明 said that this is a rather long reason for something';
  const lines = wrapIndented({ first: '  next     ', indent: 11, text, columns: 36 });
  expect(lines[0]).toBe('  next     王小明 said that this is');
  for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(36);
  expect(lines.slice(1).every((line) => line.startsWith(' '.repeat(11)))).toBe(true);
  expect(lines.map((line) => line.slice(11)).join(' ')).toBe(text);
});
