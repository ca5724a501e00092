import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Portal } from '../../simulator/portal.ts';
import { preloadedFolder } from './build.ts';
import { databaseSettings } from './database.ts';
import { until } from './until.ts';
import { adminToken, webhookSecret } from './world.ts';

const projectFolder = fileURLToPath(new URL('../..', import.meta.url));
const startDeadlineMs = 30_000;

/** A real process of the service, or of another verb. A test may kill it. */
export type ServiceProcess = {
  readonly url: string;
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Sends SIGKILL, so that the process cannot tidy up. */
  readonly kill: () => Promise<void>;
  /** @returns the exit code, after the process ended by itself or by a signal that it handles */
  readonly ended: () => Promise<number | null>;
};

export function serviceEnvironment(
  portal: Pick<Portal, 'url' | 'apiKey'>,
  folder: string,
  settings: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    TZ: 'UTC',
    DOCSPACE_URL: portal.url,
    DOCSPACE_API_KEY: portal.apiKey,
    DOCSPACE_WEBHOOK_SECRET: webhookSecret,
    ADMIN_TOKEN: adminToken,
    PORT: '0',
    RECONCILE_EVERY: '0',
    LOG_LEVEL: 'debug',
    DATABASE_URL: `file:${folder}/welcome.db`,
    ...settings,
  };
}

/**
 * Runs a verb. If `preload` is given, that module is loaded before the program (see crash-points). It is
 * a file of tsconfig.preloaded.json, by its path in the project.
 */
export function spawnVerb(
  args: readonly string[],
  options: {
    readonly environment: Readonly<Record<string, string>>;
    readonly folder: string;
    readonly preload?: string;
  },
): { readonly child: ChildProcess; readonly output: () => string } {
  const preload = options.preload
    ? ['--import', preloadedFolder + options.preload.replace(/ts$/, 'js')]
    : [];
  const main = `${projectFolder}dist/src/main.js`;
  const child = spawn(process.execPath, [...preload, '--', main, ...args], {
    cwd: options.folder,
    env: options.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return { child, output: () => output };
}

/** Starts `serve` and waits until it answers. */
export async function startProcess(
  portal: Portal,
  folder: string,
  options: {
    readonly settings?: Readonly<Record<string, string>>;
    readonly preload?: string;
    /** The process is expected to die, so the caller does not wait for its address. */
    readonly isDoomed?: boolean;
  } = {},
): Promise<ServiceProcess> {
  const environment = serviceEnvironment(portal, folder, {
    ...(await databaseSettings(folder)),
    ...options.settings,
  });
  const preload = options.preload ? { preload: options.preload } : {};
  const { child, output } = spawnVerb(['serve'], { environment, folder, ...preload });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let url = '';
  if (!options.isDoomed) {
    url = await until(
      'the service process prints its address',
      () => {
        if (child.exitCode !== null || child.signalCode !== null) {
          throw new Error(`the service ended at its start:\n${output()}`);
        }
        return /"url":"([^"]+)"/.exec(output())?.[1];
      },
      startDeadlineMs,
    );
  }
  return {
    url,
    child,
    output,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    ended: () => ended,
  };
}

/** The process id in the text beside the lock, as a person reads it. */
export function holderPid(folder: string): number {
  return JSON.parse(readFileSync(`${folder}/welcome.db.holder.json`, 'utf8')).pid;
}
