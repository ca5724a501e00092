import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { storeSuite } from './conformance.ts';

const folder = mkdtempSync(join(tmpdir(), 'docspace-welcome-store-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;

storeSuite('the SQLite store', async () => {
  count += 1;
  return openSqliteStore(join(folder, String(count), 'welcome.db'));
});
