import { expect, test } from 'vitest';
import { until } from '../support/until.ts';
import {
  countBy,
  countIssued,
  readLog,
  readResults,
  runVerb,
  startPlace,
  startVerb,
  writeCsv,
} from './support.ts';

const longMs = 240_000;
/** `npm run test:faults` sets FAULTS=full. Then the file has 5,000 rows. */
const hundreds = process.env['FAULTS'] === 'full' ? 50 : 10;
const count = hundreds * 100;

/** Rows by mail, by link, equal open links, duplicates, and invalid rows. */
function manyRows(): string {
  const rows = Array.from({ length: count }, (_, i) => {
    if (i % 100 === 97) return `person${i - 1}@example.com,User,email,again`;
    if (i % 100 === 98) return `nobody${i},User,email,`;
    if (i % 100 === 99) return ',Guest,open-link,Team';
    return i % 5 === 0
      ? `person${i}@example.com,User,email,`
      : `person${i}@example.com,Guest,link,"row, ${i}"`;
  });
  return ['email,type,mode,note', ...rows].join('\n');
}

test(
  `an import of ${count} rows that is killed twice invites each valid row once, and its result is complete`,
  async () => {
    const place = await startPlace();
    const { portal, folder } = place;
    const file = writeCsv(place, manyRows());
    for (const doneBefore of [count / 7, count / 2]) {
      const run = startVerb(place, ['invite', '--csv', file]);
      await until(
        `${doneBefore} rows are in the database`,
        async () => {
          if (run.child.exitCode !== null) throw new Error(`it ended:\n${run.output()}`);
          try {
            return (await countIssued(folder)) >= doneBefore;
          } catch {
            // The database does not exist yet.
            return false;
          }
        },
        longMs,
      );
      run.child.kill('SIGKILL');
      await run.ended;
    }
    const ran = await runVerb(place, ['invite', '--csv', file]);
    expect(ran.code, ran.output).toBe(1);

    const results = readResults(file);
    expect(results).toHaveLength(count);
    expect(results.map((one) => Number(one.row))).toEqual(
      Array.from({ length: count }, (_, i) => i + 2),
    );
    expect(countBy(results, (one) => one.result)).toEqual({
      invited: hundreds * 98,
      'duplicate in the file': hundreds,
      'not valid': hundreds,
    });

    const log = await readLog(folder);
    expect(countBy(log, (one) => one.stage)).toEqual({ issued: hundreds * 98 });
    expect(new Set(log.map((one) => one.email).filter(Boolean)).size).toBe(hundreds * 97);
    expect(log.filter((one) => one.email === null)).toHaveLength(hundreds);
    expect(
      new Set(results.filter((one) => one.result === 'invited').map((one) => one.id)).size,
    ).toBe(hundreds * 98);

    // The portal also writes to its owner. Those letters are not invitations.
    const invited = portal.control.letters().filter(({ to }) => to.startsWith('person'));
    const letters = countBy(invited, (one) => one.to);
    expect(Object.keys(letters)).toHaveLength(hundreds * 20);
    expect(new Set(Object.values(letters))).toEqual(new Set([1]));
    const byLink = results.filter((one) => one.result === 'invited' && one.link !== '');
    expect(byLink).toHaveLength(hundreds * 78);
    // The portal makes one link for requests in the same millisecond, so links may be equal.
    const linksInLog = new Map(log.map(({ id, link }) => [id, link]));
    expect(byLink.filter((one) => one.link !== linksInLog.get(one.id ?? ''))).toEqual([]);
    // Requests in progress at a kill may be repeated: at most one batch of each parallel lane.
    const linksAsked = portal.control
      .requests()
      .filter((one) => one.path.includes('users/invite/'));
    expect(linksAsked.length).toBeGreaterThanOrEqual(hundreds * 78);
    expect(linksAsked.length).toBeLessThanOrEqual(hundreds * 78 + 2 * 80);

    const again = await runVerb(place, ['invite', '--csv', file]);
    expect(again.code, again.output).toBe(1);
    expect(readResults(file)).toEqual(results);
    expect(await readLog(folder)).toHaveLength(hundreds * 98);
  },
  longMs * 2,
);
