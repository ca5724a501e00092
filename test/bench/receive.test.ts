import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const projectFolder = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

test('the bench of the receivers runs, and everything that was acknowledged in it is kept', async () => {
  await run('npm', ['run', 'build'], { cwd: projectFolder });
  // It throws when an acknowledged delivery is not in the database.
  const { stdout } = await run(
    process.execPath,
    ['--import', 'tsx', 'bench/run.ts', 'receive', '--short', '--json'],
    { cwd: projectFolder },
  );
  const report = JSON.parse(stdout);
  expect(report.bench).toBe('receive');
  expect(report.goals).toHaveLength(6);
  const answers = report.tables.slice(0, 3);
  for (const { rows } of answers) {
    for (const [, , , , , , refused] of rows) expect(refused).toBe(0);
  }
}, 120_000);
