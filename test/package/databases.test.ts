import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test, vi } from 'vitest';
import { version } from '../../src/project.ts';
import { startPortal } from '../support/portal.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import {
  deliveriesOut,
  inviteAndRegister,
  memberBecomes,
  registerWebhook,
  startOn,
  type World,
} from '../support/world.ts';

vi.setConfig({ testTimeout: 60_000 });

const fixtures = fileURLToPath(new URL('../fixtures/databases/', import.meta.url));
const released = readdirSync(fixtures)
  .filter((name) => name.endsWith('.db'))
  .map((name) => name.slice(0, -'.db'.length));

/** What an operator can see of a database; kept beside it when it was made. */
async function contentOf(world: World) {
  const { json: invitations } = await world.api('GET', '/api/invitations?limit=200');
  const { json: members } = await world.api('GET', '/api/members?limit=200');
  const { json: deliveries } = await world.api('GET', '/api/deliveries?limit=200');
  const { json: stats } = await world.api('GET', '/api/stats');
  return {
    invitations: invitations.items.map((one: Record<string, unknown>) =>
      pick(one, ['id', 'email', 'employeeType', 'mode', 'status', 'note', 'createdAt']),
    ),
    members: members.items.map((one: Record<string, unknown>) =>
      pick(one, ['userId', 'email', 'state', 'invitationId', 'welcomedAt']),
    ),
    deliveries: deliveries.items.length,
    counts: stats.members,
  };
}

function pick(row: Readonly<Record<string, unknown>>, names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, row[name] ?? null]));
}

/** Every kind of row that a database can hold. */
async function fill(world: World): Promise<void> {
  const { control } = world.portal;
  const congratulations = ({ path }: { readonly path: string }) =>
    path.includes('sendcongratulations');
  const come = async (email: string, state: string) => {
    const { userId } = await inviteAndRegister(world, email);
    control.confirmEmail(userId);
    await memberBecomes(world, userId, state);
  };
  const post = (path: string, body?: unknown) => world.api('POST', path, body);

  await come('welcomed@example.com', 'welcomed');
  control.interfere({ on: congratulations, times: 1, act: { kind: 'answer', status: 403 } });
  await come('failed@example.com', 'failed');
  control.interfere({ on: congratulations, times: 1, act: { kind: 'effectThenReset' } });
  await come('unknown@example.com', 'unknown');
  await come('forgotten@example.com', 'welcomed');
  expect((await post('/api/forget', { email: 'forgotten@example.com' })).status).toBe(200);
  await inviteAndRegister(world, 'waiting@example.com');
  // A link that was handed on brings somebody with another address.
  const handedOn = await post('/api/invitations', {
    employeeType: 'Guest',
    email: 'first@example.com',
  });
  const skipped = control.register({
    link: handedOn.json.link,
    email: 'skipped@example.com',
    firstName: 'Sam',
    lastName: 'Kip',
  });
  control.confirmEmail(skipped);
  await memberBecomes(world, skipped, 'skipped');

  const invite = (body: object) => post('/api/invitations', body);
  await invite({ employeeType: 'Guest', email: 'link@example.com', note: 'Müller 王' });
  await invite({ employeeType: 'User', mode: 'email', email: 'mailed@example.com' });
  await invite({ employeeType: 'User', note: 'an open link' });
  const revoked = await invite({ employeeType: 'Guest', email: 'revoked@example.com' });
  expect((await post(`/api/invitations/${revoked.json.id}/revoke`)).status).toBe(200);
  await deliveriesOut(world);
}

test.runIf(process.env.MAKE_DATABASE)('makes the database of this version', async () => {
  const folder = await temporaryFolder();
  // Runs after the service has stopped, because what is registered last runs first.
  onTestFinished(() => keepDatabase(join(folder, 'data/docspace-welcome.db')));
  const portal = await startPortal({ keyCheck: 'any', queuePauseMs: 5 });
  onTestFinished(() => portal.stop());
  const world = await startOn(folder, portal);
  await registerWebhook(portal, world.service.url);
  await fill(world);
  const content = `${JSON.stringify(await contentOf(world), null, 2)}\n`;
  writeFileSync(join(fixtures, `${version}.json`), content);
});

/** Keeps one file, without a write-ahead log beside it. */
function keepDatabase(file: string): void {
  const database = new Database(file);
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.pragma('journal_mode = DELETE');
  database.close();
  copyFileSync(file, join(fixtures, `${version}.db`));
  copyFileSync(`${file}.forget-key`, join(fixtures, `${version}.db.forget-key`));
}

test.each(released)('the database of %s opens with everything in it, and goes on', async (name) => {
  const folder = await temporaryFolder();
  mkdirSync(join(folder, 'data'), { mode: 0o700 });
  const file = join(folder, 'data/docspace-welcome.db');
  copyFileSync(join(fixtures, `${name}.db`), file);
  copyFileSync(join(fixtures, `${name}.db.forget-key`), `${file}.forget-key`);
  chmodSync(`${file}.forget-key`, 0o600);
  const portal = await startPortal({ keyCheck: 'any' });
  onTestFinished(() => portal.stop());
  moveToPortal(file, portal.url);
  // The portal does not know these people. It must not say so before they were compared.
  const lift = portal.control.interfere({
    on: () => true,
    act: { kind: 'answer', status: 503 },
  });
  const first = await startOn(folder, portal);
  const expected: unknown = JSON.parse(readFileSync(join(fixtures, `${name}.json`), 'utf8'));
  expect(await contentOf(first)).toEqual(expected);
  lift();
  const world = await first.restart();
  const { json: members } = await world.api('GET', '/api/members?limit=200');
  for (const { userId } of members.items) {
    const { status, json } = await world.api('GET', `/api/members/${userId}`);
    expect(status).toBe(200);
    expect(json.timeline.length).toBeGreaterThan(0);
  }
  const { json: found } = await world.api(
    'GET',
    `/api/invitations?q=${encodeURIComponent('mülle')}`,
  );
  expect(found.items).toHaveLength(1);
  const invited = await world.api('POST', '/api/invitations', {
    employeeType: 'Guest',
    email: 'later@example.com',
  });
  expect(invited.status).toBe(201);
  const database = new Database(file, { readonly: true });
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(database.pragma('foreign_key_check')).toEqual([]);
  database.close();
});

/** The portal of the fixture is gone, and the service refuses the database of another portal. */
function moveToPortal(file: string, url: string): void {
  const database = new Database(file);
  const { changes } = database
    .prepare("UPDATE key_values SET value = ? WHERE key = 'portal_origin'")
    .run(url);
  database.close();
  expect(changes).toBe(1);
}

test('every version before this one has its database here', () => {
  const changelog = readFileSync(new URL('../../CHANGELOG.md', import.meta.url), 'utf8');
  const versions = [...changelog.matchAll(/^## (\d+\.\d+\.\d+)/gm)].map(([, name = '']) => name);
  expect(versions).toContain(version);
  // The release workflow asks for the database of the version that it publishes.
  for (const name of versions.filter((one) => one !== version)) {
    expect(existsSync(join(fixtures, `${name}.db`)), name).toBe(true);
  }
});
