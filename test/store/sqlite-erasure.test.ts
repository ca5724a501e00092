import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { ForgetKeyUnusable, type Store } from '../../src/store/store.ts';
import { inspectFile, newFile } from './files.ts';
import { changeOf, invite, memberIn, now, put, stored, user } from './support.ts';

function openStore(file: string): Store {
  const store = openSqliteStore(file);
  onTestFinished(() => store.close().catch(() => {}));
  return store;
}

async function forgetWelcomed(store: Store, email: string) {
  await put(store, memberIn('welcomed', 1, { email }));
  const member = await stored(store, user(1));
  const changes = [changeOf({ ...member, email: null, forgottenAt: now })];
  return store.forget({ email, userIdsInDeliveries: [], changes, at: now });
}

const email = 'anna@example.com';

test.each([
  ['not a key\n', 'is damaged'],
  ['', 'is empty'],
  ['ab'.repeat(31), 'is damaged'],
])(
  'a key file with the content %j is refused when the store is opened, and the error names the file',
  async (text, fault) => {
    const file = await newFile();
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.forget-key`, text);
    const open = () => openSqliteStore(file);
    expect(open).toThrow(ForgetKeyUnusable);
    expect(open).toThrow(`${file}.forget-key ${fault}`);
  },
);

test('a key file that cannot be read is refused when the store is opened, and the error names the file', async () => {
  const file = await newFile();
  // Root may read any file, so the test makes the key a folder.
  mkdirSync(`${file}.forget-key`, { recursive: true });
  expect(() => openSqliteStore(file)).toThrow(`${file}.forget-key cannot be read (EISDIR)`);
});

test('the key file appears only when it is complete, is readable only by its owner, and leaves no other file behind', async () => {
  const file = await newFile();
  const store = openStore(file);
  // A full disk or a kill can leave this file behind.
  writeFileSync(`${file}.forget-key.unfinished`, '');
  await forgetWelcomed(store, email);
  const key = `${file}.forget-key`;
  expect(readFileSync(key, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
  expect(statSync(key).mode & 0o777).toBe(0o600);
  expect(readdirSync(dirname(file)).filter((name) => name.includes('unfinished'))).toEqual([]);
  await store.close();
  const again = openStore(file);
  expect(await again.wasWelcomedAndForgotten({ userId: user(9), email })).toBe(true);
  expect(await again.isForgetKeyLost()).toBe(false);
});

test('erased text that another program kept from being overwritten is overwritten later', async () => {
  const file = await newFile();
  const store = openStore(file);
  await invite(store, 'inv_1', { email });
  const reader = new Database(file, { readonly: true });
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM invitations').get();
  const forgotten = await store.forget({ email, userIdsInDeliveries: [], changes: [], at: now });
  expect(forgotten).toMatchObject({ kind: 'erased', isOverwritten: false });
  reader.close();
  expect(await store.overwriteErased()).toBe(true);
  const owed = "SELECT value FROM key_values WHERE key = 'overwrite_owed'";
  expect(inspectFile(file, (client) => client.prepare(owed).get())).toBeUndefined();
  for (const name of readdirSync(dirname(file))) {
    expect(readFileSync(join(dirname(file), name)).includes(email)).toBe(false);
  }
}, 30_000);

test('erased text that another program kept from being overwritten at the start is overwritten later', async () => {
  const file = await newFile();
  await openSqliteStore(file).close();
  inspectFile(file, (client) =>
    client.exec("INSERT INTO key_values (key, value) VALUES ('overwrite_owed', '1')"),
  );
  const reader = new Database(file, { readonly: true });
  reader.exec('BEGIN');
  const owed = () =>
    reader.prepare("SELECT value FROM key_values WHERE key = 'overwrite_owed'").all().length;
  expect(owed()).toBe(1);
  const troubles: string[] = [];
  const store = openSqliteStore(file, (detail) => troubles.push(detail));
  onTestFinished(() => store.close());
  expect(troubles.join()).toContain('another program reads');
  reader.exec('COMMIT');
  expect(owed()).toBe(1);
  expect(await store.overwriteErased()).toBe(true);
  expect(owed()).toBe(0);
  reader.close();
});

test('the file is not rewritten because another address ends with the erased one', async () => {
  const file = await newFile();
  const store = openStore(file);
  for (const [n, other] of ['johanna@example.com', 'susanna@example.com', email].entries()) {
    await invite(store, `inv_${n}`, { email: other, note: `for ${other}` });
  }
  const rewrites = () =>
    inspectFile(file, (client) => client.pragma('schema_version', { simple: true }));
  const before = rewrites();
  const forgotten = await store.forget({ email, userIdsInDeliveries: [], changes: [], at: now });
  expect(forgotten).toMatchObject({ isOverwritten: true, erased: { invitations: 1, mentions: 0 } });
  // VACUUM raises the schema version (sqlite.org/fileformat2.html, 1.3.9).
  expect(rewrites()).toBe(before);
  expect((await store.invitation('inv_0'))?.email).toBe('johanna@example.com');
});

test('another program that closes the database after a deletion leaves the write-ahead log in place', async () => {
  const file = await newFile();
  const store = openStore(file);
  await invite(store, 'inv_1', { email });
  await store.forget({ email, userIdsInDeliveries: [], changes: [], at: now });
  await invite(store, 'inv_2', { email: 'bob@example.com' });
  const script = `const client = new (require('better-sqlite3'))(process.argv[1]);
    client.prepare('SELECT count(*) FROM invitations').get();
    client.close();`;
  execFileSync(process.execPath, ['-e', script, file]);
  expect(store.isInPlace()).toBe(true);
});
