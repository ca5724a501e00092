import { describe, expect, test } from 'vitest';
import { planRows } from '../../src/invitations/import/plan.ts';
import { readCsv } from '../../src/invitations/import/read-csv.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** How often other work ran during this work. Requests of the portal wait for such turns. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let isOver = false;
  function turn(): void {
    turns += 1;
    if (!isOver) setImmediate(turn);
  }
  setImmediate(turn);
  await work();
  isOver = true;
  return turns;
}

describe('while a file is read, the service keeps answering', () => {
  const size = 256 * 1024;
  test.each([
    ['short rows', `email\n${'a\n'.repeat(size / 16)}`],
    ['empty rows', `email\n${'\n'.repeat(size)}`],
    ['rows of nothing but separators', `email\n${',\n'.repeat(size / 16)}`],
    ['quotes', `email\n${'"'.repeat(size)}`],
    ['zero bytes', `email\n${'\0'.repeat(size)}`],
    ['separators', `email\n${','.repeat(size / 2)}`],
  ])('%s', async (_what, text) => {
    expect(await turnsDuring(() => readCsv(bytes(text)))).toBeGreaterThan(5);
  });

  test('and while its rows are checked', async () => {
    const rows = Array.from({ length: 5_000 }, (_, index) => ({
      row: index + 2,
      email: `a${index}@example.com`,
      type: '',
      mode: '',
      note: '',
      language: '',
    }));
    const judge = () => planRows(rows, 'f', { type: 'Guest', mode: 'link' });
    expect(await turnsDuring(judge)).toBeGreaterThan(15);
  });
});

describe('a file that is not a table of people is refused before it costs much', () => {
  test.each([
    ['one cell without end', `email\n"${'a\n'.repeat(150 * 1024)}"`, 'csv_broken'],
    ['one line without end', `email\n"${'a'.repeat(300 * 1024)}"`, 'csv_line_too_long'],
    ['a row of 20,000 cells', `email\n${','.repeat(20_000)}\n`, 'csv_too_many_columns'],
    ['a heading of 20,000 cells', `email${','.repeat(20_000)}\n`, 'csv_too_many_columns'],
  ])('%s', async (_what, text, code) => {
    const read = await readCsv(bytes(text));
    expect(read).toMatchObject({ kind: 'unreadable', fault: { code } });
  });

  test('rows above the limit are not read', async () => {
    const text = `email\n${'a@example.com\n'.repeat(50)}"never closed`;
    const read = await readCsv(bytes(text), { maxRows: 10 });
    expect(read).toMatchObject({ kind: 'read', rows: { length: 11 } });
  });
});

test('nothing is lost between two pieces of a file: no line break, quote or letter', async () => {
  const rows = Array.from({ length: 3_000 }, (_, index) => ({
    row: index + 2,
    email: `a${index}@example.com`,
    type: '',
    mode: '',
    note: `${'ü€😀'.repeat(index % 5)}"${'\r\n'.repeat(index % 3)},end`,
    language: '',
  }));
  for (const lineBreak of ['\r\n', '\n', '\r']) {
    const lines = rows.map(({ email, note }) => `${email},"${note.replaceAll('"', '""')}"`);
    const read = await readCsv(bytes(['email,note', ...lines].join(lineBreak)));
    expect(read).toEqual({ kind: 'read', rows });
  }
});
