import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { lineOf, spawnPinned } from './pinned.ts';

export const projectFolder = fileURLToPath(new URL('..', import.meta.url));

/** The service as a user runs it: compiled, a real configuration, a worker that works. */
export type RunningService = {
  readonly url: string;
  readonly child: ChildProcess;
  readonly api: (method: string, path: string, body?: unknown) => Promise<Response>;
};

const adminToken = 'admin-token-of-the-benches-1';

/** @throws when it does not start: `npm run build` comes first */
export async function startCompiled(given: {
  readonly portal: { readonly url: string; readonly apiKey: string };
  readonly folder: string;
  readonly secret: string;
  readonly settings?: Readonly<Record<string, string>>;
}): Promise<RunningService> {
  const { portal, folder, secret } = given;
  const env = {
    DOCSPACE_URL: portal.url,
    DOCSPACE_API_KEY: portal.apiKey,
    DOCSPACE_WEBHOOK_SECRET: secret,
    ADMIN_TOKEN: adminToken,
    PORT: '0',
    DATABASE_URL: `file:${folder}/welcome.db`,
    ...given.settings,
  };
  const main = `${projectFolder}dist/main.js`;
  const child = spawnPinned('server', [process.execPath, main, 'serve'], { env, cwd: folder });
  const [, url = ''] = await lineOf(child, /"url":"([^"]+)"[^\n]*the service is ready/);
  // Its log is read, as a supervisor would, and not kept.
  child.stdout?.removeAllListeners('data').resume();
  return {
    url,
    child,
    api: (method, path, body) =>
      fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
        body: body === undefined ? null : JSON.stringify(body),
      }),
  };
}
