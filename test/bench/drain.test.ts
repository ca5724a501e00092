import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const projectFolder = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

test('the bench of the drain runs, and everybody in it is welcomed exactly once', async () => {
  await run('npm', ['run', 'build'], { cwd: projectFolder });
  // It throws when somebody was not welcomed, or not exactly once.
  const { stdout } = await run(
    process.execPath,
    ['--import', 'tsx', 'bench/run.ts', 'drain', '--short', '--json'],
    { cwd: projectFolder },
  );
  const report = JSON.parse(stdout);
  expect(report.bench).toBe('drain');
  expect(report.goals).toHaveLength(4);
  expect(report.tables[0].rows).toHaveLength(7);
}, 120_000);
