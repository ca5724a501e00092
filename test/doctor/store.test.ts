import { existsSync, mkdirSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { readDisk } from '../../src/doctor/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { startPortal } from '../support/portal.ts';
import { startProcess } from '../support/process.ts';
import { startWorld } from '../support/world.ts';
import { openPractice, type Practice, pick, practiceBeside, roomyDisk } from './support.ts';

function fileOf({ folder }: Practice): string {
  return `${folder}/data/docspace-welcome.db`;
}

async function makeDatabase(practice: Practice): Promise<string> {
  const store = openSqliteStore(fileOf(practice));
  await store.setValue('portal_origin', practice.portal.url);
  await store.close();
  return fileOf(practice);
}

/** Changes the file without the service. */
function tamper(file: string, sql: string): void {
  const client = new Database(file);
  client.exec(sql);
  client.close();
}

test('before the first start there is no database, and the check creates none', async () => {
  const practice = await openPractice();
  expect(pick(await practice.diagnose(), 'store', 'database').seen).toContain('no database yet');
  expect(existsSync(`${practice.folder}/data`)).toBe(false);
});

test('for a sound database, the findings name its path, its size and the free space', async () => {
  const practice = await openPractice();
  const file = await makeDatabase(practice);
  const findings = (await practice.diagnose()).filter((one) => one.subject === 'store');
  expect(findings.map((one) => one.level)).toEqual(['ok', 'ok', 'ok']);
  expect(pick(findings, 'store', 'database').seen).toContain(file);
  expect(pick(findings, 'store', 'space').seen).toContain('50 GB');
});

test('the check writes nothing', async () => {
  const practice = await openPractice();
  const file = await makeDatabase(practice);
  const before = statSync(file).mtimeMs;
  await practice.diagnose();
  expect(statSync(file).mtimeMs).toBe(before);
});

test.each<[number, string]>([
  [50e6, 'wrong'],
  [500e6, 'warning'],
  [5e9, 'ok'],
])('a disk with %i bytes left is %s', async (availableBytes, level) => {
  const practice = await openPractice();
  const readDisk = async () => ({ ...roomyDisk, availableBytes });
  expect(pick(await practice.diagnose({}, { readDisk }), 'store', 'space').level).toBe(level);
});

test.each<[string, number]>([
  ['NFS', 0x6969],
  ['CIFS', 0xff534d42],
  ['CIFS, signed', 0xff534d42 | 0],
  ['SMB2', 0xfe534d42],
  ['9P', 0x01021997],
])('a database on a network file system is wrong: %s', async (_name, type) => {
  const practice = await openPractice();
  const readDisk = async () => ({ ...roomyDisk, type });
  const findings = await practice.diagnose({}, { readDisk });
  expect(pick(findings, 'store', 'network-disk').level).toBe('wrong');
});

test('a database in memory is a warning', async () => {
  const practice = await openPractice();
  const readDisk = async () => ({ ...roomyDisk, type: 0x01021994 });
  const findings = await practice.diagnose({}, { readDisk });
  expect(pick(findings, 'store', 'memory-disk').level).toBe('warning');
});

test('the disk of a real folder has free space, and a folder that does not exist has no disk', async () => {
  expect((await readDisk('/'))?.availableBytes).toBeGreaterThan(0);
  expect(await readDisk('/no/such/folder')).toBe(null);
});

test('a database of an older version is a warning, one of a newer version is wrong', async () => {
  const practice = await openPractice();
  const file = await makeDatabase(practice);
  tamper(file, "INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('x', 9999999999999)");
  expect(pick(await practice.diagnose(), 'store', 'version').level).toBe('wrong');
  tamper(file, 'DELETE FROM __drizzle_migrations');
  expect(pick(await practice.diagnose(), 'store', 'version').level).toBe('warning');
});

test('a file that is not a database is wrong', async () => {
  const practice = await openPractice();
  mkdirSync(`${practice.folder}/data`);
  writeFileSync(
    fileOf(practice),
    'this is a letter to my aunt, and quite a long one at that. '.repeat(99),
  );
  expect(pick(await practice.diagnose(), 'store', 'database').level).toBe('wrong');
});

test('a journal mode other than WAL is a warning', async () => {
  const practice = await openPractice();
  tamper(await makeDatabase(practice), 'PRAGMA journal_mode = DELETE');
  expect(pick(await practice.diagnose(), 'store', 'journal').level).toBe('warning');
});

test('a database of another portal is wrong', async () => {
  const practice = await openPractice();
  const store = openSqliteStore(fileOf(practice));
  await store.setValue('portal_origin', 'https://other.example.com');
  await store.close();
  expect(pick(await practice.diagnose(), 'store', 'portal').level).toBe('wrong');
});

test('the finding names the process and the address of a running service', async () => {
  const world = await startWorld();
  const findings = await practiceBeside(world.portal, world.folder).diagnose();
  expect(pick(findings, 'store', 'service')).toMatchObject({
    level: 'ok',
    seen: `served by process ${process.pid} at ${world.service.url}`,
  });
});

test('after a killed service the stop is reported as unclean, and the database is checked for damage', async () => {
  const portal = await startPortal({ keyCheck: 'any' });
  try {
    const world = await openPractice();
    const practice = practiceBeside(portal, world.folder);
    const file = `${practice.folder}/welcome.db`;
    const service = await startProcess(portal, practice.folder);
    await service.kill();
    const settings = { DATABASE_URL: `file:${file}` };
    const findings = await practice.diagnose(settings);
    expect(pick(findings, 'store', 'unclean').level).toBe('warning');
    expect(findings.some((one) => one.check === 'damage')).toBe(false);
    // Writes the journal into the file, then overwrites a part with tables.
    tamper(file, 'PRAGMA wal_checkpoint(TRUNCATE)');
    const hole = Buffer.alloc(3 * 4096, 0xff);
    writeSync(openSync(file, 'r+'), hole, 0, hole.length, 4096 * 6);
    expect(pick(await practice.diagnose(settings), 'store', 'damage').level).toBe('wrong');
  } finally {
    await portal.stop();
  }
});
