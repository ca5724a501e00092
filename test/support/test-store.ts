import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placeOf } from '../../src/store/place.ts';
import { openPostgresReads, openPostgresStore } from '../../src/store/postgres/postgres-store.ts';
import { joinPostgres } from '../../src/store/postgres/replicas.ts';
import { openSqliteReads, openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Store, StoreReads } from '../../src/store/store.ts';
import { schemaName, takeMigratedDatabase } from './database.ts';
import { hasPostgres } from './postgres.ts';

/** The stores on which the conformance suite runs. */
export const storeKinds = hasPostgres ? (['sqlite', 'postgres'] as const) : (['sqlite'] as const);
export type StoreKind = 'sqlite' | 'postgres';

export type TestStore = {
  /** Closing it frees its database. */
  readonly store: Store;
  /** Opens the same database again, after `store` was closed. */
  readonly reopen: () => Promise<Store>;
  /** Opens the same database for reading, beside `store`. The caller closes it. */
  readonly openReads: () => Promise<StoreReads>;
  /** Opens the same database as another replica. The caller closes it. */
  readonly openAnother: () => Promise<Store>;
};

const openers: Record<StoreKind, () => Promise<TestStore>> = {
  sqlite: openSqlite,
  postgres: () => openPostgres((url) => url),
};

/** Opens a new, empty store. The caller closes it. */
export function openTestStore(kind: StoreKind): Promise<TestStore> {
  return openers[kind]();
}

/** One folder for all stores of a process, because some tests open and close many stores. */
const folder = mkdtempSync(join(tmpdir(), 'docspace-welcome-store-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
let count = 0;

async function openSqlite(): Promise<TestStore> {
  count += 1;
  const file = join(folder, String(count), 'welcome.db');
  return {
    store: openSqliteStore(file),
    reopen: async () => openSqliteStore(file),
    openReads: async () => openSqliteReads(file),
    openAnother: async () => {
      throw new Error('SQLite has no replicas');
    },
  };
}

/** Databases whose store was closed. They are given back later, because a test may open them again. */
const closed = new Set<() => Promise<void>>();

/** @param through the URL by which the store reaches the database of this URL */
export async function openPostgres(through: (url: string) => string): Promise<TestStore> {
  for (const giveBack of closed) {
    closed.delete(giveBack);
    await giveBack();
  }
  const { url, giveBack } = await takeMigratedDatabase();
  const place = placeOf(through(url), schemaName);
  count += 1;
  const forgetKeyFile = join(folder, `${count}.forget-key`);
  const open = async (): Promise<Store> => {
    closed.delete(giveBack);
    count += 1;
    const replica = `replica-${count}`;
    const joined = await joinPostgres(place, replica);
    const store = openPostgresStore({ ...joined, place, forgetKeyFile });
    return {
      ...store,
      async close() {
        await store.close();
        await joined.lock.release();
        closed.add(giveBack);
      },
    };
  };
  const openReads = async () => openPostgresReads(place);
  return { store: await open(), reopen: open, openReads, openAnother: open };
}
