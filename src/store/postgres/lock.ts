import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { isAlive } from '../files.ts';
import type { Place } from '../place.ts';
import type { Holder, LockResult } from '../store.ts';
import {
  type Access,
  beginStatement,
  databaseNow,
  endClient,
  faultOf,
  openClient,
  openPool,
} from './connection.ts';
import { checkIdentity, followIdentity } from './identity.ts';
import { migrate } from './migrate.ts';
import { tablesIn } from './schema.ts';

/** How often a process says that it is there. */
const beatMs = 2_000;
/** A process that was seen this recently is there. */
const seenLatelyMs = 2 * beatMs;
/** A process that was not seen for this long has ended, or cannot reach the database. */
const goneAfterMs = 5 * beatMs;

/**
 * Allows one process at a time to write a database. Its row in `replicas` is the lock: while it says
 * every two seconds that it is there, no other process gets the database. When another one does get
 * it, the row is gone, and with it the number without which `writer.ts` commits nothing. The tables
 * are created or migrated first.
 * @param replica a new id for this process
 * @throws StoreUnavailable when the server cannot be used now
 * @throws Error when the tables belong to a newer version
 */
export async function lockPostgres(place: Place, replica: string): Promise<LockResult> {
  const holder: Holder = { pid: process.pid, url: null, host: hostname() };
  try {
    const client = await openClient(place);
    try {
      await migrate(client, place);
      const access = { db: drizzle(client), tables: tablesIn(place.schemaName) };
      const taken = await takeWhenGone(access, replica, holder);
      if (taken.kind === 'busy') return taken;
      return { kind: 'held', lock: keepLock(place, replica, holder, taken.isAfterUncleanStop) };
    } finally {
      await endClient(client);
    }
  } catch (error) {
    throw faultOf(error, place) ?? error;
  }
}

type Taken =
  | { readonly kind: 'taken'; readonly isAfterUncleanStop: boolean }
  | Extract<LockResult, { kind: 'busy' }>;

/** Waits for a process that was not seen lately, because it may have been killed just now. */
async function takeWhenGone(access: Access, replica: string, holder: Holder): Promise<Taken> {
  for (;;) {
    const taken = await take(access, replica, holder);
    if (taken.kind !== 'quiet') return taken;
    await sleep(beatMs / 4);
  }
}

/** If this throws, the caller ends the connection, and the transaction with it. */
async function take(
  access: Access,
  replica: string,
  holder: Holder,
): Promise<Taken | { readonly kind: 'quiet' }> {
  const { db, tables } = access;
  const { schema, replicas } = tables;
  await db.execute(sql.raw(beginStatement));
  await db.execute(sql`SELECT pg_advisory_xact_lock(hashtext(${`${schema.schemaName}.lock`}))`);
  const other = await readLock(access);
  if (other && !isGone(other)) {
    await db.execute(sql`ROLLBACK`);
    return isThere(other) ? { kind: 'busy', holder: other.holder } : { kind: 'quiet' };
  }
  await db.delete(replicas);
  await db.insert(replicas).values({ id: replica, seenAt: databaseNow, holder });
  await checkIdentity(access);
  await db.execute(sql`COMMIT`);
  return { kind: 'taken', isAfterUncleanStop: other !== undefined };
}

/** The process that holds the lock, and how long ago it was seen. */
type Seen = { readonly holder: Holder; readonly ageMs: number };

/** @returns undefined if no process holds the lock */
export async function readLock({ db, tables }: Access): Promise<Seen | undefined> {
  const { replicas } = tables;
  const ageMs = sql<number>`${databaseNow} - ${replicas.seenAt}`.mapWith(Number);
  return (await db.select({ holder: replicas.holder, ageMs }).from(replicas))[0];
}

export function isThere(seen: Seen): boolean {
  return seen.ageMs < seenLatelyMs && !isGone(seen);
}

function isGone(other: Seen): boolean {
  const { pid, host } = other.holder;
  const hasEnded = host === hostname() && pid !== process.pid && !isAlive(pid);
  return hasEnded || other.ageMs > goneAfterMs;
}

function keepLock(place: Place, replica: string, holder: Holder, isAfterUncleanStop: boolean) {
  // A beat that is not answered must not keep the next one from a new connection for long.
  const { db, tables, end } = openPool(place, { connections: 1, timeoutMs: seenLatelyMs });
  const { replicas } = tables;
  const isOurs = eq(replicas.id, replica);
  let shown = holder;
  /** A beat that fails is followed by others. Without them the lock ends. */
  const beat = async () => {
    try {
      const seen = { seenAt: databaseNow, holder: shown };
      const { rowCount } = await db.update(replicas).set(seen).where(isOurs);
      if (rowCount === 1) await followIdentity({ db, tables });
    } catch {
      // The server is away, or the lock is lost.
    }
  };
  const timer = setInterval(() => void beat(), beatMs);
  timer.unref();
  return {
    isAfterUncleanStop,
    isReliable: true,
    async announce(url: string) {
      shown = { ...holder, url };
      await beat();
    },
    async release() {
      clearInterval(timer);
      // If the server cannot be reached, the lock ends when it was not seen for a while.
      await db
        .delete(replicas)
        .where(isOurs)
        .catch(() => {});
      await end();
    },
  };
}
