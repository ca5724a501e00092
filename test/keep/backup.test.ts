import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { createMovableClock } from '../support/clock.ts';
import { deliver, deliveryBody, signed } from '../support/deliveries.ts';
import { until } from '../support/until.ts';
import {
  deliveriesOut,
  inviteAndRegister,
  memberBecomes,
  startOn,
  startWorld,
  temporaryFolder,
  type World,
} from '../support/world.ts';
import { registered, verb, welcomed } from './support.ts';

/** The settings with which `verb` finds the database of the test. */
function here(world: World) {
  return { portal: world.portal, folder: world.folder };
}
const settings = (folder: string) => ({ DATABASE_URL: `file:${folder}/welcome.db` });

async function worldOnFile() {
  const folder = await temporaryFolder();
  const world = await startWorld({ settings: settings(folder) });
  return { world: { ...world, folder }, folder };
}

/** Puts the copy where a new service looks for its database. */
async function restore(world: World, copy: string): Promise<World> {
  const folder = await temporaryFolder();
  mkdirSync(`${folder}/data`);
  copyFileSync(copy, `${folder}/data/docspace-welcome.db`);
  return startOn(folder, world.portal);
}

/** Puts the copy into another folder, where `verb` looks for it. */
async function placed(world: World, copy: string) {
  const folder = await temporaryFolder();
  copyFileSync(copy, `${folder}/welcome.db`);
  return { portal: world.portal, folder };
}

test('a copy is made beside the service: it shows one moment, is marked and sound, and only its owner can read it', async () => {
  const { world, folder } = await worldOnFile();
  await welcomed(world, 'ann@example.com');
  const before = Date.now();
  const done = await verb(here(world), ['backup', `${folder}/copy.db`]);
  expect(done).toMatchObject({ code: 0, output: expect.stringContaining('begins paused') });
  expect(statSync(`${folder}/copy.db`).mode & 0o777).toBe(0o600);
  const copy = new Database(`${folder}/copy.db`, { readonly: true });
  expect(copy.pragma('quick_check', { simple: true })).toBe('ok');
  const stamp = copy.prepare("SELECT value FROM key_values WHERE key = 'copied_at'").pluck().get();
  expect(Number(stamp)).toBeGreaterThanOrEqual(before);
  expect(copy.prepare('SELECT state FROM members').pluck().all()).toContain('welcomed');
  copy.close();
  const { json } = await world.api('GET', '/api/stats');
  expect(json).toMatchObject({ pauses: [], restored: null });
});

test('an existing file is never overwritten, even if it is empty', async () => {
  const { world, folder } = await worldOnFile();
  for (const content of ['precious', '']) {
    writeFileSync(`${folder}/copy.db`, content);
    const refused = await verb(here(world), ['backup', `${folder}/copy.db`]);
    expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('exists already') });
    expect(readFileSync(`${folder}/copy.db`, 'utf8')).toBe(content);
  }
});

test('without a database, or without the folder of the copy, nothing is created', async () => {
  const { world, folder } = await worldOnFile();
  const elsewhere = { portal: world.portal, folder: await temporaryFolder() };
  expect((await verb(elsewhere, ['backup', `${folder}/copy.db`])).code).toBe(78);
  const missing = await verb(here(world), ['backup', `${folder}/missing/copy.db`]);
  expect(missing).toMatchObject({ code: 1, output: expect.stringContaining('does not exist') });
});

test('a copy that is made while deliveries arrive holds complete deliveries up to one moment', async () => {
  const { world, folder } = await worldOnFile();
  let isOver = false;
  let id = 1_000_000;
  const sending = Promise.all(
    Array.from({ length: 4 }, async () => {
      while (!isOver) {
        id += 1;
        const body = deliveryBody({ id, userId: crypto.randomUUID() });
        expect((await deliver(world.service.url, body, signed(body))).status).toBe(200);
      }
    }),
  );
  for (const name of ['a.db', 'b.db', 'c.db']) {
    await until('more deliveries have arrived', () => id > 1_000_020);
    expect((await verb(here(world), ['backup', `${folder}/${name}`])).code).toBe(0);
    const copy = new Database(`${folder}/${name}`, { readonly: true });
    const ids = copy.prepare('SELECT id FROM deliveries ORDER BY id').pluck().all();
    expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(ids.length).toBeGreaterThan(0);
    // Ids follow the order of commits, so one moment has no gap in them.
    expect(ids.at(-1)).toBe(ids.length);
    copy.close();
  }
  isOver = true;
  await sending;
});

test('a restored copy sends nothing, lists who could be greeted twice, and continues after resume', async () => {
  const clock = createMovableClock();
  const folder = await temporaryFolder();
  const world = await startWorld({ settings: settings(folder), surroundings: { clock } });
  const { control } = world.portal;
  await welcomed(world, 'done@example.com');
  const waiting = await registered(world, 'waiting@example.com');
  await world.api('POST', '/api/pause');
  const owed = await inviteAndRegister(world, 'owed@example.com');
  control.confirmEmail(owed.userId);
  await memberBecomes(world, owed.userId, 'ready');
  await deliveriesOut(world);
  const copyFile = `${folder}/copy.db`;
  expect((await verb({ ...world, folder }, ['backup', copyFile])).code).toBe(0);
  await world.api('POST', '/api/resume');
  await memberBecomes(world, owed.userId, 'welcomed');
  control.confirmEmail(waiting.userId);
  await memberBecomes(world, waiting.userId, 'welcomed');
  expect(control.congratulations()).toHaveLength(3);

  const copy = await restore(world, copyFile);
  const { json } = await copy.api('GET', '/api/stats');
  expect(json.pauses.map((one: { name: string }) => one.name)).toContain('restored');
  expect(json.restored).toMatchObject({
    couldBeGreetedTwice: 1,
    notYetActive: 1,
    members: [{ userId: owed.userId, state: 'ready', email: 'owed@example.com' }],
  });
  const line = copy.log.find((one) => one.includes('these members may have been welcomed already'));
  expect(line).toContain(owed.userId);
  expect(line).not.toContain('owed@example.com');
  // People who became active meanwhile join the list and get nothing.
  await copy.api('POST', '/api/reconcile');
  await memberBecomes(copy, waiting.userId, 'ready');
  expect((await copy.api('GET', '/api/stats')).json.restored.couldBeGreetedTwice).toBe(2);
  const again = await copy.restart();
  expect((await again.api('GET', '/api/stats')).json.restored.couldBeGreetedTwice).toBe(2);
  expect(control.congratulations()).toHaveLength(3);

  await again.api('POST', '/api/resume');
  expect((await again.api('GET', '/api/stats')).json).toMatchObject({ pauses: [], restored: null });
  await memberBecomes(again, owed.userId, 'welcomed');
  const last = await again.restart();
  expect((await last.api('GET', '/api/stats')).json).toMatchObject({ pauses: [], restored: null });
});

test('a copy of a copy is as old as the first', async () => {
  const { world, folder } = await worldOnFile();
  expect((await verb(here(world), ['backup', `${folder}/first.db`])).code).toBe(0);
  const elsewhere = await placed(world, `${folder}/first.db`);
  expect((await verb(elsewhere, ['backup', `${folder}/second.db`])).code).toBe(0);
  const [first, second] = ['first', 'second'].map((name) => {
    const copy = new Database(`${folder}/${name}.db`, { readonly: true });
    const stamp = copy
      .prepare("SELECT value FROM key_values WHERE key = 'copied_at'")
      .pluck()
      .get();
    copy.close();
    return stamp;
  });
  expect(second).toBe(first);
});

test('stats on the command line lists who could be greeted twice', async () => {
  const { world, folder } = await worldOnFile();
  await world.api('POST', '/api/pause');
  const owed = await inviteAndRegister(world, 'owed@example.com');
  world.portal.control.confirmEmail(owed.userId);
  await memberBecomes(world, owed.userId, 'ready');
  expect((await verb(here(world), ['backup', `${folder}/copy.db`])).code).toBe(0);
  const said = await verb(await placed(world, `${folder}/copy.db`), ['stats']);
  expect(said.output).toContain('owed@example.com  ready');
  expect(said.output).toContain('Nothing is sent until "resume"');
});
