import type { ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { spawnPinned } from '../pinned.ts';

export const adminToken = 'admin-token-of-the-bench-1';
const startDeadlineMs = 60_000;

/** The compiled service beside a portal, as a user runs it. */
export type Running = {
  readonly child: ChildProcess;
  /** What it wrote to standard output. */
  readonly said: () => string;
  /** Its address, once it is ready. */
  readonly url: () => Promise<string>;
  readonly stop: () => Promise<void>;
};

/**
 * @param main of the build that is measured
 * @param folder of its database, `welcome.db`, and of its log
 */
export function startServing(given: {
  readonly main: string;
  readonly folder: string;
  readonly portal: { readonly url: string; readonly apiKey: string };
  readonly settings: Readonly<Record<string, string>>;
  /** Node's own, before the program. */
  readonly nodeArgs?: readonly string[];
}): Running {
  const { main, folder, portal, settings, nodeArgs = [] } = given;
  const logFile = join(folder, 'service.log');
  writeFileSync(logFile, '');
  const program = [process.execPath, ...nodeArgs, main, 'serve'];
  // Standard output goes to a file, as a supervisor would have it.
  const child = spawnPinned('server', ['sh', '-c', 'exec "$@" > "$LOG_FILE"', 'sh', ...program], {
    cwd: folder,
    env: {
      LOG_FILE: logFile,
      DOCSPACE_URL: portal.url,
      DOCSPACE_API_KEY: portal.apiKey,
      DOCSPACE_WEBHOOK_SECRET: 'Docspace-Webhook-1',
      ADMIN_TOKEN: adminToken,
      PORT: '0',
      DATABASE_URL: `file:${join(folder, 'welcome.db')}`,
      LOG_LEVEL: 'info',
      ...settings,
    },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const said = () => readFileSync(logFile, 'utf8');
  return {
    child,
    said,
    async url() {
      const giveUpAt = Date.now() + startDeadlineMs;
      while (Date.now() < giveUpAt && child.exitCode === null) {
        const [, url] = /"url":"([^"]+)"/.exec(said()) ?? [];
        if (url) return url;
        await pause(20);
      }
      throw new Error(`the service did not start: ${said()}`);
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
