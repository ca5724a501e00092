import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { spawnPinned } from './pinned.ts';

export const projectFolder = fileURLToPath(new URL('..', import.meta.url));
/** The program as `npm run build` makes it. */
export const builtMain = `${projectFolder}dist/src/main.js`;
export const adminToken = 'admin-token-of-the-benches-1';
export const secret = 'Docspace-Webhook-1';

const startDeadlineMs = 60_000;
/** The discard port, where every connection is refused at once. */
const nobody = { url: 'http://127.0.0.1:9', apiKey: 'sk-0123456789abcdef0123456789abcdef' };

/** The compiled service, as a user runs it. */
export type Running = {
  readonly child: ChildProcess;
  /** Returns what the service has written to standard output. */
  readonly logged: () => string;
  /** The address of the service, when it is ready. */
  readonly url: () => Promise<string>;
  readonly api: (method: string, path: string, body?: unknown) => Promise<Response>;
  /** Stops the service as a supervisor does: sends SIGTERM and waits for its end. */
  readonly stop: () => Promise<void>;
};

/**
 * Starts the service on a database, on its own core. Its output goes to a file beside the database.
 * @param options.databaseUrl if left out, the database is `file`
 * @param options.portal if left out, no portal answers, and no reconciliation runs
 * @param options.main the main file of the measured build
 * @param options.nodeArgs options of Node, before the program
 */
export function startServing(options: {
  readonly file: string;
  readonly databaseUrl?: string;
  readonly portal?: { readonly url: string; readonly apiKey: string };
  readonly main?: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly nodeArgs?: readonly string[];
}): Running {
  const { file, portal = nobody, main = builtMain, settings = {}, nodeArgs = [] } = options;
  const logFile = `${file}.log`;
  const output = openSync(logFile, 'w');
  const child = spawnPinned('server', [process.execPath, ...nodeArgs, main, 'serve'], {
    cwd: dirname(file),
    output,
    env: {
      DOCSPACE_URL: portal.url,
      DOCSPACE_API_KEY: portal.apiKey,
      DOCSPACE_WEBHOOK_SECRET: secret,
      ADMIN_TOKEN: adminToken,
      PORT: '0',
      DATABASE_URL: options.databaseUrl ?? `file:${file}`,
      ...(options.portal ? {} : { RECONCILE_EVERY: '0' }),
      ...settings,
    },
  });
  closeSync(output);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const logged = () => readFileSync(logFile, 'utf8');

  async function address(): Promise<string> {
    const giveUpAt = Date.now() + startDeadlineMs;
    while (Date.now() < giveUpAt && child.exitCode === null) {
      const [, its] = /"url":"([^"]+)"[^\n]*the service is ready/.exec(logged()) ?? [];
      if (its) return its;
      await pause(20);
    }
    throw new Error(`the service did not start: ${logged()}`);
  }

  let found: Promise<string> | null = null;
  /** The address is searched in the log only once, because the log grows. */
  function url(): Promise<string> {
    found ??= address();
    return found;
  }

  return {
    child,
    logged,
    url,
    api: async (method, path, body) =>
      fetch(`${await url()}${path}`, {
        method,
        headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
        body: body === undefined ? null : JSON.stringify(body),
      }),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
