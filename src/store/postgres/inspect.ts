import { drizzle } from 'drizzle-orm/node-postgres';
import type { Place } from '../place.ts';
import { type DatabaseStatus, type LockStatus, StoreUnavailable, type ValueKey } from '../store.ts';
import { type Access, endClient, faultOf, openClient } from './connection.ts';
import { setValue } from './key-values.ts';
import { migrate, versionOf } from './migrate.ts';
import { readReplicas } from './replicas.ts';
import { tablesIn } from './schema.ts';

async function withClient<T>(
  place: Place,
  work: (access: Access, client: Awaited<ReturnType<typeof openClient>>) => Promise<T>,
): Promise<T> {
  try {
    const client = await openClient(place);
    try {
      return await work({ db: drizzle(client), tables: tablesIn(place.schemaName) }, client);
    } finally {
      await endClient(client);
    }
  } catch (error) {
    throw faultOf(error, place) ?? error;
  }
}

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

/** Which processes serve a database; the result names the oldest. The database must exist. */
export function inspectPostgresLock(place: Place): Promise<LockStatus> {
  return withClient(place, async (access): Promise<LockStatus> => {
    const found = (await readReplicas(access)).find(({ holder }) => holder.url !== null);
    return found ? { kind: 'served', ...found.holder } : { kind: 'free' };
  });
}

/** Writes one value while another process may be serving the database. */
export async function setPostgresValue(place: Place, key: ValueKey, value: string): Promise<void> {
  await withClient(place, async (access, client) => {
    if ((await versionOf(client, place)) === null) await migrate(client, place);
    await setValue(access, key, value);
  });
}
