import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openSqliteReads, openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Store, StoreReads } from '../../src/store/store.ts';

/** The stores on which the conformance suite runs. */
export const storeKinds = ['sqlite'] as const;
export type StoreKind = (typeof storeKinds)[number];

export type TestStore = {
  /** Closing it frees its database. */
  readonly store: Store;
  /** Opens the same database again, after `store` was closed. */
  readonly reopen: () => Promise<Store>;
  /** Opens the same database for reading, beside `store`. The caller closes it. */
  readonly openReads: () => Promise<StoreReads>;
};

const openers: Record<StoreKind, () => Promise<TestStore>> = { sqlite: openSqlite };

/** Opens a new, empty store. The caller closes it. */
export function openTestStore(kind: StoreKind): Promise<TestStore> {
  return openers[kind]();
}

/** One folder for all stores of a test file, because some tests open and close many stores. */
const sqliteFolder = mkdtempSync(join(tmpdir(), 'docspace-welcome-store-'));
afterAll(() => rmSync(sqliteFolder, { recursive: true, force: true }));
let count = 0;

async function openSqlite(): Promise<TestStore> {
  count += 1;
  const file = join(sqliteFolder, String(count), 'welcome.db');
  return {
    store: openSqliteStore(file),
    reopen: async () => openSqliteStore(file),
    openReads: async () => openSqliteReads(file),
  };
}
