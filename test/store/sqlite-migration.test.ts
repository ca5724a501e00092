import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const released = fileURLToPath(new URL('../fixtures/databases/0.2.0.db', import.meta.url));

test('a database of version 0.2.0 finds people by every address, and IDN domains in both forms', async () => {
  const file = join(await temporaryFolder(), 'welcome.db');
  copyFileSync(released, file);
  copyFileSync(`${released}.forget-key`, `${file}.forget-key`);
  const old = new Database(file);
  const change = (table: string, from: string, to: string) =>
    old
      .prepare(`UPDATE ${table} SET email = ?, email_key = lower(?) WHERE email = ?`)
      .run(to, to, from);
  change('members', 'welcomed@example.com', 'Moved@example.com');
  change('members', 'waiting@example.com', 'waiting@bücher.example');
  change('invitations', 'waiting@example.com', 'waiting@bücher.example');
  old.close();

  const store = openSqliteStore(file);
  onTestFinished(() => store.close());
  const people = async (email: string) => (await store.listMembers({ email }, { limit: 9 })).items;
  const moved = await people('moved@example.com');
  expect(moved).toMatchObject([{ email: 'Moved@example.com', state: 'welcomed' }]);
  expect(await people('welcomed@example.com')).toEqual(moved);
  for (const domain of ['bücher.example', 'xn--bcher-kva.example']) {
    const email = `waiting@${domain}`;
    expect(await people(email)).toHaveLength(1);
    const invitations = await store.listInvitations({ email }, { limit: 9 }, Date.now());
    expect(invitations.items).toHaveLength(1);
  }
});
