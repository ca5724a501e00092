import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { version } from '../../project.ts';
import { createForgetKey } from '../forget-key.ts';
import type { Store, StoreReads } from '../store.ts';
import { memberWrites } from './commit.ts';
import { type Access, faultOf, openClient, openPool, type Place } from './connection.ts';
import { deliveryReads, deliveryWrites } from './deliveries.ts';
import { erasureVerbs } from './erasure.ts';
import { idempotencyWrites } from './idempotency.ts';
import { invitationListReads } from './invitation-list.ts';
import { invitationReads, invitationWrites } from './invitations.ts';
import { valueReads, valueWrites } from './key-values.ts';
import { letterVerbs } from './letters.ts';
import { memberReads } from './members.ts';
import { migrate } from './migrate.ts';
import { outboxVerbs } from './outbox.ts';
import { advanceWaits } from './progress.ts';
import { reconciliationVerbs } from './reconciliation.ts';
import { tablesIn } from './schema.ts';
import { countReads, metricReads } from './statistics.ts';
import { tokenReads, tokenWrites } from './tokens.ts';
import { createWriter } from './writer.ts';

export type PostgresOptions = {
  readonly place: Place;
  /** The file of the key that recognises forgotten people. Null: nobody can be forgotten. */
  readonly forgetKeyFile: string | null;
  /** The id of this process among those that use the database. */
  readonly replica: string;
  readonly now: () => number;
};

/**
 * Opens the store in a PostgreSQL database. Its tables are created or migrated if necessary.
 * @throws StoreUnavailable when the server cannot be used now
 * @throws ForgetKeyUnusable when the key file is damaged
 * @throws Error when the tables belong to a newer version
 */
export async function openPostgresStore(options: PostgresOptions): Promise<Store> {
  const { place, replica, now } = options;
  const forgetKey = createForgetKey(options.forgetKeyFile);
  await join(options);
  const access = openPool(place);
  const writer = createWriter(place, replica);
  const verbs = {
    ...reads(access),
    ...deliveryWrites(access, writer, replica),
    ...memberWrites(access, writer, replica),
    ...invitationWrites(access, writer),
    ...letterVerbs(access, writer),
    ...idempotencyWrites(writer),
    ...valueWrites(writer),
    ...tokenWrites(writer),
    ...outboxVerbs(access),
    ...reconciliationVerbs(access, writer),
    ...erasureVerbs(access, writer, forgetKey),
    ...metricReads(access),
    advanceWaits: (byMs: number, at: number) =>
      writer.write((inside) => advanceWaits(inside, byMs, at)),
  };
  return {
    ...withFaults(verbs, place),
    queuedWrites: writer.queued,
    isInPlace: () => true,
    noteProgress: () => {},
    async close() {
      await writer.close();
      await leave(access, replica);
      await access.end();
    },
  };
}

/** Opens the store for reading, while other processes may be writing it. */
export function openPostgresReads(place: Place): StoreReads {
  const access = openPool(place);
  return { ...withFaults(reads(access), place), close: access.end };
}

/** Migrates the tables and adds the row of this process. */
async function join({ place, replica, now }: PostgresOptions): Promise<void> {
  try {
    const client = await openClient(place);
    try {
      await migrate(client, place);
      const { replicas } = tablesIn(place.schemaName);
      const row = { id: replica, startedAt: now(), seenAt: now(), version };
      await drizzle(client).insert(replicas).values(row);
    } finally {
      await client.end();
    }
  } catch (error) {
    throw faultOf(error, place) ?? error;
  }
}

async function leave({ db, tables: { replicas } }: Access, replica: string): Promise<void> {
  // If the server cannot be reached, the row is deleted when this replica has not been seen for long.
  await db
    .delete(replicas)
    .where(eq(replicas.id, replica))
    .catch(() => {});
}

function reads(access: Access): Omit<StoreReads, 'close'> {
  return {
    ...invitationReads(access),
    ...invitationListReads(access),
    ...memberReads(access),
    ...valueReads(access),
    ...tokenReads(access),
    ...countReads(access),
    ...deliveryReads(access),
  };
}

/** The same functions; what they throw about the server or the connection is `StoreUnavailable`. */
function withFaults<Verbs extends object>(verbs: Verbs, place: Place): Verbs {
  const guarded = Object.entries(verbs).map(([name, verb]) => [
    name,
    async (...given: unknown[]) => {
      try {
        return await verb(...given);
      } catch (error) {
        throw faultOf(error, place) ?? error;
      }
    },
  ]);
  // Every verb is an asynchronous function, and keeps its name and its types.
  return Object.fromEntries(guarded) as Verbs;
}
