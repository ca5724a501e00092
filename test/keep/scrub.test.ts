import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { operator } from '../../src/domain/timeline.ts';
import { createLog } from '../../src/log.ts';
import { createForgetter } from '../../src/operations/forget.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { temporaryFolder } from '../support/world.ts';
import { filesWith } from './support.ts';

async function storeWith(people: number) {
  const folder = await temporaryFolder();
  const file = `${folder}/welcome.db`;
  const store = openSqliteStore(file);
  await Promise.all(Array.from({ length: people }, (_, index) => invite(store, index)));
  const log = createLog({ level: 'silent', write: () => {} });
  return { folder, file, store, ...createForgetter({ store, now: Date.now, log }) };
}

function address(index: number): string {
  // In no order, so that pages are split in the middle.
  return `p${((index * 7_919) % 100_003).toString(36)}-${index}@example.com`;
}

async function invite(store: Store, index: number): Promise<void> {
  const cause = { kind: 'command', name: 'invite' } as const;
  const entry = {
    event: 'invitation_requested',
    employeeType: 'Guest',
    cause,
    actor: operator,
  } as const;
  const email = address(index);
  const note = `a note for ${email}, ${'x'.repeat(index % 200)}`;
  const id = `inv_${index}`;
  await store.openInvitation({
    id,
    employeeType: 'Guest',
    mode: 'link',
    email,
    note,
    accountId: 'account',
    at: Date.now(),
    entry,
  });
}

test('nothing of the forgotten person is left among two thousand others, wherever their pages were moved', async () => {
  const { folder, store, forget } = await storeWith(2_000);
  const gone = Array.from({ length: 20 }, (_, index) => address(index * 97));
  for (const email of gone) {
    expect(await forget(email)).toMatchObject({ isKnown: true, isOverwritten: true });
    expect(filesWith(folder, email)).toEqual([]);
  }
  await store.close();
  for (const email of gone) expect(filesWith(folder, email)).toEqual([]);
  expect(filesWith(folder, address(1))).not.toEqual([]);
}, 60_000);

test('while another program reads, overwriting is delayed, which is reported and done later', async () => {
  const { folder, file, store, forget } = await storeWith(3);
  const reader = new Database(file, { readonly: true });
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM invitations').get();
  expect(await forget(address(1))).toMatchObject({ isKnown: true, isOverwritten: false });
  expect((await store.listInvitations({ q: address(1) }, { limit: 1 }, Date.now())).items).toEqual(
    [],
  );
  reader.exec('COMMIT');
  reader.close();
  expect(await forget(address(1))).toMatchObject({ isKnown: false, isOverwritten: true });
  expect(filesWith(folder, address(1))).toEqual([]);
  await store.close();
}, 60_000);

test('a copy in the free pages of the file, from before they were cleared, is found and erased', async () => {
  const { folder, file, store } = await storeWith(3);
  await store.close();
  const careless = new Database(file);
  careless.pragma('secure_delete = OFF');
  const text = `${address(1)} `.repeat(2_000);
  careless.prepare("INSERT INTO key_values (key, value) VALUES ('old', ?)").run(text);
  careless.exec("DELETE FROM key_values WHERE key = 'old'");
  careless.close();
  await forgetIn(file, address(0));
  expect(filesWith(folder, address(0))).toEqual([]);
  expect(filesWith(folder, address(1))).toEqual([file]);
  await forgetIn(file, address(1));
  expect(filesWith(folder, address(1))).toEqual([]);
}, 60_000);

async function forgetIn(file: string, email: string): Promise<void> {
  const store = openSqliteStore(file);
  const log = createLog({ level: 'silent', write: () => {} });
  const forgetter = createForgetter({ store, now: Date.now, log });
  expect(await forgetter.forget(email)).toMatchObject({ isKnown: true, isOverwritten: true });
  await store.close();
}
