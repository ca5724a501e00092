import { copyFileSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { inspectDatabase } from '../../src/store/sqlite/open.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { inspectFile, newFile } from './files.ts';
import { changeOf, delivery, memberIn, now, put, stored, user } from './support.ts';

function openStore(file: string, at = Date.now): Store {
  const store = openSqliteStore(file, () => {}, at);
  onTestFinished(() => store.close().catch(() => {}));
  return store;
}

/** Copies a file as `cp` does while no service runs. */
const cp = (from: string, to: string) => copyFileSync(from, to);

describe('a database file that disappears under the service', () => {
  test.each<[string, (file: string) => unknown]>([
    ['is removed', (file) => rmSync(file)],
    ['is moved away', (file) => renameSync(file, `${file}.old`)],
    ['is replaced by another file', (file) => [rmSync(file), cp(`${file}.copy`, file)]],
    ['is replaced by a rename', (file) => renameSync(`${file}.copy`, file)],
    ['loses its write-ahead log', (file) => rmSync(`${file}-wal`)],
    ['loses its folder', (file) => rmSync(dirname(file), { recursive: true })],
  ])('%s: nothing is accepted, and the error names the file', async (_how, disturb) => {
    const file = await newFile();
    const store = openStore(file);
    inspectFile(file, (client) => client.prepare('VACUUM INTO ?').run(`${file}.copy`));
    await store.acceptDelivery(delivery(1));
    expect(store.isInPlace()).toBe(true);

    disturb(file);

    expect(store.isInPlace()).toBe(false);
    await expect(store.acceptDelivery(delivery(2))).rejects.toThrow(`${file} was removed or`);
    await expect(store.probe()).rejects.toThrow(file);
  });

  test('is used again when the file is put back', async () => {
    const file = await newFile();
    const store = openStore(file);
    renameSync(file, `${file}.old`);
    expect(store.isInPlace()).toBe(false);
    renameSync(`${file}.old`, file);
    expect(await store.acceptDelivery(delivery(1))).toBe('accepted');
  });

  test("is not reported after the service's own work: a checkpoint, or writing the whole file again", async () => {
    const file = await newFile();
    const store = openStore(file);
    await store.forget({ email: 'a@example.com', userIdsInDeliveries: [], changes: [], at: now });
    inspectFile(file, (client) => client.pragma('wal_checkpoint(TRUNCATE)'));
    expect(await store.acceptDelivery(delivery(1))).toBe('accepted');
  });
});

describe('a database that is older than the one that was used before', () => {
  /** The copies `1`, `2` and `3`, each with one member more. The database has a fourth member. */
  async function served() {
    const file = await newFile();
    for (const n of [1, 2, 3, 4]) {
      const store = openSqliteStore(file);
      await put(store, memberIn('ready', n));
      await store.close();
      if (n < 4) cp(file, `${file}.${n}`);
    }
    return file;
  }
  const pausesAfterStart = async (file: string) => {
    const store = openSqliteStore(file);
    const names = (await store.pauses()).map((pause) => pause.name);
    const restored = await store.restored();
    await store.close();
    return { names, count: restored?.count ?? null };
  };
  const paused = (count: number) => ({ names: ['restored'], count });
  const free = { names: [], count: null };

  test('starts paused as restored, until an operator resumes', async () => {
    const file = await served();
    expect(await pausesAfterStart(file)).toEqual(free);
    cp(`${file}.2`, file);
    expect(await pausesAfterStart(file)).toEqual(paused(2));
    expect(await pausesAfterStart(file)).toEqual(paused(2));
    // Another copy that is also older than the used database.
    cp(`${file}.3`, file);
    expect(await pausesAfterStart(file)).toEqual(paused(3));
    const store = openSqliteStore(file);
    await store.liftPauses();
    await store.close();
    expect(await pausesAfterStart(file)).toEqual(free);
  });

  test('is recognised too if the previous process was killed', async () => {
    const file = await newFile();
    const store = openStore(file);
    await put(store, memberIn('ready', 1));
    inspectFile(file, (client) => client.prepare('VACUUM INTO ?').run(`${file}.1`));
    await put(store, memberIn('ready', 2));
    store.noteProgress();
    const stamp = `${dirname(file)}/elsewhere.db`;
    cp(`${file}.1`, stamp);
    cp(`${file}.stamp.json`, `${stamp}.stamp.json`);
    expect(await pausesAfterStart(stamp)).toEqual(paused(1));
  });

  test('is recognised too if it is empty, but not without a stamp', async () => {
    const file = await served();
    cp(`${file}.1`, `${dirname(file)}/elsewhere.db`);
    expect(await pausesAfterStart(`${dirname(file)}/elsewhere.db`)).toEqual(free);
    rmSync(file);
    expect(inspectDatabase(file)).toEqual({ kind: 'missing', servedUntil: expect.any(Number) });
    expect(await pausesAfterStart(file)).toEqual(paused(0));
  });
});

describe('waits that were stored while the clock was ahead', () => {
  const hour = 3_600_000;
  const day = 24 * hour;
  const due = async (store: Store, n: number) => (await store.member(user(n)))?.dueAt;
  const wait = async (store: Store, n: number, dueAt: number) => {
    await put(store, memberIn('ready', n));
    const member = await stored(store, user(n));
    await store.commit(changeOf({ ...member, dueAt }));
  };

  test.each([
    ['a day and half a minute', day + 30_000, 30_000],
    ['a month', 30 * day, 7 * hour],
  ])('(%s ahead) are shortened at the next start', async (_name, waitMs, leftMs) => {
    const file = await newFile();
    const before = openSqliteStore(
      file,
      () => {},
      () => now + day,
    );
    await wait(before, 1, now + waitMs);
    await wait(before, 2, now - hour);
    await before.close();
    const store = openStore(file, () => now);
    expect(await due(store, 1)).toBe(now + leftMs);
    expect(await due(store, 2)).toBe(now - hour);
  });

  test('are not changed if the clock was correct', async () => {
    const file = await newFile();
    const before = openSqliteStore(
      file,
      () => {},
      () => now,
    );
    await wait(before, 1, now + 6 * hour);
    await before.close();
    expect(
      await due(
        openStore(file, () => now + 1),
        1,
      ),
    ).toBe(now + 6 * hour);
  });

  test('are shortened without a stamp too, if they are longer than any possible wait', async () => {
    const file = await newFile();
    const before = openSqliteStore(
      file,
      () => {},
      () => now,
    );
    await wait(before, 1, now + day);
    await before.close();
    rmSync(`${file}.stamp.json`);
    expect(
      await due(
        openStore(file, () => now),
        1,
      ),
    ).toBe(now + 7 * hour);
  });
});

test('doctor sees when the file of a running service was replaced', async () => {
  const file = await newFile();
  openStore(file);
  const reader = new Database(file, { readonly: true });
  onTestFinished(() => void reader.close());
  expect(inspectDatabase(file, true).kind).toBe('database');
  renameSync(file, `${file}.old`);
  cp(`${file}.old`, file);
  expect(inspectDatabase(file, true).kind).toBe('replaced');
});
