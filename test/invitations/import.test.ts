import { existsSync, readdirSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Portal } from '../../simulator/portal.ts';
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
/** As the portal says it (docs/docspace-wire.md 13.1): the addresses before it are invited. */
const incorrectEmail = {
  error: { message: 'Incorrect email', type: 'System.ArgumentException' },
  status: 1,
  statusCode: 400,
};
const mailed = (count: number) =>
  [
    'email,type,mode',
    ...Array.from({ length: count }, (_, i) => `p${i}@example.com,User,email`),
  ].join('\n');

test(
  'a dry run says of each row what it would come to, and writes nothing',
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
  'a dry run after a run knows who is invited, also by an open link',
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
  'one address that the portal refuses fails no other of its slice',
  async () => {
    const place = await startPlace();
    const { portal, folder } = place;
    // Valid here and refused there: the portal refuses punycode (wire 4), after those before it.
    const file = writeCsv(
      place,
      `${mailed(30)}\nodd@xn--exmple-cua.com,User,email\n${mailed(45).split('\n').slice(31).join('\n')}`,
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
    const letters = countBy(portal.control.letters(), (one) => one.to);
    expect(Object.keys(letters).length).toBe(counts['invited']);
    expect(new Set(Object.values(letters))).toEqual(new Set([1]));
    expect(readLog(folder).filter((one) => one.stage === 'issued')).toHaveLength(
      counts['invited'] ?? 0,
    );
  },
  longMs,
);

test(
  'a portal that asks to wait in the middle is waited for, and nobody is missed or asked twice',
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
    expect(countBy(readLog(folder), (one) => one.stage)).toEqual({ issued: 200 });
    expect(new Set(Object.values(countBy(portal.control.letters(), (one) => one.to)))).toEqual(
      new Set([1]),
    );
  },
  longMs,
);

test(
  'at the portal’s daily limit the run stops, says when it can go on, and goes on then',
  async () => {
    const place = await startPlace({ rateLimits: { writesPerDay: 2 } });
    const file = writeCsv(place, mailed(100));
    const ran = await runVerb(place, ['invite', '--csv', file]);
    expect(ran.code, ran.output).toBe(69);
    expect(ran.output).toMatch(/Run the same command again after .*\d\d:\d\d:\d\d/);
    const counts = countBy(readResults(file), (one) => one.result);
    // A day after the first write, in the tests' time zone, which is UTC.
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

test(
  'a portal that cannot be reached stops the run with exit code 69, and what was done stays',
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

test(
  'a second run of one file at the same time is told',
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
  'beside a running server the rows go through its API, in slices, and a second time nobody is invited twice',
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
    expect(readLog(folder)).toHaveLength(92);
    await service.kill();
  },
  longMs,
);

test(
  'rows of people invited otherwise are told from those of this file',
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
  'the result file is for its owner only, and formulas in it are text',
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
  'a file that is missing, has no rows, or comes with addresses is wrong usage',
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
