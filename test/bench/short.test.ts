import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Report } from '../../bench/report.ts';
import { postgresFolder } from '../support/postgres-server.ts';

/*
 * A moment of each bench, with the service compiled as it is now. They check what was acknowledged
 * themselves and throw when it is lost; no test asserts a time. One file, for they share `dist`.
 */

const cwd = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);
const deadlineMs = 120_000;
/** `npm run test:faults` runs all benches, `npm test` those in which people are welcomed. */
const whenFull = test.runIf(process.env['FAULTS'] === 'full');

async function short(name: string, ...more: readonly string[]): Promise<Report> {
  const args = ['--import', 'tsx', 'bench/run.ts', name, ...more, '--short', '--json'];
  const { stdout } = await run(process.execPath, args, { cwd, maxBuffer: 16 * 2 ** 20 });
  return JSON.parse(stdout);
}

test(
  'of the receivers, everything that was acknowledged is kept, and nothing is refused',
  async () => {
    const report = await short('receive');
    expect(report.goals).toHaveLength(2);
    const refused = report.tables.slice(0, 3).flatMap(({ rows }) => rows.map((row) => row[6]));
    expect(refused).toEqual(refused.map(() => 0));
  },
  deadlineMs,
);

test(
  'in a drain everybody is welcomed exactly once',
  async () => {
    const report = await short('drain');
    expect(report.tables[0]?.rows).toHaveLength(9);
  },
  deadlineMs,
);

test.skipIf(postgresFolder() === null)(
  'on PostgreSQL, too, everything that was acknowledged is kept',
  async () => {
    expect((await short('receive', '--store', 'postgres')).goals).toHaveLength(2);
  },
  deadlineMs,
);

test(
  'a changed person is found by a reconciliation run and welcomed once, with a limited number of requests',
  async () => {
    const { goals } = await short('reconcile');
    const requests = goals.filter(({ what }) => what.includes('requests'));
    expect(requests.map(({ isReached }) => isReached)).toEqual([true, true, true, true]);
  },
  deadlineMs,
);

whenFull(
  'everything that an admin asks of a log is asked in the store and over HTTP',
  async () => {
    const rows = (await short('query')).tables[0]?.rows ?? [];
    expect(rows.length).toBeGreaterThan(50);
    // A question that no route answers has no figures over HTTP; every other one has four.
    for (const row of rows) {
      expect(row.filter((cell) => typeof cell === 'number').length).toBeGreaterThan(3);
    }
  },
  deadlineMs,
);

whenFull(
  'every page of the dashboard is answered',
  async () => {
    expect((await short('pages')).tables[0]?.rows.length).toBeGreaterThan(15);
  },
  deadlineMs,
);

whenFull(
  'the compiled service becomes ready on an empty and on a full database',
  async () => {
    const report = await short('start');
    expect(report.tables[0]?.rows.map((row) => row[0])).toEqual(['empty', 'full']);
  },
  deadlineMs,
);

whenFull(
  'every mail arrives, and deliveries are answered while old ones are deleted',
  async () => {
    expect((await short('mail')).tables[0]?.rows).toHaveLength(4);
    for (const [, answers] of (await short('retention')).tables[0]?.rows ?? []) {
      expect(answers).toBeGreaterThan(0);
    }
  },
  deadlineMs,
);

whenFull(
  'held connections of strangers do not fill the memory',
  async () => {
    const { goals } = await short('attacks');
    const ofMemory = goals.filter(({ what }) => what.endsWith('memory, MB'));
    expect(ofMemory).toHaveLength(6);
    expect(ofMemory.filter(({ isReached }) => !isReached)).toEqual([]);
  },
  deadlineMs,
);
