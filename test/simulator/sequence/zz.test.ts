import { writeFileSync } from 'node:fs';
import { test } from 'vitest';
import { readRun } from '/work/wt/simulator/test/simulator/sequence/format.ts';
import { replay } from '/work/wt/simulator/test/simulator/sequence/replay.ts';
test.each((process.env.RUNS ?? '123456').split('').map(Number))('run %i', { timeout: 300_000 }, async (n) => {
  const d = await replay(readRun(n));
  writeFileSync(`/tmp/diff-${n}.json`, JSON.stringify(d, null, 1));
  console.log(n, d.length, JSON.stringify(Object.groupBy ? Object.fromEntries(Object.entries(Object.groupBy(d, (x) => x.what)).map(([k, v]) => [k, v?.length])) : 0));
});
