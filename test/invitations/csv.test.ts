import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvLine } from '../../src/api/csv.ts';
import { planRows } from '../../src/invitations/import/plan.ts';
import { type CsvRow, readCsv } from '../../src/invitations/import/read-csv.ts';
import { reasonText } from '../../src/messages/render.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

async function rowsOf(input: string | Uint8Array): Promise<readonly CsvRow[]> {
  const read = await readCsv(typeof input === 'string' ? bytes(input) : input);
  if (read.kind !== 'read') throw new Error(reasonText(read.fault));
  return read.rows;
}

const ann: CsvRow = {
  row: 2,
  email: 'ann@example.com',
  type: 'User',
  mode: 'link',
  note: 'hello',
  language: '',
};

describe('a table is read the same from every spreadsheet program', () => {
  test.each([
    ['with commas', 'email,type,mode,note\nann@example.com,User,link,hello\n'],
    ['with semicolons', 'email;type;mode;note\nann@example.com;User;link;hello\n'],
    ['with tabs', 'email\ttype\tmode\tnote\nann@example.com\tUser\tlink\thello\n'],
    ['with a byte order mark', '\ufeffemail,type,mode,note\r\nann@example.com,User,link,hello\r\n'],
    ['with CRLF', 'email,type,mode,note\r\nann@example.com,User,link,hello\r\n'],
    ['with CR alone', 'email,type,mode,note\rann@example.com,User,link,hello\r'],
    ['without a last line break', 'email,type,mode,note\nann@example.com,User,link,hello'],
    ['all quoted', '"email","type","mode","note"\n"ann@example.com","User","link","hello"\n'],
    [
      'with other columns in another order',
      'Id,Note,E-MAIL,Name,TYPE,Mode\n7,hello,ann@example.com,Ann,User,link',
    ],
    ['with spaces around', ' Email , type,mode ,note\n ann@example.com , User,link, hello '],
    [
      'with empty lines at its end',
      'email,type,mode,note\nann@example.com,User,link,hello\n,,,\n\n',
    ],
    [
      'with fewer and more cells',
      'email,type,mode,note\nann@example.com,User,link,hello,more,cells',
    ],
  ])('%s', async (_how, text) => {
    expect(await rowsOf(text)).toEqual([ann]);
  });

  test('saved by Excel as Unicode text (UTF-16)', async () => {
    const text = '\ufeffemail\ttype\tmode\tnote\r\nann@example.com\tUser\tlink\thello\r\n';
    expect(await rowsOf(new Uint8Array(Buffer.from(text, 'utf16le')))).toEqual([ann]);
  });

  test('with a first line that names the separator', async () => {
    const rows = await rowsOf('sep=;\r\nemail;type;mode;note\r\nann@example.com;User;link;hello');
    expect(rows).toEqual([{ ...ann, row: 3 }]);
  });
});

test('quoted cells keep separators, line breaks and quotes, and rows are counted as in a spreadsheet', async () => {
  const text = 'email;note\r\na@example.com;"one; ""two""\r\nthree"\r\n\r\nb@example.com;last\r\n';
  expect((await rowsOf(text)).map(({ row, email, note }) => [row, email, note])).toEqual([
    [2, 'a@example.com', 'one; "two"\r\nthree'],
    [4, 'b@example.com', 'last'],
  ]);
});

test('any note is read correctly with any separator', async () => {
  const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'grapheme' }).map((text) => text.trim()),
      fc.constantFrom(',', ';', '\t'),
      fc.constantFrom('\n', '\r\n'),
      async (note, separator, lineBreak) => {
        const lines = [
          ['email', 'note'].join(separator),
          [cell('a@example.com'), cell(note)].join(separator),
        ];
        expect((await rowsOf(lines.join(lineBreak)))[0]?.note).toBe(note);
      },
    ),
  );
});

test('any bytes are read, or refused with a reason', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (any) => {
      const read = await readCsv(any);
      if (read.kind === 'unreadable') expect(reasonText(read.fault)).not.toBe('');
    }),
  );
});

test.each([
  ['no column email', 'name,type\nAnn,User', /no column "email"/],
  [
    'two columns of addresses',
    'email,Private e-mail\na@x.org,b@x.org',
    /2 columns of addresses: "email", "Private e-mail"/,
  ],
  [
    'a second column of addresses without such a name',
    'email,boss\na@x.org,b@x.org',
    /2 columns of addresses: "email", "boss"/,
  ],
  ['nothing', '', /is empty/],
  ['a quote that never ends', 'email,note\na@example.com,"open', /cannot be read/],
])('a file with %s is refused with the reason', async (_what, text, reason) => {
  const read = await readCsv(bytes(text));
  expect(read.kind === 'unreadable' && reasonText(read.fault)).toMatch(reason);
});

test('a file in an old code page is refused with advice', async () => {
  const latin1 = new Uint8Array([...bytes('email,note\na@example.com,caf'), 0xe9]);
  const read = await readCsv(latin1);
  expect(read).toEqual({ kind: 'unreadable', fault: { code: 'csv_not_utf8' } });
});

test('cells that a spreadsheet would run as a formula are written as text', () => {
  const formulas = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1', '=cmd|" /C calc"!A0'];
  for (const formula of formulas) {
    const [[cell] = []] = parse(csvLine([formula])) as string[][];
    expect(cell).toBe(`'${formula}`);
  }
  expect(csvLine(['a@example.com', 12, null])).toBe('a@example.com,12,');
});

describe('turning rows into requests', () => {
  const row = (cells: Partial<CsvRow>): CsvRow => ({
    row: 2,
    email: '',
    type: '',
    mode: '',
    note: '',
    language: '',
    ...cells,
  });
  const defaults = { type: 'User', mode: 'email', note: 'spring' };

  test('gives empty cells the defaults, and knows types in upper and lower case', async () => {
    const rows = [
      row({ email: 'a@example.com' }),
      row({ email: 'b@example.com', type: 'guest', mode: 'LINK', note: 'own' }),
    ];
    const planned = await planRows(rows, 'f', defaults);
    expect(planned.map((one) => one.kind === 'request' && one.request)).toEqual([
      {
        email: 'a@example.com',
        employeeType: 'User',
        mode: 'email',
        note: 'spring',
        language: null,
        idempotencyKey: 'f',
      },
      {
        email: 'b@example.com',
        employeeType: 'Guest',
        mode: 'link',
        note: 'own',
        language: null,
        idempotencyKey: 'f',
      },
    ]);
  });

  test('uses an address once, in any spelling', async () => {
    const rows = [row({ email: 'Ann@Example.com' }), row({ row: 3, email: ' ann@example.COM' })];
    expect((await planRows(rows, 'f', defaults))[1]).toMatchObject({
      kind: 'duplicate in the file',
      reason: { code: 'row_repeats_address', row: 2 },
    });
  });

  test('gives rows without an address their own keys, which do not change when the rows before them do', async () => {
    const team = row({ type: 'Guest', mode: 'open-link', note: 'Team' });
    const keysOf = async (rows: CsvRow[]) =>
      (await planRows(rows, 'f', defaults)).map((one) =>
        one.kind === 'request' ? one.request.idempotencyKey : null,
      );
    const keys = await keysOf([team, team]);
    expect(new Set(keys).size).toBe(2);
    expect((await keysOf([row({ email: 'new@example.com' }), team, team])).slice(1)).toEqual(keys);
    // A file that version 0.2.0 imported has this key.
    expect(keys[0]).toBe('f:fef35887ce72fd98:1');
    const german = { ...team, language: 'de' };
    const [plain, inGerman] = await keysOf([team, german]);
    expect(await keysOf([german, team])).toEqual([inGerman, plain]);
  });

  test('gives a reason for each invalid row', async () => {
    const rows = [
      row({ email: 'nobody' }),
      row({ email: 'a@example.com', type: 'Boss' }),
      row({ email: 'b@example.com', type: 'Guest', mode: 'email' }),
    ];
    expect(await planRows(rows, 'f', defaults)).toEqual([
      notValid('nobody', 'email', 'is not an e-mail address'),
      notValid('a@example.com', 'type', expect.stringMatching(/Guest/)),
      notValid('b@example.com', 'mode', expect.stringMatching(/^the portal mails no guest/)),
    ]);
  });

  test('requests nothing for a row without an address, unless the row or the caller asks for an open link', async () => {
    const rows = [row({ note: 'Total' }), row({ mode: 'Open-Link', note: 'Team' })];
    const [total, team] = await planRows(rows, 'f', defaults);
    expect(total).toEqual({
      kind: 'not valid',
      row: 2,
      email: '',
      reason: { code: 'row_without_address' },
    });
    expect(team).toMatchObject({ kind: 'request', request: { email: null, mode: 'link' } });
    const [asked] = await planRows(rows, 'f', { ...defaults, mode: 'link', openLinks: true });
    expect(asked).toMatchObject({ kind: 'request', request: { email: null, note: 'Total' } });
  });

  test('refuses a row with an address that asks for an open link', async () => {
    const rows = [row({ email: 'a@example.com', mode: 'open-link' })];
    expect(await planRows(rows, 'f', defaults)).toMatchObject([
      { kind: 'not valid', reason: { code: 'row_with_address' } },
    ]);
  });

  test.each([
    ['Room admin', 'RoomAdmin'],
    ['room administrator', 'RoomAdmin'],
    ['DocSpace admin', 'DocSpaceAdmin'],
    ['Gast', 'Guest'],
    ['Benutzer', 'User'],
    ['Invité', 'Guest'],
    ['Administrateur de salle', 'RoomAdmin'],
    ['Invitado', 'Guest'],
    ['Administrador de la sala', 'RoomAdmin'],
    ['Гость', 'Guest'],
    ['ゲスト', 'Guest'],
    ['사용자', 'User'],
    ['用户', 'User'],
  ])("knows the portal's own word for a type: %s", async (word, type) => {
    const planned = await planRows([row({ email: 'a@example.com', type: word })], 'f', {
      type: 'User',
      mode: 'link',
    });
    expect(planned).toMatchObject([{ kind: 'request', request: { employeeType: type } }]);
  });
});

function notValid(email: string, field: string, fault: unknown) {
  return {
    kind: 'not valid',
    row: 2,
    email,
    reason: { code: 'row_not_valid', faults: [{ field, fault }] },
  };
}
