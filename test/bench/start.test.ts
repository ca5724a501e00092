import { expect, test } from 'vitest';
import { runShort } from './run-short.ts';

test('the compiled service becomes ready on an empty and on a seeded database', async () => {
  const report = await runShort('start');
  expect(report.tables[0]?.rows.map((row) => row[0])).toEqual(['empty', 'full']);
}, 240_000);
