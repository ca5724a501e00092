import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Report } from '../../bench/report.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

/** A moment of a bench, as `npm run bench -- NAME --short --json`, with the service as it is now. */
export async function runShort(name: string): Promise<Report> {
  const options = { cwd: project, maxBuffer: 16 * 2 ** 20 };
  await run('npm', ['run', 'build'], options);
  const args = ['--import', 'tsx', 'bench/run.ts', name, '--short', '--json'];
  const { stdout } = await run(process.execPath, args, options);
  return JSON.parse(stdout);
}
