import { lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { startCliSetup } from '../cli/support.ts';
import { readResults } from './support.ts';

const byteOrderMark = '\ufeff';

test('a list that this program wrote is read back with the same types, addresses and notes', async () => {
  const first = await startCliSetup();
  const people = [
    ['+bob@example.com', 'RoomAdmin', '=1+1'],
    ['anna@example.com', 'User', ';=1+1;x'],
    ["o'neil@example.com", 'Guest', "it's fine"],
  ] as const;
  for (const [email, type, note] of people) {
    const { code, err } = await first.run('invite', '--type', type, '--note', note, email);
    expect([code, err]).toEqual([0, '']);
  }
  const listed = await first.run('list', '--csv', '--all');
  expect(listed.out.startsWith(byteOrderMark)).toBe(true);
  for (const cells of parse(listed.out, { bom: true }) as string[][]) {
    for (const cell of cells) expect(cell).not.toMatch(/^[=+@]|;[=+@]/);
  }
  const second = await startCliSetup();
  const file = join(second.folder, 'own.csv');
  writeFileSync(file, listed.out);
  const { code, err } = await second.run('invite', '--csv', file);
  // The simulated portal is at a private address, about which the import warns.
  const others = err.replace(/^(\d+ of \d+|Warning: the link leads to).*$/gm, '').trim();
  expect([code, others]).toEqual([0, '']);
  const { items } = (await second.run('list', '--json')).json();
  type Item = { email: string; employeeType: string; note: string };
  expect(
    items.map(({ email, employeeType, note }: Item) => [email, employeeType, note]).sort(),
  ).toEqual([...people].sort());
  expect(readFileSync(`${file}.result.csv`, 'utf8').startsWith(byteOrderMark)).toBe(true);
});

test('the temporary result file follows no symbolic link and keeps no old mode', async () => {
  const setup = await startCliSetup();
  const file = join(setup.folder, 'people.csv');
  writeFileSync(file, 'email\nanna@example.com\n');
  const victim = join(setup.folder, 'victim.txt');
  writeFileSync(victim, 'precious', { mode: 0o644 });
  symlinkSync(victim, `${file}.result.csv.part`);
  expect((await setup.run('invite', '--csv', file)).code).toBe(0);
  expect(readFileSync(victim, 'utf8')).toBe('precious');
  const result = lstatSync(`${file}.result.csv`);
  expect([result.isSymbolicLink(), result.mode & 0o777]).toEqual([false, 0o600]);
});

test('a line without an address invites nobody, and --open-links or its mode makes an open link', async () => {
  const setup = await startCliSetup();
  const file = join(setup.folder, 'people.csv');
  writeFileSync(
    file,
    'Name;email;mode;note\nAnna;anna@example.com;;\nTotal;;;1\n;;open-link;Team\n',
  );
  const dry = await setup.run('invite', '--csv', file, '--dry-run', '--json');
  expect(dry.code).toBe(1);
  expect(dry.json().rows).toMatchObject([
    { row: 2, verdict: 'new' },
    { row: 3, verdict: 'not valid', reason: { code: 'row_without_address' } },
    { row: 4, verdict: 'new', email: null },
  ]);
  const ran = await setup.run('invite', '--csv', file);
  expect([ran.code, ran.out]).toEqual([1, expect.stringContaining('the mode open-link')]);
  expect(readResults(file).map((one) => one.result)).toEqual(['invited', 'not valid', 'invited']);
  const asked = await setup.run('invite', '--csv', file, '--open-links', '--json');
  expect(asked.code).toBe(0);
  expect(asked.json().counts).toEqual({ invited: 3 });
});

test('two columns of addresses are refused with 64, both headings and advice', async () => {
  const setup = await startCliSetup();
  const file = join(setup.folder, 'people.csv');
  writeFileSync(file, 'Work e-mail,Private e-mail\na@example.com,a@example.org\n');
  const { code, out, err } = await setup.run('invite', '--csv', file);
  expect([code, out]).toEqual([64, '']);
  for (const word of ['"Work e-mail"', '"Private e-mail"', '--email-column']) {
    expect(err).toContain(word);
  }
  const answered = await setup.run('invite', '--csv', file, '--email-column', 'Private e-mail');
  expect(answered.code).toBe(0);
  expect((await setup.run('list', '--json')).json().items).toMatchObject([
    { email: 'a@example.org' },
  ]);
});

test('control and direction characters of a file never reach the terminal or the JSON unescaped', async () => {
  const setup = await startCliSetup();
  const file = join(setup.folder, 'people.csv');
  const hostile = 'x\u001b[2J\u202ey\u009b31m';
  writeFileSync(file, `email,note\n${hostile}@@example.com,${hostile}\nb@example.com,${hostile}\n`);
  const ran = await setup.run('invite', '--csv', file);
  const listed = await setup.run('list', '--json');
  const exported = await setup.run('list', '--csv');
  const text = [ran.out, ran.err, listed.out, exported.out].join('').replaceAll(byteOrderMark, '');
  expect(text.replace(/[\t\r\n]/g, '')).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
  expect(listed.json().items[0].note).toBe(hostile);
});
