import { type ChildProcess, spawn, spawnSync } from 'node:child_process';

/** The server has a core for itself. The load and the simulated portal share the other one. */
export type Core = 'server' | 'load';
const coreNumbers: Readonly<Record<Core, number>> = { server: 0, load: 1 };
const hasTaskset = spawnSync('taskset', ['--version']).status === 0;

const started = new Set<ChildProcess>();
// A bench that fails, or is ended, must not leave its programs running: they would keep its output open.
process.once('exit', () => {
  for (const child of started) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(1));
}

/** Starts a program on its core if `taskset` exists. The program ends at the latest with this process. */
export function spawnPinned(
  core: Core,
  command: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly cwd?: string;
    /** The file of its standard output. If left out, this process reads the output. */
    readonly output?: number;
  } = {},
): ChildProcess {
  const pinned = hasTaskset ? ['taskset', '-c', String(coreNumbers[core]), ...command] : command;
  const [program = '', ...args] = pinned;
  const child = spawn(program, args, {
    env: { ...process.env, ...options.env },
    cwd: options.cwd,
    stdio: ['ignore', options.output ?? 'pipe', 'inherit'],
  });
  started.add(child);
  return child;
}

/** Moves this process to a core. */
export function pinSelf(core: Core): void {
  if (!hasTaskset) return;
  spawnSync('taskset', ['-a', '-c', '-p', String(coreNumbers[core]), String(process.pid)]);
}

/**
 * @returns the first line of its output that matches
 * @throws when the process ends before, or after `deadlineMs`
 */
export function lineOf(
  child: ChildProcess,
  pattern: RegExp,
  deadlineMs = 30_000,
): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let output = '';
    const late = setTimeout(
      () => reject(new Error(`no line ${pattern} within ${deadlineMs} ms: ${output}`)),
      deadlineMs,
    );
    child.stdout?.on('data', (chunk) => {
      output += chunk;
      const found = pattern.exec(output);
      if (!found) return;
      clearTimeout(late);
      resolve(found);
    });
    child.once('exit', (code) => {
      clearTimeout(late);
      reject(new Error(`the program ended with ${code}: ${output}`));
    });
  });
}
