import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { newestMigration } from '../src/store/sqlite/open.ts';
import { openSqliteStore } from '../src/store/sqlite/sqlite-store.ts';
import { seedLog } from './seed-log.ts';

/**
 * A seeded database for the service or the store. Writing a million invitations takes minutes, so
 * the file is kept in the temporary folder for later benches.
 * @returns absolute path of the database; it has no portal yet, so a service can use it with any
 *   portal
 */
export async function seededFile(count: number): Promise<string> {
  const folder = join(tmpdir(), 'docspace-welcome-bench');
  mkdirSync(folder, { recursive: true });
  const day = new Date().toISOString().slice(0, 10);
  const file = join(folder, `${count}-${day}-${newestMigration()}.db`);
  if (!existsSync(file)) {
    const unfinished = join(mkdtempSync(join(folder, 'seeding-')), 'welcome.db');
    process.stderr.write(`writing a log of ${count.toLocaleString('en')} invitations …\n`);
    seedLog({ file: unfinished, count, now: Date.now() });
    renameSync(unfinished, file);
    rmSync(join(unfinished, '..'), { recursive: true });
  }
  // Otherwise housekeeping would run while the first figures are measured.
  const store = openSqliteStore(file);
  while ((await store.expireInvitations({ now: Date.now(), limit: 1_000 })) > 0);
  await store.close();
  const database = new Database(file);
  database.exec("DELETE FROM key_values WHERE key IN ('portal_origin', 'portal_tenant_id')");
  database.close();
  return file;
}
