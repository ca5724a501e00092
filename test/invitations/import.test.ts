import { existsSync, readdirSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Portal } from '../../simulator/portal.ts';
import { isSqlite } from '../support/database.ts';
import { startProcess } from '../support/process.ts';
import { until } from '../support/until.ts';
import {
  countBy,
  readLog,
  readResults,
  runVerb,
  startPlace,
  startVerb,
  writeCsv,
} from './support.ts';

function seedActive(portal: Portal, email: string): void {
  portal.control.seedPeople({ count: 1, status: 1, activationStatus: 1, email: () => email });
}

const longMs = 120_000;
/**
 * The portal's answer (docs/docspace-wire.md 13.1). The addresses before the refused one were
 * invited.
 */
const incorrectEmail = {
  error: { message: 'Incorrect email', type: 'System.ArgumentException' },
  status: 1,
  statusCode: 400,
};
const notFound = {
  error: { message: 'The user could not be found', type: 'ASC.Common.Web.ItemNotFoundException' },
  status: 1,
  statusCode: 404,
};
const mailed = (count: number) =>
  [
    'email,type,mode',
    ...Array.from({ length: count }, (_, i) => `p${i}@example.com,User,email`),
  ].join('\n');

test(
  'a dry run shows the expected result of each row, and writes nothing',
  async () => {
    const place = await startPlace();
    const { portal, folder } = place;
    seedActive(portal, 'active@example.com');
    const left = portal.control.addUser({
      email: 'left@example.com',
      activated: true,
      how: 'admin',
    });
    portal.control.disable(left);
    const file = writeCsv(
      place,
      'email,type\nnew@example.com,User\nNEW@example.com,User\nactive@example.com,User\nleft@example.com,User\nnobody,User\n',
    );
    const ran = await runVerb(place, ['invite', '--csv', file, '--dry-run', '--json']);
    expect(ran.code, ran.output).toBe(1);
    const { rows } = JSON.parse(ran.output.slice(ran.output.indexOf('{')));
    expect(rows.map((one: { row: number; verdict: string }) => [one.row, one.verdict])).toEqual([
      [2, 'new'],
      [3, 'duplicate in the file'],
      [4, 'already a user'],
      [5, 'disabled'],
      [6, 'not valid'],
    ]);
    expect(readdirSync(folder)).toEqual(['people.csv']);
    const changing = portal.control.requests().filter((one) => one.method !== 'GET');
    expect(changing).toEqual([]);
  },
  longMs,
);

test(
  'a dry run reports the rows whose invitation could not work, as the import does',
  async () => {
    const place = await startPlace();
    const { control, url, apiKey } = place.portal;
    await fetch(`${url}/api/2.0/people/invite`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ invitations: [{ email: 'pending@example.com', type: 'RoomAdmin' }] }),
    });
    const seed = (email: string, status: 1 | 4, activationStatus: 0 | 1) =>
      control.seedPeople({ count: 1, status, activationStatus, email: () => email });
    seed('waiting@example.com', 1, 0);
    seed('rené@example.com', 1, 1);
    control.addUser({ email: 'added@example.com', how: 'admin' });
    const rows = [
      ['pending@example.com', 'RoomAdmin', 'link', 'refused', 'pending_by_letter'],
      ['waiting@example.com', 'User', 'link', 'refused', 'registered_not_confirmed'],
      ['added@example.com', 'User', 'email', 'refused', 'added_by_admin'],
      ['rene@example.com', 'User', 'link', 'refused', 'address_of_another_user'],
      ['ünïcode@example.com', 'User', 'email', 'not valid', 'row_not_valid'],
      ['ünïcode2@example.com', 'User', 'link', null, null],
    ] as const;
    const lines = rows.map((row) => row.slice(0, 3).join(','));
    const file = writeCsv(place, ['email,type,mode', ...lines].join('\n'));
    // The simulated portal has a private address, so its links carry a warning.
    for (const [flags, key, good, notice] of [
      [['--dry-run'], 'verdict', 'new', null],
      [[], 'result', 'invited', 'link_warning'],
    ] as const) {
      const ran = await runVerb(place, ['invite', '--csv', file, '--json', ...flags]);
      const told = JSON.parse(ran.output.slice(ran.output.indexOf('{'))).rows;
      expect(
        told.map((one: Record<string, { code: string } | null>) => [
          one[key],
          one['reason']?.code ?? null,
        ]),
        ran.output,
      ).toEqual(rows.map((row) => [row[3] ?? good, row[4] ?? notice]));
    }
  },
  longMs,
);

test(
  'a dry run after an import knows who is invited, also by an open link',
  async () => {
    const place = await startPlace();
    const file = writeCsv(place, 'email,mode,note\na@example.com,,\n,open-link,Team\n');
    expect((await runVerb(place, ['invite', '--csv', file])).code).toBe(0);
    const before = statSync(`${place.folder}/people.csv.result.csv`).mtimeMs;
    const ran = await runVerb(place, ['invite', '--csv', file, '--dry-run']);
    expect(ran.code, ran.output).toBe(0);
    expect(ran.output).toMatch(/2 +already invited/);
    expect(statSync(`${place.folder}/people.csv.result.csv`).mtimeMs).toBe(before);
  },
  longMs,
);

test(
  'an address that the portal refuses fails no other row of its request',
  async () => {
    const place = await startPlace();
    const { portal, folder } = place;
    // No request shows that this user is disabled. The portal refuses it after it has invited the
    // addresses before.
    const odd = portal.control.addUser({ email: 'odd@example.com', how: 'admin' });
    portal.control.disable(odd);
    const lettersBefore = portal.control.letters().length;
    portal.control.interfere({
      on: ({ query }) => query.get('email') === 'odd@example.com',
      act: { kind: 'answer', status: 404, body: JSON.stringify(notFound) },
    });
    const file = writeCsv(
      place,
      `${mailed(30)}\nodd@example.com,User,email\n${mailed(45).split('\n').slice(31).join('\n')}`,
    );
    const remove = portal.control.interfere({
      on: ({ method, path }) => method === 'POST' && path.endsWith('/people/invite'),
      times: 1,
      act: { kind: 'effectThenAnswer', status: 400, body: JSON.stringify(incorrectEmail) },
    });
    const ran = await runVerb(place, ['invite', '--csv', file]);
    remove();
    const counts = countBy(readResults(file), (one) => one.result);
    expect(counts, ran.output).toEqual({ invited: 45, refused: 1 });
    const mails = portal.control.letters().slice(lettersBefore);
    const letters = countBy(mails, (one) => one.to);
    expect(Object.keys(letters).length).toBe(counts['invited']);
    expect(new Set(Object.values(letters))).toEqual(new Set([1]));
    expect((await readLog(folder)).filter((one) => one.stage === 'issued')).toHaveLength(
      counts['invited'] ?? 0,
    );
  },
  longMs,
);

test(
  'if the portal asks to wait during the import, the import waits, and nobody is left out or invited twice',
  async () => {
    const place = await startPlace();
    const { portal, folder } = place;
    const file = writeCsv(
      place,
      `${mailed(100)}\n${Array.from({ length: 100 }, (_, i) => `l${i}@example.com,Guest,link`).join('\n')}`,
    );
    let count = 0;
    portal.control.interfere({
      on: () => {
        count += 1;
        return count > 150 && count < 160;
      },
      act: { kind: 'answer', status: 429, headers: { 'Retry-After': '2' } },
    });
    const ran = await runVerb(place, ['invite', '--csv', file]);
    expect(ran.code, ran.output).toBe(0);
    expect(ran.output).toMatch(/continues at/);
    expect(countBy(readResults(file), (one) => one.result)).toEqual({ invited: 200 });
    expect(countBy(await readLog(folder), (one) => one.stage)).toEqual({ issued: 200 });
    expect(new Set(Object.values(countBy(portal.control.letters(), (one) => one.to)))).toEqual(
      new Set([1]),
    );
  },
  longMs,
);

test(
  "at the portal's daily limit the import stops, says when it can continue, and continues then",
  async () => {
    const place = await startPlace({ rateLimits: { writesPerDay: 2 } });
    const file = writeCsv(place, mailed(100));
    const ran = await runVerb(place, ['invite', '--csv', file]);
    expect(ran.code, ran.output).toBe(69);
    expect(ran.output).toMatch(/Run the same command again after .*\d\d:\d\d:\d\d/);
    const counts = countBy(readResults(file), (one) => one.result);
    // A day after the first write. The time zone of the tests is UTC.
    const [, until] = /after (\S+ \S+?)[:.] /.exec(ran.output) ?? [];
    const dayLater = Date.parse(`${until?.replace(' ', 'T')}Z`) - 86_400_000;
    expect(Date.now() - dayLater, until).toBeGreaterThan(0);
    expect(Date.now() - dayLater, until).toBeLessThan(60_000);
    expect(counts['invited']).toBe(40);
    expect(counts['not reached']).toBe(60);

    const elsewhere = { ...place, portal: place.portal };
    const again = await runVerb(elsewhere, ['invite', '--csv', file]);
    expect(again.code, again.output).toBe(69);
    expect(countBy(readResults(file), (one) => one.result)['invited']).toBe(40);
  },
  longMs,
);

// It takes half a minute, and the database has no part in it.
test.skipIf(!isSqlite)(
  'a portal that cannot be reached stops the import with exit code 69, and the finished rows stay',
  async () => {
    const place = await startPlace();
    const file = writeCsv(place, mailed(3));
    await place.portal.stop();
    const ran = await runVerb(place, ['invite', '--csv', file]);
    expect(ran.code, ran.output).toBe(69);
    expect(countBy(readResults(file), (one) => one.result)).toEqual({ 'not reached': 3 });
  },
  longMs,
);

// With PostgreSQL the key of each row is enough: two runs invite nobody twice (see lockImport).
test.skipIf(!isSqlite)(
  'a second import of the same file at the same time is refused',
  async () => {
    const place = await startPlace();
    const file = writeCsv(place, mailed(20));
    const free = place.portal.control.interfere({ on: () => true, act: { kind: 'hold' } });
    const first = startVerb(place, ['invite', '--csv', file]);
    await until(
      'the first run holds the file',
      () => readdirSync(place.folder).some((name) => /^import-.*\.holder\.json$/.test(name)),
      longMs,
    );
    const second = await runVerb(place, ['invite', '--csv', file]);
    expect(second.code).toBe(1);
    expect(second.output).toMatch(/is being imported by process \d+/);
    free();
    place.portal.control.release();
    expect((await first.ended).code).toBe(0);
  },
  longMs,
);

test(
  'beside a running server the rows use its API in batches, and a second import invites nobody twice',
  async () => {
    const place = await startPlace();
    const { portal, folder } = place;
    const service = await startProcess(portal, folder);
    const file = writeCsv(
      place,
      `${mailed(90)}\n,Guest,open-link\n,Guest,open-link\nactive@example.com,User,link`,
    );
    seedActive(portal, 'active@example.com');
    const ran = await runVerb(place, ['invite', '--csv', file, '--json']);
    expect(ran.code, ran.output).toBe(0);
    const results = readResults(file);
    expect(countBy(results, (one) => one.result)).toEqual({ invited: 92, 'already a user': 1 });
    const asked = portal.control.requests().filter((one) => one.path.endsWith('/people/invite'));
    expect(asked.length).toBeLessThanOrEqual(8);

    expect((await runVerb(place, ['invite', '--csv', file])).code).toBe(0);
    expect(readResults(file)).toEqual(results);
    expect(await readLog(folder)).toHaveLength(92);
    await service.kill();
  },
  longMs,
);

test(
  'people who were invited in another way are distinguished from those of this file',
  async () => {
    const place = await startPlace();
    const file = writeCsv(place, 'email\na@example.com\nb@example.com\n');
    expect((await runVerb(place, ['invite', 'a@example.com'])).code).toBe(0);
    const ran = await runVerb(place, ['invite', '--csv', file]);
    expect(ran.code, ran.output).toBe(0);
    expect(readResults(file).map((one) => one.result)).toEqual(['already invited', 'invited']);
    expect(readResults(file)[0]?.id).toMatch(/^inv_/);
  },
  longMs,
);

test(
  'only the owner can read the result file, and formulas in it are text',
  async () => {
    const place = await startPlace();
    const file = writeCsv(place, 'email\n=1+1@x\n@SUM(A1)\n');
    const ran = await runVerb(place, ['invite', '--csv', file]);
    expect(ran.code).toBe(1);
    expect(readResults(file).map((one) => one.email)).toEqual(["'=1+1@x", "'@SUM(A1)"]);
    expect(statSync(`${file}.result.csv`).mode & 0o777).toBe(0o600);
    expect(existsSync(`${file}.result.csv.part`)).toBe(false);
  },
  longMs,
);

test(
  'a missing file, a file without rows, and a file together with addresses are wrong usage',
  async () => {
    const place = await startPlace();
    const empty = writeCsv(place, 'email\n');
    for (const args of [
      ['--csv', '/nowhere.csv'],
      ['--csv', empty],
      ['a@example.com', '--csv', empty],
      ['--dry-run'],
    ]) {
      const ran = await runVerb(place, ['invite', ...args]);
      expect(ran.code, ran.output).toBe(64);
    }
  },
  longMs,
);
