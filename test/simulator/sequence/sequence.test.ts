import { expect, test } from 'vitest';
import { type Entry, readRun } from './format.ts';
import { knownDifferences } from './known-differences.ts';
import { type Difference, replay } from './replay.ts';

const RUNS = [1, 2, 3, 4, 5, 6];

test.each(RUNS)(
  'the simulated portal answers run %i as the recorded portal did',
  {
    timeout: 120_000,
  },
  async (number) => {
    const known = knownDifferences[number] ?? {};
    const differences = await replay(readRun(number));
    const unknown = differences.filter(({ id }) => known[id] === undefined);
    expect(unknown.map(shortened)).toEqual([]);
    const seen = new Set(differences.map(({ id }) => id));
    // N40 depends on the moment.
    const gone = Object.keys(known).filter((id) => !seen.has(id) && id !== 'N40');
    expect(gone, 'these are no differences any more: take them off the list').toEqual([]);
  },
);

test('the list of what differs is short', () => {
  const ids = Object.values(knownDifferences).flatMap((run) => Object.keys(run));
  expect(ids.length).toBeLessThanOrEqual(20);
});

test('the runs hold all that was recorded', () => {
  const entries = RUNS.flatMap((number) => readRun(number).entries);
  const count = (kind: Entry['kind']) => entries.filter((entry) => entry.kind === kind).length;
  expect({ requests: count('request'), acts: count('act') }).toEqual({
    requests: 1_942,
    acts: 266,
  });
});

/** The place where the two texts part, with what is around it. */
function shortened({ id, title, what, real, simulated }: Difference) {
  let at = 0;
  while (at < real.length && real[at] === simulated[at]) at += 1;
  const part = (text: string) => text.slice(Math.max(0, at - 40), at + 120);
  return { id, title, what, real: part(real), simulated: part(simulated) };
}
