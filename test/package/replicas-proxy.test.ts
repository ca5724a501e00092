import { existsSync, renameSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import { adminToken, startWorld, temporaryFolder, type World } from '../support/world.ts';
import { bareEnvironment, project, run, start } from './support.ts';

const isCaddyThere = await run('caddy', ['version']).then(
  () => true,
  () => false,
);
const leftOut = 'left out: Caddy is not installed (apt-get install caddy)';
const caddyfile = join(project, 'deploy/Caddyfile.replicas');

/** A replica of the proxy. Here each has a database of its own, with one invitation that tells them apart. */
async function startReplica(
  email: string,
): Promise<{ readonly world: World; readonly file: string }> {
  const file = `${await temporaryFolder()}/welcome.db`;
  const settings = { DATABASE_URL: `file:${file}` };
  const world = await startWorld({ settings, withWebhook: false });
  await world.api('POST', '/api/invitations', { employeeType: 'User', email });
  return { world, file };
}

test('Caddy sends requests only to a replica that can write its database and does not stop', async (context) => {
  if (!isCaddyThere) {
    if (process.env.CI) throw new Error(leftOut);
    return context.skip(leftOut);
  }
  const [first, second] = [await startReplica('first@x.test'), await startReplica('second@x.test')];
  const folder = await temporaryFolder();
  const publicUrl = `https://localhost:${await freePort()}`;
  const env = {
    ...bareEnvironment(folder),
    PUBLIC_URL: publicUrl,
    UPSTREAMS: [first, second].map(({ world }) => new URL(world.service.url).host).join(' '),
    HTTP_PORT: String(await freePort()),
    XDG_DATA_HOME: folder,
    XDG_CONFIG_HOME: folder,
  };
  const file = ['--config', caddyfile, '--adapter', 'caddyfile'];
  await run('caddy', ['validate', ...file], { env });
  const caddy = start('caddy', ['run', ...file], { cwd: folder, env });
  await caddy.says(/serving initial configuration/);
  const certificate = join(folder, 'caddy/pki/authorities/local/root.crt');
  await until('Caddy has made its root certificate', () => existsSync(certificate));
  const dispatcher = new Agent({ connect: { ca: await readFile(certificate) } });
  onTestFinished(() => dispatcher.close());

  /** Who answers ten requests. Each of them must be answered. */
  async function whoAnswers(): Promise<string[]> {
    const names = new Set<string>();
    for (let i = 0; i < 10; i += 1) {
      const answer = await request(`${publicUrl}/api/invitations`, {
        dispatcher,
        headers: { authorization: `Bearer ${adminToken}` },
      });
      const text = await answer.body.text();
      expect(answer.statusCode, text).toBe(200);
      names.add(/(\w+)@x\.test/.exec(text)?.[1] ?? text);
    }
    return [...names].sort();
  }
  const onlyFrom = (...names: string[]) =>
    until(
      `requests reach exactly: ${names}`,
      async () => (await whoAnswers()).join() === names.join(),
      10_000,
    );

  await onlyFrom('first', 'second');
  // Reads would still be answered, but deliveries would not be kept.
  renameSync(first.file, `${first.file}.away`);
  await onlyFrom('second');
  renameSync(`${first.file}.away`, first.file);
  await onlyFrom('first', 'second');
  await second.world.service.stop();
  // From the first moment on, every request is answered by the other replica.
  expect(await whoAnswers()).toEqual(['first']);
  expect(second.world.log.join('')).toContain('the service has stopped');
});
