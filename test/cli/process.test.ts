import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { invite } from '../store/support.ts';
import { startPortal } from '../support/portal.ts';
import { serviceEnvironment, spawnVerb, startProcess } from '../support/process.ts';
import { until } from '../support/until.ts';
import { temporaryFolder } from '../support/world.ts';

const deadlineMs = 60_000;
// Each test starts several processes, which takes long on a busy machine. The waits inside have
// limits of their own.
vi.setConfig({ testTimeout: 180_000 });

async function place() {
  const folder = await temporaryFolder();
  const portal = await startPortal({ keyCheck: 'any', queuePauseMs: 5 });
  onTestFinished(() => portal.stop());
  return { folder, portal, environment: serviceEnvironment(portal, folder) };
}

/** Runs a verb as a shell does, and returns its exit code and both outputs separately. */
async function shell(
  args: readonly string[],
  options: { readonly folder: string; readonly environment: Record<string, string> },
) {
  const { child } = spawnVerb(args, options);
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    err += chunk;
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await until(`${args.join(' ')} ends`, () => child.exitCode !== null, deadlineMs);
  await closed;
  return { code: child.exitCode, out, err };
}

test('a shell gets 0 for --help, 64 for wrong usage, 78 for a configuration with faults', async () => {
  const { folder } = await place();
  const bare = { PATH: process.env.PATH ?? '', HOME: folder };
  const run = (...args: string[]) => shell(args, { folder, environment: bare });
  const [help, wrong, faulty] = await Promise.all([run('--help'), run('invte'), run('list')]);
  expect([help.code, help.err]).toEqual([0, '']);
  expect([wrong.code, wrong.out]).toEqual([64, '']);
  expect([faulty.code, faulty.out]).toEqual([78, '']);
  for (const name of [
    'DOCSPACE_URL',
    'DOCSPACE_API_KEY',
    'DOCSPACE_WEBHOOK_SECRET',
    'ADMIN_TOKEN',
  ]) {
    expect(faulty.err).toContain(`${name} is missing`);
  }
  expect(readdirSync(folder)).toEqual([]);
});

test('a shell gets 78 for a database that does not exist, and 69 for a portal that cannot be reached', async () => {
  const { folder, portal, environment } = await place();
  const list = await shell(['list'], { folder, environment });
  expect([list.code, list.out]).toEqual([78, '']);
  expect(list.err).toContain(join(folder, 'welcome.db'));
  expect(existsSync(join(folder, 'welcome.db'))).toBe(false);
  await portal.stop();
  const invite = await shell(['invite', 'anna@example.com'], { folder, environment });
  expect([invite.code, invite.out]).toEqual([69, '']);
});

test('a second writer uses the process that serves, and a second server is refused', async () => {
  const { folder, portal, environment } = await place();
  const service = await startProcess(portal, folder);
  const second = await shell(['serve'], { folder, environment });
  expect(second.code).toBe(1);
  expect(second.err).toContain(service.url);

  const invited = await shell(['invite', 'anna@example.com', '--json'], { folder, environment });
  expect([invited.code, invited.err]).toEqual([0, '']);
  expect(JSON.parse(invited.out)).toMatchObject([{ ok: true, email: 'anna@example.com' }]);
  await until('the serving process logged the request or its portal saw it', () =>
    portal.control.requests().some((one) => one.path.includes('portal/users/invite')),
  );
  const listed = await shell(['list', '--json'], { folder, environment });
  expect(JSON.parse(listed.out).items).toMatchObject([{ email: 'anna@example.com' }]);

  service.child.kill('SIGTERM');
  expect(await service.ended()).toBe(0);
  const alone = await shell(['invite', 'bob@example.com'], { folder, environment });
  expect([alone.code, alone.err]).toEqual([0, '']);
  expect(alone.out).not.toContain('\u001b');
});

test('a reader that closes the pipe early (list | head) gets no stack trace', async () => {
  const { folder, environment } = await place();
  const store = openSqliteStore(join(folder, 'welcome.db'));
  const ids = Array.from({ length: 3_000 }, (_, n) => `inv_${n}`);
  await Promise.all(ids.map((id) => invite(store, id, { email: `${id}@example.com` })));
  await store.close();
  const { child } = spawnVerb(['list', '--all', '--json'], { folder, environment });
  let err = '';
  child.stderr?.on('data', (chunk) => {
    err += chunk;
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.stdout?.once('data', () => child.stdout?.destroy());
  await until('the verb ends', () => child.exitCode !== null, deadlineMs);
  await closed;
  expect([child.exitCode, err]).toEqual([0, '']);
});

test.each([
  ['before the verb', (file: string) => ['--env-file', file, 'init']],
  ['after the verb', (file: string) => ['init', '--env-file', file]],
])('init writes the new file that --env-file names %s', async (_where, argsOf) => {
  const { folder, portal } = await place();
  const file = join(folder, 'new.env');
  const environment = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    DOCSPACE_URL: portal.url,
    DOCSPACE_API_KEY: portal.apiKey,
  };
  const { code, err } = await shell(argsOf(file), { folder, environment });
  expect([code, err]).toEqual([0, '']);
  expect(readFileSync(file, 'utf8')).toContain('ADMIN_TOKEN=');
});

// Node 20 takes an --env-file after the script as its own option, unless two dashes come before it.
test('every way to start the program passes --env-file on', () => {
  const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  expect(read('src/main.ts')).toMatch(/^#!\/usr\/bin\/env -S node --\n/);
  const { scripts } = JSON.parse(read('package.json'));
  for (const name of ['start', 'demo', 'cli']) expect(scripts[name]).toContain(' -- src/main.ts');
  expect(read('deploy/Dockerfile')).toContain('exec node -- ');
  expect(read('deploy/docspace-welcome-ctl')).toContain('/usr/bin/node -- ');
});
