import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { planRows } from '../../src/invitations/import/plan.ts';
import { type CsvRow, readCsv } from '../../src/invitations/import/read-csv.ts';

const fixture = (name: string) =>
  readFileSync(new URL(`../fixtures/csv/${name}.csv`, import.meta.url));

async function rowsOf(
  bytes: Uint8Array | string,
  options: Parameters<typeof readCsv>[1] = {},
): Promise<readonly CsvRow[]> {
  const input = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
  const read = await readCsv(input, options);
  if (read.kind !== 'read') throw new Error(read.fault.code);
  return read.rows;
}

const two = ['anna@example.com', 'bela@example.com'];

describe('the exports of other programs are read unchanged', () => {
  test.each([
    ['google', two],
    ['m365', two],
    ['mailchimp', two],
    ['invisible', ['anna@example.com']],
    ['semicolon-note', ['anna@example.com']],
    ['own-list', ['anna@example.com']],
    ['totals-row', [...two, '']],
  ])('%s', async (name, addresses) => {
    expect((await rowsOf(fixture(name))).map(({ email }) => email)).toEqual(addresses);
  });

  test('a line with a total requests nothing', async () => {
    const rows = await rowsOf(fixture('totals-row'));
    const planned = await planRows(rows, 'f', { type: 'Guest', mode: 'link' });
    expect(planned.map(({ kind }) => kind)).toEqual(['request', 'request', 'not valid']);
  });

  test('a list that this program wrote keeps its types', async () => {
    expect(await rowsOf(fixture('own-list'))).toMatchObject([{ type: 'RoomAdmin', mode: 'link' }]);
  });
});

describe('headings as people write them', () => {
  test.each([
    'E-Mail-Adresse',
    'E-mail',
    'Email address',
    'Adresse e-mail',
    'Correo electrónico',
    'Dirección de correo electrónico',
    'Indirizzo e-mail',
    'Endereço de e-mail',
    'E-mailadres',
    'Adres e-mail',
    'E-mailová adresa',
    'Электронная почта',
    'Електронна пошта',
    'E-posta adresi',
    'メールアドレス',
    '电子邮件',
    '이메일',
    'User principal name',
    'MAIL',
  ])('%s', async (heading) => {
    const text = `Name;${heading};Number\nAnna Stone;anna@example.com;7\n`;
    expect(await rowsOf(text)).toMatchObject([{ row: 2, email: 'anna@example.com' }]);
  });

  test('the heading may follow titles and empty lines, and rows keep their numbers', async () => {
    const text = 'New colleagues, Berlin\n\nas of Monday\nName;E-Mail\nAnna;anna@example.com\n';
    expect(await rowsOf(text)).toMatchObject([{ row: 5, email: 'anna@example.com' }]);
  });

  test('without a known heading, the column whose cells are addresses is used', async () => {
    const text = 'Who,Contact\nAnna,anna@example.com\nBela,bela@example.com\n';
    expect((await rowsOf(text)).map(({ row, email }) => [row, email])).toEqual([
      [2, 'anna@example.com'],
      [3, 'bela@example.com'],
    ]);
  });

  test('a list of addresses needs no heading', async () => {
    const rows = await rowsOf('anna@example.com\nbela@example.com\n');
    expect(rows.map(({ row, email }) => [row, email])).toEqual([
      [1, 'anna@example.com'],
      [2, 'bela@example.com'],
    ]);
  });

  test('of two columns of addresses, the one that the caller names is used', async () => {
    const text = 'Work email,Private email\na@example.com,b@example.org\n';
    expect((await readCsv(new TextEncoder().encode(text))).kind).toBe('unreadable');
    expect(await rowsOf(text, { emailColumn: 'private email' })).toMatchObject([
      { email: 'b@example.org' },
    ]);
    const unknown = await readCsv(new TextEncoder().encode(text), { emailColumn: 'Home' });
    expect(unknown).toMatchObject({ fault: { code: 'csv_column_missing', column: 'Home' } });
  });

  test('an empty second column of addresses causes no question', async () => {
    const text = 'Email,Recovery email\na@example.com,\n';
    expect(await rowsOf(text)).toMatchObject([{ email: 'a@example.com' }]);
  });
});

describe('cells as people write them', () => {
  test.each([
    ['a name', '"Anna Stone <anna@example.com>"'],
    ['a name with a comma', '"""Stone, Anna"" <anna@example.com>"'],
    ['mailto:', 'mailto:anna@example.com'],
    ['mailto: with a subject', 'mailto:anna@example.com?subject=Hello'],
    ['a zero-width space', 'anna@example.com\u200b'],
    ['a no-break space', '\u00a0anna@example.com\u00a0'],
    ['direction marks', '\u202aanna@example.com\u202c'],
    ['a byte order mark', '\ufeffanna@example.com'],
    ['a soft hyphen', 'anna@exam\u00adple.com'],
    ['a semicolon after it', '"anna@example.com;"'],
  ])('%s', async (_what, cell) => {
    expect(await rowsOf(`email,note\n${cell},x\n`)).toMatchObject([{ email: 'anna@example.com' }]);
  });

  test('a cell with only invisible characters is not an address', async () => {
    const rows = await rowsOf('email,note\nanna@example.com,\n\u00a0\u200b,x\n');
    expect(rows.map(({ email }) => email)).toEqual(['anna@example.com', '']);
  });
});
