import { expect, test } from 'vitest';
import { runShort } from './run-short.ts';

test('every mail of the bench arrives', async () => {
  expect((await runShort('mail')).tables[0]?.rows).toHaveLength(2);
}, 240_000);

test('deliveries are answered while old ones are deleted', async () => {
  const report = await runShort('retention');
  for (const [, answers] of report.tables[0]?.rows ?? []) expect(answers).toBeGreaterThan(0);
}, 240_000);
