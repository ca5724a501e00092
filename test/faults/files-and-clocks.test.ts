import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pick, practiceBeside } from '../doctor/support.ts';
import { verb, welcomed } from '../keep/support.ts';
import { createMovableClock } from '../support/clock.ts';
import { isSqlite, queryDatabase } from '../support/database.ts';
import { deliver, deliveryBody, signed } from '../support/deliveries.ts';
import { startPortal } from '../support/portal.ts';
import { serviceEnvironment, spawnVerb } from '../support/process.ts';
import { until } from '../support/until.ts';
import {
  deliveriesOut,
  inviteAndRegister,
  memberBecomes,
  startWorld,
  temporaryFolder,
  type World,
} from '../support/world.ts';

async function deliverOne(world: World, id: number): Promise<number> {
  const body = deliveryBody({ id });
  return (await deliver(world.service.url, body, signed(body))).status;
}

describe.skipIf(!isSqlite)('a database that vanishes while the service runs', () => {
  test.each<[string, (file: string) => unknown]>([
    ['removed', (file) => rmSync(file)],
    ['moved away', (file) => renameSync(file, `${file}.old`)],
    ['replaced by a restored copy', (file) => renameSync(`${file}.copy`, file)],
    ['its folder removed', (file) => rmSync(dirname(file), { recursive: true })],
  ])(
    '%s: deliveries get 503, /readyz and doctor report it, and the log says what to do',
    async (_how, disturb) => {
      const folder = await temporaryFolder();
      const file = `${folder}/welcome/welcome.db`;
      const world = await startWorld({ settings: { DATABASE_URL: `file:${file}` } });
      copyFileSync(file, `${file}.copy`);
      expect(await deliverOne(world, 1)).toBe(200);

      disturb(file);

      const { status, json } = await world.api('GET', '/readyz');
      expect(status).toBe(503);
      expect(json.store).toMatchObject({ status: 'wrong', code: 'database_moved' });
      for (const id of [2, 3, 4]) expect(await deliverOne(world, id)).toBe(503);
      expect(world.log.join('')).toContain(`${file}, or its -wal file, was removed or replaced`);
      expect(world.log.join('')).toContain('restart the service');
      const practice = practiceBeside(world.portal, folder);
      const findings = await practice.diagnose({ DATABASE_URL: `file:${file}` });
      const isGone = _how === 'its folder removed';
      // If the whole folder is gone, nothing tells doctor that there was a database.
      if (!isGone) expect(pick(findings, 'store', 'database').level).toBe('wrong');
    },
  );

  test('is noticed within a second without any request, and the file can be put back', async () => {
    const world = await startWorld();
    const file = world.config.database.name;
    renameSync(file, `${file}.old`);
    await until('the log says it', () => world.log.join('').includes('was removed or replaced'));
    renameSync(`${file}.old`, file);
    await until('the store is well again', async () => {
      return (await world.api('GET', '/readyz')).json.store.status === 'ok';
    });
    expect(await deliverOne(world, 1)).toBe(200);
  });
});

test.skipIf(!isSqlite)(
  'a plain copy of the file that is put back greets nobody again',
  async () => {
    const world = await startWorld();
    const file = world.config.database.name;
    const { userId } = await inviteAndRegister(world, 'ann@example.com');
    await deliveriesOut(world);
    await memberBecomes(world, userId, 'waiting');
    const busy = await world.restart({}, () => copyFileSync(file, `${file}.copy`));
    world.portal.control.confirmEmail(userId);
    await busy.api('POST', '/api/reconcile');
    await memberBecomes(busy, userId, 'welcomed');

    const restored = await busy.restart({}, () => copyFileSync(`${file}.copy`, file));
    await restored.api('POST', '/api/reconcile');
    await memberBecomes(restored, userId, 'ready');
    const { json } = await restored.api('GET', '/api/stats');
    expect(json.pauses.map((one: { name: string }) => one.name)).toEqual(['restored']);
    expect(world.portal.control.congratulations()).toHaveLength(1);
    expect(restored.log.join('')).toContain(
      'is older than the database that was served here before',
    );
  },
);

describe.skipIf(!isSqlite)('a key of "forget" that cannot be used', () => {
  test.each<[string, (key: string) => unknown]>([
    ['empty', (key) => writeFileSync(key, '')],
    ['damaged', (key) => writeFileSync(key, 'garbage\n')],
    // Root may read any file, so the test makes the key a folder.
    ['unreadable', (key) => mkdirSync(key)],
  ])(
    '%s: serve exits with 78 and names the file, and so does doctor',
    async (_how, spoil) => {
      const portal = await startPortal({ keyCheck: 'any' });
      try {
        const folder = await temporaryFolder();
        const key = `${folder}/welcome.db.forget-key`;
        spoil(key);
        const served = spawnVerb(['serve'], {
          environment: serviceEnvironment(portal, folder),
          folder,
        });
        await until('serve ends', () => served.child.exitCode !== null, 30_000);
        expect(served.child.exitCode).toBe(78);
        expect(served.output()).toContain(key);
        const doctor = await verb({ portal, folder }, ['doctor']);
        expect(doctor).toMatchObject({ code: 1, output: expect.stringContaining(key) });
      } finally {
        await portal.stop();
      }
    },
    60_000,
  );

  test('that appears while the service runs: forget is answered 503 and erases nothing', async () => {
    const world = await startWorld();
    await welcomed(world, 'ann@example.com');
    mkdirSync(`${world.config.database.name}.forget-key`);
    const answer = await world.api('POST', '/api/forget', { email: 'ann@example.com' });
    expect(answer.status).toBe(503);
    expect(answer.text).toContain('.forget-key');
    const found = await world.api('GET', '/api/invitations?q=ann@example');
    expect(found.json.items).toHaveLength(1);
  });
});

const dayMs = 24 * 3_600_000;

describe('a clock that was a day ahead and is corrected', () => {
  async function busyWhileAhead(status: number) {
    const clock = createMovableClock();
    clock.set(dayMs);
    const world = await startWorld({ surroundings: { clock } });
    const { userId } = await inviteAndRegister(world, 'ann@example.com');
    const stop = world.portal.control.interfere({
      on: ({ path }) => path.includes('sendcongratulations'),
      act: { kind: 'answer', status, body: '', headers: { 'retry-after': '2' } },
    });
    world.portal.control.confirmEmail(userId);
    await until('the welcome was tried', async () => {
      const { json } = await world.api('GET', `/api/members/${userId}`);
      return json.attempts?.some((one: { outcome: string }) => one.outcome === 'not_sent');
    });
    stop();
    return { clock, world, userId };
  }

  test.each([503, 429])('requires no resume after one %i with Retry-After', async (status) => {
    const { clock, world, userId } = await busyWhileAhead(status);
    clock.set(-dayMs);
    await until('the service notices it', () => world.log.join('').includes('was set back'));
    clock.move(61_000);
    await world.api('POST', '/api/reconcile');
    await memberBecomes(world, userId, 'welcomed');
    expect((await world.api('GET', '/api/stats')).json.pauses).toEqual([]);
    expect(world.portal.control.congratulations()).toHaveLength(1);
  });

  // Only a SQLite file has a stamp beside it that tells the next start what time it was.
  test.skipIf(!isSqlite)(
    'requires no resume if it is corrected while the service is stopped',
    async () => {
      const { clock, world, userId } = await busyWhileAhead(503);
      const again = await world.restart({}, () => clock.set(-dayMs));
      clock.move(61_000);
      await again.api('POST', '/api/reconcile');
      await memberBecomes(again, userId, 'welcomed');
      expect(world.portal.control.congratulations()).toHaveLength(1);
    },
  );
});

/** A person who is active now, but whose check fails, because the database lacks a table until `mend`. */
async function startWithoutTable() {
  const clock = createMovableClock();
  const world = await startWorld({ surroundings: { clock } });
  const { userId } = await inviteAndRegister(world, 'ann@example.com');
  await memberBecomes(world, userId, 'waiting');
  const rename = (from: string, to: string) =>
    queryDatabase(world.config.database, `ALTER TABLE ${from} RENAME TO ${to}`);
  await rename('forgotten', 'elsewhere');
  world.portal.control.confirmEmail(userId);
  const worker = async () => (await world.api('GET', '/readyz')).json.worker;
  return { clock, world, userId, worker, mend: () => rename('elsewhere', 'forgotten') };
}

test('a check that fails for an unexpected reason is repeated, and reported as a warning meanwhile', async () => {
  const { clock, world, userId, worker, mend } = await startWithoutTable();
  const failures = () => world.log.filter((line) => line.includes('could not be processed')).length;
  await until('it fails', () => failures() === 1);
  expect(await worker()).toMatchObject({ status: 'warning', code: 'check_failed' });
  await until('it is due later', async () => {
    const { json } = await world.api('GET', `/api/members/${userId}`);
    return Date.parse(json.dueAt) > clock.now();
  });
  clock.move(11_000);
  await until('it fails again', () => failures() === 2);
  expect(await worker()).toMatchObject({ status: 'warning' });

  await mend();
  clock.move(21_000);
  await memberBecomes(world, userId, 'welcomed');
  await until('the worker is well', async () => (await worker()).status === 'ok');
});

test('a check that failed is reported no more when the person was forgotten meanwhile', async () => {
  const { clock, world, worker, mend } = await startWithoutTable();
  await until('it fails', async () => (await worker()).status === 'warning');
  await mend();
  expect((await world.api('POST', '/api/forget', { email: 'ann@example.com' })).status).toBe(200);
  clock.move(60_000);
  await until('the worker is well', async () => (await worker()).status === 'ok');
});
