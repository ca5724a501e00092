import { expect, test } from 'vitest';
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

const longMs = 240_000;

/** 5,000 rows: by mail, by link, equal open links, duplicates, and invalid rows. */
function manyRows(): string {
  const rows = Array.from({ length: 5_000 }, (_, i) => {
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
  'an import of 5,000 rows that is killed twice invites each valid row once, and its result is complete',
  async () => {
    const place = await startPlace();
    const { portal, folder } = place;
    const file = writeCsv(place, manyRows());
    for (const doneBefore of [700, 2_600]) {
      const run = startVerb(place, ['invite', '--csv', file]);
      await until(
        `${doneBefore} rows are in the database`,
        async () => {
          if (run.child.exitCode !== null) throw new Error(`it ended:\n${run.output()}`);
          try {
            return (
              (await readLog(folder)).filter((one) => one.stage === 'issued').length >= doneBefore
            );
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
    expect(results).toHaveLength(5_000);
    expect(results.map((one) => Number(one.row))).toEqual(
      Array.from({ length: 5_000 }, (_, i) => i + 2),
    );
    expect(countBy(results, (one) => one.result)).toEqual({
      invited: 4_900,
      'duplicate in the file': 50,
      'not valid': 50,
    });

    const log = await readLog(folder);
    expect(countBy(log, (one) => one.stage)).toEqual({ issued: 4_900 });
    expect(new Set(log.map((one) => one.email).filter(Boolean)).size).toBe(4_850);
    expect(log.filter((one) => one.email === null)).toHaveLength(50);
    expect(
      new Set(results.filter((one) => one.result === 'invited').map((one) => one.id)).size,
    ).toBe(4_900);

    // The portal also writes to its owner. Those letters are not invitations.
    const invited = portal.control.letters().filter(({ to }) => to.startsWith('person'));
    const letters = countBy(invited, (one) => one.to);
    expect(Object.keys(letters)).toHaveLength(1_000);
    expect(new Set(Object.values(letters))).toEqual(new Set([1]));
    const byLink = results.filter((one) => one.result === 'invited' && one.link !== '');
    expect(byLink).toHaveLength(3_900);
    // The portal makes one link for requests in the same millisecond, so links may be equal.
    const linksInLog = new Map(log.map(({ id, link }) => [id, link]));
    expect(byLink.filter((one) => one.link !== linksInLog.get(one.id ?? ''))).toEqual([]);
    // Requests in progress at a kill may be repeated: at most one batch of each parallel lane.
    const linksAsked = portal.control
      .requests()
      .filter((one) => one.path.includes('users/invite/'));
    expect(linksAsked.length).toBeGreaterThanOrEqual(3_900);
    expect(linksAsked.length).toBeLessThanOrEqual(3_900 + 2 * 80);

    const again = await runVerb(place, ['invite', '--csv', file]);
    expect(again.code, again.output).toBe(1);
    expect(readResults(file)).toEqual(results);
    expect(await readLog(folder)).toHaveLength(4_900);
  },
  longMs * 2,
);
