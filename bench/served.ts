import type { ChildProcess } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lineOf, spawnPinned } from './pinned.ts';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
export const adminToken = 'admin-token-of-the-benches-1';

export type Served = {
  readonly url: string;
  readonly child: ChildProcess;
  readonly stop: () => Promise<void>;
};

/**
 * The compiled service over a database, with nothing to do: no portal answers, no poll runs.
 * @param nodeArgs of the bench, before the program
 * @throws when it does not start: `npm run build` comes first
 */
export async function serve(file: string, nodeArgs: readonly string[] = []): Promise<Served> {
  const { child, stop } = spawnService(file, 0, nodeArgs);
  const [, url = ''] = await lineOf(child, /"url":"([^"]+)"[^\n]*the service is ready/);
  return { url, child, stop };
}

/** The same, not waited for. */
export function spawnService(
  file: string,
  port: number,
  nodeArgs: readonly string[] = [],
): Omit<Served, 'url'> {
  const child = spawnPinned('server', [process.execPath, ...nodeArgs, main, 'serve'], {
    cwd: dirname(file),
    env: settingsFor(file, port),
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    child,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function settingsFor(file: string, port: number): Readonly<Record<string, string>> {
  return {
    // The discard port: whoever asks is refused at once.
    DOCSPACE_URL: 'http://127.0.0.1:9',
    DOCSPACE_API_KEY: 'sk-0123456789abcdef0123456789abcdef',
    DOCSPACE_WEBHOOK_SECRET: 'Docspace-Webhook-1',
    ADMIN_TOKEN: adminToken,
    PORT: String(port),
    DATABASE_URL: `file:${file}`,
    RECONCILE_EVERY: '0',
  };
}
