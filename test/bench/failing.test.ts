import { spawn } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const benches = fileURLToPath(new URL('../../bench', import.meta.url));
const tsx = ['--import', fileURLToPath(import.meta.resolve('tsx'))];
const deadlineMs = 15_000;

/** Runs Node. `ended` resolves when the program and everything that has its output have ended. */
function run(args: readonly string[], cwd = benches) {
  const child = spawn(process.execPath, [...tsx, ...args], { cwd });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  let isOver = false;
  child.once('close', () => {
    isOver = true;
  });
  const ended = () => until('the bench and its programs have ended', () => isOver, deadlineMs);
  return { child, ended, output: () => output };
}

test('a bench without a build starts nothing, and says only what comes first', async () => {
  const folder = await temporaryFolder();
  cpSync(benches, join(folder, 'bench'), { recursive: true });
  cpSync(join(benches, '..', 'package.json'), join(folder, 'package.json'));
  const bench = run(['bench/run.ts', 'receive'], folder);
  await bench.ended();
  expect(bench.output()).toBe('npm run build comes first: dist/src/main.js does not exist\n');
  expect(bench.child.exitCode).toBe(1);
});

const program = (end: string) => `
  import { spawnPinned } from './pinned.ts';
  spawnPinned('load', [process.execPath, '-e', 'setTimeout(() => {}, 60_000)']);
  console.log('started');
  ${end}`;

test('the programs that a bench has started end with it if it fails', async () => {
  const bench = run(['--input-type=module', '-e', program("throw new Error('it failed');")]);
  await bench.ended();
  expect(bench.output()).toContain('it failed');
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  'the programs that a bench has started end with it after %s',
  async (signal) => {
    const bench = run(['--input-type=module', '-e', program('')]);
    await until('it has started', () => bench.output().includes('started'), deadlineMs);
    bench.child.kill(signal);
    await bench.ended();
  },
);
