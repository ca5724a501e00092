import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const projectFolder = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

test('the bench of the passes runs, and whoever changed is found and welcomed once', async () => {
  await run('npm', ['run', 'build'], { cwd: projectFolder });
  // It throws when a pass is interrupted, or somebody is not found and welcomed exactly once.
  const { stdout } = await run(
    process.execPath,
    ['--import', 'tsx', 'bench/run.ts', 'reconcile', '--short', '--json'],
    { cwd: projectFolder },
  );
  const report = JSON.parse(stdout);
  expect(report.bench).toBe('reconcile');
  const requests = report.goals.filter(({ what }: { what: string }) => what.includes('requests'));
  expect(requests).toHaveLength(4);
  for (const { isReached } of requests) expect(isReached).toBe(true);
}, 120_000);
