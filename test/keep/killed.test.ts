import { readdirSync } from 'node:fs';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import type { Portal } from '../../simulator/portal.ts';
import { startPortal } from '../support/portal.ts';
import { serviceEnvironment, spawnVerb, startProcess } from '../support/process.ts';
import { until } from '../support/until.ts';
import { call, registerWebhook, temporaryFolder } from '../support/world.ts';
import { filesWith, verb } from './support.ts';

const preload = 'test/keep/crash-at.ts';
const address = 'anna.forgettable@example.com';
const patienceMs = 30_000;

async function portalAndFolder() {
  const folder = await temporaryFolder();
  const portal = await startPortal({ keyCheck: 'any', queuePauseMs: 5, retryDelaysMs: [10, 20] });
  onTestFinished(() => portal.stop());
  return { portal, folder };
}

/** A person who was welcomed by a service that has ended. */
async function welcomedOnce(portal: Portal, folder: string): Promise<string> {
  const service = await startProcess(portal, folder);
  await registerWebhook(portal, service.url);
  const { json } = await call(service.url, 'POST', '/api/invitations', {
    employeeType: 'Guest',
    email: address,
  });
  const userId = portal.control.register({
    link: json.link,
    email: address,
    firstName: 'Anna',
    lastName: 'Lind',
  });
  portal.control.confirmEmail(userId);
  await until(
    'Anna is welcomed',
    async () => {
      const member = await call(service.url, 'GET', `/api/members/${userId}`);
      return member.json.state === 'welcomed';
    },
    patienceMs,
  );
  await portal.control.deliveriesIdle({ deadlineMs: patienceMs, label: 'deliveries are out' });
  await service.kill();
  return userId;
}

/** The statements of `forget`, in order, before which the process is killed. */
const places: readonly [string, string, 'nothing' | 'everything'][] = [
  ['before the commit', 'update "attempts" set "reason" = ? where', 'nothing'],
  ['after the commit, before the log of the database is emptied', 'wal_checkpoint', 'everything'],
];

test.each(places)(
  'killed %s: %s, and the rest is done after the restart',
  async (_, at, done) => {
    const { portal, folder } = await portalAndFolder();
    const userId = await welcomedOnce(portal, folder);
    const doomed = await startProcess(portal, folder, { preload, settings: { CRASH_AT: at } });
    await call(doomed.url, 'POST', '/api/forget', { email: address }).catch(() => null);
    expect(await doomed.ended()).toBeNull();

    const service = await startProcess(portal, folder);
    if (done === 'everything') {
      expect(filesWith(folder, address)).toEqual([]);
    } else {
      const { json } = await call(service.url, 'GET', `/api/members/${userId}`);
      expect(json).toMatchObject({ state: 'welcomed', email: address });
    }
    const { json } = await call(service.url, 'POST', '/api/forget', { email: address });
    expect(json).toMatchObject({ known: done === 'nothing', scrubbed: true });
    expect(filesWith(folder, address)).toEqual([]);
    const stats = await call(service.url, 'GET', '/api/stats');
    expect(stats.json.members).toMatchObject({ total: 1, welcomed: 1 });
    await call(service.url, 'POST', '/api/reconcile');
    expect(portal.control.congratulations()).toHaveLength(1);
  },
  240_000,
);

test('a killed backup leaves no file of its name, and the next backup deletes its remains and succeeds', async () => {
  const { portal, folder } = await portalAndFolder();
  await welcomedOnce(portal, folder);
  const service = await startProcess(portal, folder);
  const copies = await temporaryFolder();
  for (const at of ['VACUUM INTO', 'journal_mode = DELETE', 'INSERT INTO pauses']) {
    const { child } = spawnVerb(['backup', `${copies}/copy.db`], {
      environment: { ...serviceEnvironment(portal, folder), CRASH_AT: at },
      folder,
      preload,
    });
    await new Promise((resolve) => child.once('exit', resolve));
    expect(child.signalCode).toBe('SIGKILL');
    expect(readdirSync(copies).filter((name) => name.endsWith('.unfinished'))).toHaveLength(1);
    expect(readdirSync(copies)).not.toContain('copy.db');
  }
  expect((await verb({ portal, folder }, ['backup', `${copies}/copy.db`])).code).toBe(0);
  expect(readdirSync(copies)).toEqual(['copy.db']);
  const copy = new Database(`${copies}/copy.db`, { readonly: true });
  expect(copy.pragma('quick_check', { simple: true })).toBe('ok');
  copy.close();
  expect((await call(service.url, 'GET', '/healthz')).status).toBe(200);
}, 240_000);

test('a backup that is killed while it writes leaves the service and its database unchanged', async () => {
  const { portal, folder } = await portalAndFolder();
  await welcomedOnce(portal, folder);
  fill(`${folder}/welcome.db`, 60_000);
  const copies = await temporaryFolder();
  const { child } = spawnVerb(['backup', `${copies}/copy.db`], {
    environment: serviceEnvironment(portal, folder),
    folder,
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await until('the copy is being written', () => readdirSync(copies).length > 0, patienceMs);
  child.kill('SIGKILL');
  await ended;
  expect(readdirSync(copies)).not.toContain('copy.db');
  const database = new Database(`${folder}/welcome.db`);
  expect(database.pragma('quick_check', { simple: true })).toBe('ok');
  database.close();
  expect((await verb({ portal, folder }, ['backup', `${copies}/copy.db`])).code).toBe(0);
  expect(readdirSync(copies)).toEqual(['copy.db']);
}, 240_000);

function fill(file: string, rows: number): void {
  const database = new Database(file);
  const insert = database.prepare(
    "INSERT INTO deliveries (received_at, event_id, created_on, webhook_id, answer, body) VALUES (1, ?, 1, 1, 'accepted', ?)",
  );
  database.transaction(() => {
    for (let id = 0; id < rows; id += 1) insert.run(9_000_000 + id, Buffer.alloc(1_000, 120));
  })();
  database.close();
}
