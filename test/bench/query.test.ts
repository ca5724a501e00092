import { expect, test } from 'vitest';
import { runShort } from './run-short.ts';

test('everything that an admin asks of a log is asked in the store and over HTTP', async () => {
  const report = await runShort('query');
  const rows = report.tables[0]?.rows ?? [];
  expect(rows.length).toBeGreaterThan(50);
  // A question that no route answers has no figures over HTTP; every other one has four.
  for (const row of rows)
    expect(row.filter((cell) => typeof cell === 'number').length).toBeGreaterThan(3);
}, 240_000);
