import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inspectForgetKey } from './forget-key.ts';
import { fullNameOf, type MoveRefusal, refusalOf, sentenceOf } from './move/side.ts';
import { readSqliteMarks } from './move/sqlite-side.ts';
import type { Database } from './place.ts';
import { setValueWhileServed } from './sqlite/key-values.ts';
import { acquireLock, inspectLock } from './sqlite/lock.ts';
import { inspectDatabase as inspectDatabaseFile, migrateFile, quickCheck } from './sqlite/open.ts';
import { openSqliteReads, openSqliteStore } from './sqlite/sqlite-store.ts';
import type {
  DatabaseServer,
  DatabaseStatus,
  LockResult,
  LockStatus,
  Migrated,
  Store,
  StoreReads,
  ValueKey,
} from './store.ts';

/*
 * Calls the functions of SQLite or of PostgreSQL, depending on the settings. PostgreSQL's modules are
 * loaded only when they are needed, because most installations do not need them.
 */

export type OpenedDatabase =
  | (Extract<LockResult, { kind: 'held' }> & {
      /**
       * Opens the store. A SQLite file is created and migrated if necessary and if `MIGRATE` allows
       * it; the tables of PostgreSQL were migrated before. The caller releases the lock, also when
       * this throws.
       * @param onTrouble called with a problem that does not prevent the start
       * @throws ForgetKeyUnusable when the key of forgotten people is damaged
       * @throws DatabaseRefused when a newer version wrote the database, or when the database would
       *   have to be created or migrated and `MIGRATE` is off
       * @throws Error when the database cannot be used
       */
      readonly openStore: (options?: {
        readonly onTrouble?: (detail: string) => void;
        readonly now?: () => number;
      }) => Store;
    })
  | Extract<LockResult, { kind: 'busy' }>
  /** The database was moved, or a move into it has not ended. */
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Takes the lock of a SQLite file, or adds this process to the replicas of a PostgreSQL database. Only
 * one process at a time can have the lock.
 * @param newReplica makes an id for this process
 * @throws StoreUnavailable when the database cannot be reached or written
 */
export async function lockDatabase(
  database: Database,
  newReplica: () => string,
): Promise<OpenedDatabase> {
  const opened = await takeLock(database, newReplica);
  if (opened.kind !== 'held') return opened;
  try {
    const refusal = await findMove(database);
    if (refusal === null) return opened;
    await opened.lock.release();
    return { kind: 'refused', reason: sentenceOf(refusal) };
  } catch (error) {
    await opened.lock.release();
    throw error;
  }
}

/**
 * Returns why the database must not be written: it was moved, or a move into it has not ended.
 * @returns null if it may be written
 */
export async function findMove(database: Database): Promise<MoveRefusal | null> {
  const name = fullNameOf(database);
  if (database.kind === 'sqlite') return refusalOf(name, readSqliteMarks(database.file));
  const { readPostgresMarks } = await import('./move/postgres-side.ts');
  return refusalOf(name, await readPostgresMarks(database.place));
}

async function takeLock(database: Database, newReplica: () => string): Promise<OpenedDatabase> {
  if (database.kind === 'sqlite') {
    const { file, migrates } = database;
    const locked = acquireLock(file);
    if (locked.kind === 'busy') return locked;
    return {
      ...locked,
      openStore: ({ onTrouble, now } = {}) => openSqliteStore(file, onTrouble, now, migrates),
    };
  }
  const { place, forgetKeyFile } = database;
  const { joinPostgres } = await import('./postgres/replicas.ts');
  const { openPostgresStore } = await import('./postgres/postgres-store.ts');
  const replica = newReplica();
  const joined = await joinPostgres(place, replica);
  const openStore = () => openPostgresStore({ ...joined, place, forgetKeyFile });
  return { kind: 'held', lock: joined.lock, openStore };
}

/** Creates the tables of a database, or brings them to this version, whatever `MIGRATE` says. */
export async function migrateDatabase(
  database: Database,
): Promise<
  ({ readonly kind: 'migrated' } & Migrated) | Extract<LockResult, { readonly kind: 'busy' }>
> {
  if (database.kind === 'postgres') {
    const { migratePostgres } = await import('./postgres/inspect.ts');
    return { kind: 'migrated', ...(await migratePostgres(database.place)) };
  }
  const locked = acquireLock(database.file);
  if (locked.kind === 'busy') return locked;
  try {
    return { kind: 'migrated', ...migrateFile(database.file) };
  } finally {
    locked.lock.release();
  }
}

/**
 * Takes a lock in the folder of a SQLite file, so that no other process imports the same list of
 * people. On PostgreSQL nothing is locked.
 * @param name the file name of the lock, which is different for each list
 */
export function lockImport(database: Database, name: string): LockResult {
  if (database.kind === 'sqlite') return acquireLock(join(dirname(database.file), name));
  // If two processes import the same list, the idempotency keys of its rows prevent double
  // invitations. Only the order of the rows in the reports may differ.
  const lock = { isAfterUncleanStop: false, isReliable: true, announce() {}, release() {} };
  return { kind: 'held', lock };
}

/**
 * Opens the store for reading. Another process may write to the database at the same time.
 * @throws when the database does not exist, or was written by another version
 */
export async function openReads(database: Database): Promise<StoreReads> {
  if (database.kind === 'sqlite') return openSqliteReads(database.file);
  const { requireThisVersion } = await import('./postgres/inspect.ts');
  const { openPostgresReads } = await import('./postgres/postgres-store.ts');
  await requireThisVersion(database.place);
  return openPostgresReads(database.place);
}

/** Whether the database exists. It may belong to another version. */
export async function hasDatabase(database: Database): Promise<boolean> {
  if (database.kind === 'sqlite') return existsSync(database.file);
  const { inspectPostgres } = await import('./postgres/inspect.ts');
  return (await inspectPostgres(database.place)).kind !== 'missing';
}

/** Writes one value while another process may be serving the database. */
export async function setValueBeside(
  database: Database,
  key: ValueKey,
  value: string,
): Promise<void> {
  if (database.kind === 'sqlite') {
    const { file, migrates } = database;
    setValueWhileServed({ file, exists: existsSync(file), migrates, key, value });
    return;
  }
  const { setPostgresValue } = await import('./postgres/inspect.ts');
  await setPostgresValue(database.place, key, value);
}

/**
 * Returns what is damaged in a SQLite file. Null if the file is sound. Also null for PostgreSQL, which
 * is not checked.
 */
export async function findDamage(database: Database): Promise<string | null> {
  return database.kind === 'sqlite' ? quickCheck(database.file) : null;
}

/** What can be learnt about a database without writing to it. */
export type InspectedDatabase = {
  readonly database: DatabaseStatus;
  readonly lock: LockStatus;
  /** What is wrong with the key of forgotten people. Null if it is sound, or if there is none. */
  readonly forgetKeyFault: string | null;
  /** What is damaged in the file. Null if nothing was found, or if the file was not checked. */
  readonly damage: string | null;
  /**
   * Why the database must not be written: see `findMove`. Null if it may be written, or if this could
   * not be checked.
   */
  readonly moved: MoveRefusal | null;
  /** Null if the database has no server, or if the server cannot be asked. */
  readonly server: DatabaseServer | null;
};

export async function inspectDatabase(given: Database): Promise<InspectedDatabase> {
  const inspected = await inspect(given);
  const isReadable = inspected.database.kind === 'database' && inspected.damage === null;
  return { ...inspected, moved: isReadable ? await findMove(given) : null };
}

async function inspect(given: Database): Promise<Omit<InspectedDatabase, 'moved'>> {
  if (given.kind === 'sqlite') {
    const { file } = given;
    const lock = inspectLock(file);
    const database = inspectDatabaseFile(file, lock.kind === 'served');
    // After an unclean stop, a service that starts checks the file itself, and `/readyz` reports any
    // damage. So the file is checked here only while no service runs.
    const isSuspect = lock.kind === 'left' && database.kind === 'database';
    const damage = isSuspect ? await quickCheck(file).catch(messageOf) : null;
    const forgetKeyFault = inspectForgetKey(`${file}.forget-key`);
    return { database, lock, damage, forgetKeyFault, server: null };
  }
  const { place, forgetKeyFile } = given;
  const { inspectPostgres, inspectPostgresLock, inspectServer } = await import(
    './postgres/inspect.ts'
  );
  const database = await inspectPostgres(place);
  const isThere = database.kind === 'database' && database.version !== 'older';
  const lock: LockStatus = isThere ? await inspectPostgresLock(place) : { kind: 'free' };
  const forgetKeyFault = forgetKeyFile === null ? null : inspectForgetKey(forgetKeyFile);
  const server = database.kind === 'unreadable' ? null : await inspectServer(place);
  return { database, lock, forgetKeyFault, damage: null, server };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
