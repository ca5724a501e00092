import type { Place } from '../place.ts';
import {
  DatabaseRefused,
  type DatabaseServer,
  type DatabaseStatus,
  type LockStatus,
  type Migrated,
  StoreUnavailable,
  type ValueKey,
} from '../store.ts';
import { withClient } from './connection.ts';
import { setValue } from './key-values.ts';
import { migrate, readServer, versionOf } from './migrate.ts';
import { readReplicas } from './replicas.ts';

/** Reads the status of a database without creating or writing anything. */
export async function inspectPostgres(place: Place): Promise<DatabaseStatus> {
  try {
    return await withClient(place, async (_, client): Promise<DatabaseStatus> => {
      const version = await versionOf(client, place);
      if (version === null) return { kind: 'missing', servedUntil: null };
      const { rows } = await client.query('SELECT pg_database_size(current_database()) AS size');
      return { kind: 'database', version, journalMode: null, sizeBytes: Number(rows[0].size) };
    });
  } catch (error) {
    if (error instanceof StoreUnavailable) return { kind: 'unreadable', detail: error.message };
    throw error;
  }
}

/** @returns null if the server cannot be asked */
export function inspectServer(place: Place): Promise<DatabaseServer | null> {
  return withClient(place, (_, client) => readServer(client)).catch((error: unknown) => {
    if (error instanceof StoreUnavailable) return null;
    throw error;
  });
}

/** @throws DatabaseRefused if this program cannot read the tables as they are */
export function requireThisVersion(place: Place): Promise<void> {
  return withClient(place, async (_, client) => {
    const version = await versionOf(client, place);
    if (version === 'this') return;
    throw new DatabaseRefused(
      version === 'newer'
        ? `the tables of ${place.shown} were written by a newer version of docspace-welcome: update this program`
        : `the tables of ${place.shown} are of an older version: run "docspace-welcome migrate", or start the service once`,
    );
  });
}

/** Creates the tables, or brings them to this version, even while a service uses them. */
export function migratePostgres(place: Place): Promise<Migrated> {
  return withClient(place, (_, client) => migrate(client, { ...place, migrates: true }));
}

/** Whether a process serves the database. Names the one that joined first. The tables must exist. */
export function inspectPostgresLock(place: Place): Promise<LockStatus> {
  return withClient(place, async (access): Promise<LockStatus> => {
    const found = (await readReplicas(access)).find(({ holder }) => holder.url !== null);
    return found ? { kind: 'served', ...found.holder } : { kind: 'free' };
  });
}

/** Writes one value while another process may be serving the database. */
export async function setPostgresValue(place: Place, key: ValueKey, value: string): Promise<void> {
  await withClient(place, async (access, client) => {
    await migrate(client, place);
    await setValue(access, key, value);
  });
}
