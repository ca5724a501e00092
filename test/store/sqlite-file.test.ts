import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { setValueWhileServed } from '../../src/store/sqlite/key-values.ts';
import { acquireLock } from '../../src/store/sqlite/lock.ts';
import { openForReading, openForWriting } from '../../src/store/sqlite/open.ts';
import { openSqliteReads, openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { until } from '../support/until.ts';
import { temporaryFolder } from '../support/world.ts';
import { inspectFile, newFile } from './files.ts';
import { delivery, memberIn, put, user } from './support.ts';

function openStore(file: string) {
  const store = openSqliteStore(file);
  onTestFinished(() => store.close().catch(() => {}));
  return store;
}

const newer = (client: Database.Database) =>
  client.prepare('UPDATE __drizzle_migrations SET created_at = created_at + 1e12').run();

describe('a database file', () => {
  test('is opened durably: WAL, synchronous=FULL, foreign keys', async () => {
    const db = openForWriting(await newFile());
    const { $client } = db;
    onTestFinished(() => void $client.close());
    const pragma = (name: string) => $client.pragma(name, { simple: true });
    expect(pragma('journal_mode')).toBe('wal');
    expect(pragma('synchronous')).toBe(2);
    expect(pragma('foreign_keys')).toBe(1);
    expect(pragma('trusted_schema')).toBe(0);
    expect(pragma('busy_timeout')).toBeGreaterThan(0);
  });

  test('that cannot be written durably is refused', () => {
    // SQLite keeps a database of this name in memory. The file that was made for it is deleted.
    onTestFinished(() => rmSync(':memory:', { force: true }));
    expect(() => openForWriting(':memory:')).toThrow('cannot be written durably');
  });

  test('is readable only by its owner, and so is its folder', async () => {
    const file = await newFile();
    openStore(file);
    const folder = join(file, '..');
    expect(statSync(folder).mode & 0o077).toBe(0);
  });

  test('keeps every acknowledged delivery, and is a single file again after it is closed, beside its stamp', async () => {
    const file = await newFile();
    const store = openSqliteStore(file);
    await store.acceptDelivery(delivery(1));
    await put(store, memberIn('welcomed', 1));
    await store.close();
    expect(readdirSync(join(file, '..'))).toEqual(['welcome.db', 'welcome.db.stamp.json']);
    const again = openStore(file);
    expect(await again.acceptDelivery(delivery(1))).toBe('duplicate');
    expect(await again.member(user(1))).toMatchObject({ state: 'welcomed', version: 1 });
  });

  test('of a newer version is refused to writers and readers, and stays as it is', async () => {
    const file = await newFile();
    await openSqliteStore(file).close();
    inspectFile(file, newer);
    for (const open of [openSqliteStore, openSqliteReads]) {
      expect(() => open(file)).toThrow('newer version');
    }
    const value = { file, exists: true, key: 'webhook', value: '{}' } as const;
    expect(() => setValueWhileServed(value)).toThrow('newer version');
    expect(
      inspectFile(file, (client) =>
        client.prepare('SELECT count(*) FROM key_values').pluck().get(),
      ),
    ).toBe(0);
  });

  test('of an older version is migrated only by a writer', async () => {
    const file = await newFile();
    await openSqliteStore(file).close();
    inspectFile(file, (client) => {
      client.exec('DELETE FROM __drizzle_migrations');
    });
    expect(() => openSqliteReads(file)).toThrow('older version');
    const value = { file, exists: true, key: 'webhook', value: '{}' } as const;
    expect(() => setValueWhileServed(value)).toThrow('older version');
  });

  test('that is not a database is refused', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'welcome.db');
    writeFileSync(
      file,
      'this is not a database, but it is long enough to inspectFile like a header '.repeat(9),
    );
    expect(() => openSqliteStore(file)).toThrow();
    expect(() => openSqliteReads(file)).toThrow();
  });
});

test('the runs of an earlier process are free at once, because the lock proves that it has ended', async () => {
  const file = await newFile();
  const store = openSqliteStore(file);
  const run = { id: 'run_1', actor: { kind: 'operator' }, total: 0 } as const;
  const lease = { replica: 'rep_1', leaseUntil: 2_000 };
  await store.addRun({ ...run, ...lease }, []);
  const claim = { replica: 'rep_2', now: 1_000, leaseUntil: 3_000 };
  expect(await store.claimRun(claim)).toBeNull();
  await store.close();
  const again = openSqliteStore(file);
  onTestFinished(() => again.close());
  expect(await again.claimRun(claim)).toBe('run_1');
});

describe('reading', () => {
  test('never creates a file or a folder', async () => {
    const folder = await temporaryFolder();
    expect(() => openSqliteReads(join(folder, 'welcome.db'))).toThrow();
    expect(() => openSqliteReads(join(folder, 'deep', 'welcome.db'))).toThrow();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('works beside a writer and sees its commits, but cannot write', async () => {
    const file = await newFile();
    const store = openStore(file);
    const reads = openSqliteReads(file);
    expect(await reads.member(user(1))).toBeNull();
    await put(store, memberIn('ready', 1));
    expect(await reads.member(user(1))).toMatchObject({ state: 'ready' });
    await reads.close();
    const db = openForReading(file);
    onTestFinished(() => void db.$client.close());
    expect(() => db.$client.exec('DELETE FROM members')).toThrow('readonly');
  });
});

describe('a short write beside the writer', () => {
  test('is stored, and creates the database if it does not exist', async () => {
    const file = await newFile();
    const fact = { file, key: 'webhook', value: '{"id":1}' } as const;
    setValueWhileServed({ ...fact, exists: existsSync(file) });
    const store = openStore(file);
    expect(await store.getValue('webhook')).toBe('{"id":1}');
    setValueWhileServed({ ...fact, exists: true, value: '{"id":2}' });
    expect(await store.getValue('webhook')).toBe('{"id":2}');
    await store.setValue('webhook', '{"id":3}');
    expect(await store.getValue('webhook')).toBe('{"id":3}');
  });
});

describe('the lock', () => {
  test('is given to one process, says which one, and is free after its release', async () => {
    const file = await newFile();
    const first = acquireLock(file);
    if (first.kind !== 'held') throw new Error(first.kind);
    expect(acquireLock(file)).toEqual({ kind: 'busy', holder: { pid: process.pid, url: null } });
    first.lock.announce('http://127.0.0.1:1');
    expect(acquireLock(file)).toMatchObject({ holder: { url: 'http://127.0.0.1:1' } });
    writeFileSync(`${file}.holder.json`, 'scribble');
    expect(acquireLock(file)).toEqual({ kind: 'busy', holder: null });
    first.lock.release();
    const second = acquireLock(file);
    expect(second.kind).toBe('held');
    if (second.kind === 'held') second.lock.release();
    expect(existsSync(`${file}.holder.json`)).toBe(false);
  });

  test('is not given to a second process, and ends with the first one, even after SIGKILL', {
    timeout: 60_000,
  }, async () => {
    const file = await newFile();
    const holder = lockInProcess(file);
    await until(
      'the other process reports that it holds the lock',
      () => /held/.test(holder.output()),
      20_000,
    );
    expect(acquireLock(file)).toMatchObject({ kind: 'busy', holder: { pid: holder.pid } });
    const rival = lockInProcess(file);
    await until(
      'the second process reports that the database is busy',
      () => /busy/.test(rival.output()),
      20_000,
    );

    holder.kill('SIGKILL');
    const mine = await until('the lock is free after the kill', () => {
      const got = acquireLock(file);
      return got.kind === 'held' ? got : null;
    });
    expect(mine.kind).toBe('held');
    mine.lock.release();
  });

  test('is a file that only its owner can read', async () => {
    const file = await newFile();
    const locked = acquireLock(file);
    expect(statSync(`${file}.lock`).mode & 0o777).toBe(0o600);
    if (locked.kind === 'held') locked.lock.release();
  });

  test('does not keep readers away', async () => {
    const file = await newFile();
    const locked = acquireLock(file);
    openStore(file);
    const reads = openSqliteReads(file);
    expect(await reads.pauses()).toEqual([]);
    await reads.close();
    if (locked.kind === 'held') locked.lock.release();
  });
});

function lockInProcess(file: string) {
  const lock = fileURLToPath(new URL('../../src/store/sqlite/lock.ts', import.meta.url));
  const script = `
    const { acquireLock } = await import(${JSON.stringify(lock)});
    // Kept in a variable, because the garbage collector closes a lock without a reference.
    globalThis.lock = acquireLock(${JSON.stringify(file)});
    console.log(globalThis.lock.kind);
    setInterval(() => {}, 1000);`;
  const tsx = fileURLToPath(import.meta.resolve('tsx'));
  const child = spawn(process.execPath, ['--import', tsx, '--input-type=module', '-e', script]);
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return { output: () => output, pid: child.pid, kill: (signal: 'SIGKILL') => child.kill(signal) };
}

test('a folder that cannot be created is reported before anything starts', async () => {
  // Root may write anywhere, so the test puts a file in the place of the folder.
  const folder = await temporaryFolder();
  writeFileSync(join(folder, 'data'), '');
  chmodSync(join(folder, 'data'), 0o400);
  expect(() => acquireLock(join(folder, 'data', 'welcome.db'))).toThrow();
  expect(() => openSqliteStore(join(folder, 'data', 'welcome.db'))).toThrow();
});

test('a store that cannot be opened leaves its file closed', async () => {
  const file = await newFile();
  await openSqliteStore(file).close();
  inspectFile(file, (client) => client.exec('ALTER TABLE runs RENAME TO other_runs'));
  expect(() => openSqliteStore(file)).toThrow('runs');
  // The connection that closes the file last deletes the write-ahead log.
  expect(existsSync(`${file}-wal`)).toBe(false);
});
