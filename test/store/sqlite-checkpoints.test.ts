import { existsSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { createCheckpoints } from '../../src/store/sqlite/checkpoints.ts';
import { openForWriting } from '../../src/store/sqlite/open.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { until } from '../support/until.ts';
import { look, newFile } from './files.ts';
import { delivery } from './support.ts';

/** Enough commits for the thread to be worth its while, and more. */
const many = 1_000;

async function opened() {
  const file = await newFile();
  const { $client } = openForWriting(file);
  const troubles: string[] = [];
  const checkpoints = createCheckpoints($client, (detail) => troubles.push(detail));
  onTestFinished(async () => {
    await checkpoints.stop();
    $client.close();
  });
  $client.exec('CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT)');
  const insert = $client.prepare('INSERT INTO t (text) VALUES (?)');
  const commit = (count: number, bytes = 2_000) => {
    for (let n = 0; n < count; n += 1) {
      insert.run('x'.repeat(bytes));
      checkpoints.committed();
    }
  };
  return { file, $client, troubles, commit };
}

test('what was committed is moved into the database beside the commits', async () => {
  const { file, commit, troubles } = await opened();
  const before = statSync(file).size;
  commit(many);
  await until('the file has grown', () => statSync(file).size > before + many * 2_000);
  expect(troubles).toEqual([]);
});

test('the log is used again from its beginning, so that it does not grow for ever', async () => {
  const { file, $client, commit } = await opened();
  // So many commits in a moment: the disk is not what this is about.
  $client.pragma('synchronous = OFF');
  const bytes = 20_000;
  for (let turn = 0; turn < 12; turn += 1) {
    const before = statSync(file).size;
    commit(600, bytes);
    await until('all of it is moved', () => statSync(file).size >= before + 600 * bytes);
  }
  // Three times as much went through it, and more.
  expect(statSync(`${file}-wal`).size).toBeLessThan(5 * 600 * bytes);
});

test('a store that is closed at once ends its thread, and leaves no log', async () => {
  const file = await newFile();
  const store = openSqliteStore(file);
  for (let n = 0; n < many; n += 1) await store.acceptDelivery(delivery(n));
  await store.close();
  expect(existsSync(`${file}-wal`)).toBe(false);
  expect(
    look(file, (client) => client.prepare('SELECT count(*) FROM deliveries').pluck().get()),
  ).toBe(many);
});

test('a database that somebody holds is waited for, and is no trouble', async () => {
  const { file, commit, troubles } = await opened();
  commit(many);
  const reader = new Database(file);
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM t').get();
  commit(many);
  const held = statSync(file).size;
  reader.close();
  commit(1);
  await until('the rest is moved', () => statSync(file).size > held);
  expect(troubles).toEqual([]);
});

test('a thread that cannot work says so once, and the automatic checkpoints go on', async () => {
  const file = await newFile();
  const { $client } = openForWriting(file);
  onTestFinished(() => void $client.close());
  const troubles: string[] = [];
  const lost = new Proxy($client, {
    get: (target, key) =>
      key === 'name'
        ? `${file}.gone`
        : (Reflect.get(target, key).bind?.(target) ?? Reflect.get(target, key)),
  });
  const checkpoints = createCheckpoints(lost, (detail) => troubles.push(detail));
  for (let n = 0; n < many; n += 1) checkpoints.committed();
  await until('it is told', () => troubles.length > 0);
  await until(
    'SQLite checkpoints as before',
    () => $client.pragma('wal_autocheckpoint', { simple: true }) === 1_000,
  );
  for (let n = 0; n < many; n += 1) checkpoints.committed();
  await checkpoints.stop();
  expect(troubles).toHaveLength(1);
});
