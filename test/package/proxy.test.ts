import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import {
  bareEnvironment,
  compile,
  folderOfFile,
  joinPortal,
  project,
  run,
  start,
} from './support.ts';

// The service is compiled first, and several processes start: the waits have their own names.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 300_000 });

const isCaddyThere = await run('caddy', ['version']).then(
  () => true,
  () => false,
);
const leftOut = 'left out: Caddy is not installed (apt-get install caddy)';
let main = '';

beforeAll(async () => {
  if (isCaddyThere) main = join(await compile(await folderOfFile('proxy')), 'dist/src/main.js');
});

test('behind Caddy with TLS, init leads to a live webhook, a clean doctor and a working dashboard', async (context) => {
  if (!isCaddyThere) {
    if (process.env.CI) throw new Error(leftOut);
    return context.skip(leftOut);
  }
  const startedAt = performance.now();
  const folder = await temporaryFolder();
  const servicePort = await freePort();
  const publicUrl = `https://localhost:${await freePort()}`;
  const certificate = await startCaddy({ folder, publicUrl, servicePort });
  const portal = await startPortalThatTrusts(certificate, folder);

  const env = {
    ...bareEnvironment(folder),
    PORT: String(servicePort),
    // Only the webhook can tell the service that somebody came.
    RECONCILE_EVERY: '0',
    NODE_EXTRA_CA_CERTS: certificate,
  };
  const verb = (args: readonly string[], more = {}) =>
    run(process.execPath, [main, ...args], { cwd: folder, env: { ...env, ...more } });
  await verb(['init', '--url', portal.url, '--public-url', publicUrl], {
    DOCSPACE_API_KEY: portal.apiKey,
  });
  const service = start(process.execPath, [main, 'serve'], { cwd: folder, env });
  const { version } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8'));
  const [ready] = await service.says(/.*"the service is ready".*/);
  expect(JSON.parse(ready)).toMatchObject({ version });
  await verb(['webhook', 'register']);
  const registered = JSON.parse((await verb(['webhook', 'status', '--json'])).stdout);
  expect(JSON.stringify(registered)).toContain(`${publicUrl}/webhooks/docspace`);

  const invited = JSON.parse((await verb(['invite', 'ann@example.com', '--json'])).stdout);
  const link = /http[^"]*\/s\/[\w-]+/.exec(JSON.stringify(invited))?.[0] ?? '';
  await joinPortal(link, 'ann@example.com');
  await until(
    'the webhook came through the proxy and Ann is welcomed',
    async () => {
      const { stdout } = await verb(['show', 'ann@example.com', '--json']);
      return stdout.includes('"welcomed"');
    },
    30_000,
  );
  process.stdout.write(
    `from init to the welcome behind the proxy: ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`,
  );

  // The exit code is 0: nothing is wrong.
  const { stdout: examined } = await verb(['doctor', '--json']);
  expect(JSON.stringify(JSON.parse(examined))).not.toContain('"level":"wrong"');

  const { ADMIN_TOKEN: token = '' } = await settingsIn(folder);
  await useDashboard({ publicUrl, certificate, token });

  service.child.kill('SIGTERM');
  expect(await service.ended()).toBe(0);
});

/** Caddy with the Caddyfile that compose uses. @returns the file of its root certificate */
async function startCaddy(given: {
  readonly folder: string;
  readonly publicUrl: string;
  readonly servicePort: number;
}): Promise<string> {
  const { folder, publicUrl, servicePort } = given;
  const caddy = start(
    'caddy',
    ['run', '--config', join(project, 'deploy/Caddyfile'), '--adapter', 'caddyfile'],
    {
      cwd: folder,
      env: {
        ...bareEnvironment(folder),
        PUBLIC_URL: publicUrl,
        UPSTREAM: `127.0.0.1:${servicePort}`,
        HTTP_PORT: String(await freePort()),
        XDG_DATA_HOME: folder,
        XDG_CONFIG_HOME: folder,
      },
    },
  );
  await caddy.says(/serving initial configuration/);
  const certificate = join(folder, 'caddy/pki/authorities/local/root.crt');
  await until('Caddy has made its root certificate', () => existsSync(certificate));
  return certificate;
}

async function startPortalThatTrusts(
  certificate: string,
  folder: string,
): Promise<{ readonly url: string; readonly apiKey: string }> {
  const script = fileURLToPath(new URL('portal-process.ts', import.meta.url));
  const portal = start(process.execPath, ['--import', 'tsx', script], {
    cwd: project,
    env: { ...bareEnvironment(folder), NODE_EXTRA_CA_CERTS: certificate },
  });
  const [line] = await portal.says(/\{.*\}/);
  return JSON.parse(line);
}

async function settingsIn(folder: string): Promise<Record<string, string>> {
  const text = await readFile(join(folder, '.env'), 'utf8');
  const lines = text.matchAll(/^(\w+)=['"]?(.*?)['"]?$/gm);
  return Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]));
}

/** Signs in, reads the first page, pauses with the form of the page, and signs out. */
async function useDashboard(given: {
  readonly publicUrl: string;
  readonly certificate: string;
  readonly token: string;
}): Promise<void> {
  const { publicUrl, certificate, token } = given;
  const dispatcher = new Agent({ connect: { ca: await readFile(certificate) } });
  onTestFinished(() => dispatcher.close());
  const form = (path: string, fields: Record<string, string>, cookie = '') =>
    request(`${publicUrl}${path}`, {
      method: 'POST',
      dispatcher,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: publicUrl,
        'sec-fetch-site': 'same-origin',
        cookie,
      },
      body: new URLSearchParams(fields).toString(),
    });
  const signedIn = await form('/sign-in', { token });
  expect(signedIn.statusCode).toBe(303);
  const setCookie = String(signedIn.headers['set-cookie']);
  // The proxy passed X-Forwarded-Proto on.
  expect(setCookie).toMatch(/; Secure/);
  const [cookie = ''] = setCookie.split(';');
  const overview = await request(`${publicUrl}/`, { dispatcher, headers: { cookie } });
  expect(overview.statusCode).toBe(200);
  expect(overview.headers['strict-transport-security']).toBe('max-age=31536000');
  expect(await overview.body.text()).toContain('<main');
  // A form is accepted only from the service's own host, so the proxy passed Host on.
  const signedOut = await form('/sign-out', {}, cookie);
  expect(signedOut.statusCode).toBe(303);
}
