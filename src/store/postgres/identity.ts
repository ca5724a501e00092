import { and, eq, gte, max, ne, sql } from 'drizzle-orm';
import { service } from '../../domain/timeline.ts';
import { type Access, databaseNow, quoted } from './connection.ts';
import { addPause, getValue, setValue } from './key-values.ts';
import type { Numbers } from './writer.ts';

/**
 * Makes SQL that identifies the database, so that a copy is recognised. The identity consists of the
 * cluster, the database, the table `members` (a restored dump has a new one) and the timeline of the
 * server's log (it changes when a server is restored to an earlier time, or when a standby takes
 * over). After a standby has taken over, `timeline_id` is the old one until the next checkpoint.
 */
export function readIdentity({ tables }: Access) {
  const table = `${quoted(tables.schema.schemaName)}.members`;
  return sql<string>`(SELECT concat_ws('/', system_identifier,
    (SELECT oid FROM pg_database WHERE datname = current_database()),
    ${table}::regclass::oid, greatest(timeline_id, min_recovery_end_timeline))
    FROM pg_control_system(), pg_control_checkpoint(), pg_control_recovery())`;
}

/** Whether another server has taken over, and is not confirmed yet: see `followIdentity`. */
export async function isUnconfirmed(access: Access): Promise<boolean> {
  return (await unconfirmedIdentity(access)) !== null;
}

/** @returns the identity of a server that has taken over and is not confirmed yet, else null */
async function unconfirmedIdentity(access: Access): Promise<string | null> {
  const { key, value } = access.tables.keyValues;
  const identity = readIdentity(access);
  const isOther = and(eq(key, 'identity'), ne(value, identity));
  const rows = access.db.select({ identity }).from(access.tables.keyValues).where(isOther);
  return (await rows)[0]?.identity ?? null;
}

/** Whether a row of `replicas` has these commits of its replica. */
export function hasCommits({ tables: { replicas } }: Access, { batch, intake }: Numbers) {
  return and(gte(replicas.batch, batch), gte(replicas.intake, intake));
}

/**
 * Makes the new value of `replicas.confirmed_in` for the replica that has these acknowledged commits. It
 * stays the same if one of the commits is missing.
 */
export function confirmation(access: Access, numbers: Numbers) {
  const { replicas } = access.tables;
  const isSynchronous = sql`current_setting('synchronous_commit') IN ('on', 'remote_apply')
    AND current_setting('synchronous_standby_names') <> ''`;
  return sql`CASE WHEN NOT (${hasCommits(access, numbers)}) THEN ${replicas.confirmedIn}
    WHEN ${isSynchronous} THEN NULL ELSE ${readIdentity(access)} END`;
}

/**
 * Checks whether the database is a copy, for a process that joins the replicas. Sending is paused in a
 * copy, because welcomes that were sent after the copy was made are missing from it.
 * @param isServed whether other replicas were seen lately. If so, and if only the timeline of the server
 *   differs, a standby has taken over: see `followIdentity`
 */
export async function checkIdentity(access: Access, isServed: boolean): Promise<void> {
  const known = await getValue(access, 'identity');
  const { rows } = await access.db.execute<{ identity: string }>(
    sql`SELECT ${readIdentity(access)} AS identity`,
  );
  const identity = rows[0]?.identity ?? '';
  if (known === identity) return;
  const withoutTimeline = (text: string) => text.slice(0, text.lastIndexOf('/'));
  if (isServed && known !== null && withoutTimeline(known) === withoutTimeline(identity)) return;
  await setValue(access, 'identity', identity);
  if (known === null) return;
  // The rows in `replicas` belong to processes that serve the original.
  await access.db.delete(access.tables.replicas);
  await markRestored(access);
}

/**
 * Confirms the server that has taken over, if a standby has. No attempt begins on a server that is not
 * confirmed, because the last commits may be missing from it. Every replica looks for its own commits
 * with its next beat. If a replica does not find them, or was lost together with the old server, nobody
 * knows what is missing, and sending is paused.
 * @param isLate whether the replicas have had enough time
 * @returns whether the server is confirmed
 */
export async function followIdentity(access: Access, isLate: boolean): Promise<boolean> {
  const identity = await unconfirmedIdentity(access);
  if (identity === null) return true;
  const { replicas } = access.tables;
  const rows = access.db.select({ id: replicas.id }).from(replicas);
  const isSilent = (await rows.where(ne(replicas.confirmedIn, identity)).limit(1)).length > 0;
  if (isSilent && !isLate) return false;
  if (isSilent) await markRestored(access);
  await setValue(access, 'identity', identity);
  return true;
}

/**
 * Marks a database as a restored copy, because its last commits are or may be missing. No welcome is
 * sent until `resume`.
 */
export async function markRestored(access: Access): Promise<void> {
  const { db, tables } = access;
  const clock = await db.execute<{ now: number }>(sql`SELECT ${databaseNow} AS now`);
  const now = clock.rows[0]?.now ?? 0;
  const [last] = await db.select({ at: max(tables.timeline.at) }).from(tables.timeline);
  await setValue(access, 'copied_at', String(last?.at ?? now));
  const reason = { code: 'restored_copy' } as const;
  const source = { actor: service, cause: { kind: 'restart' } } as const;
  const entry = { event: 'service_paused', reason, ...source } as const;
  await addPause(access, { name: 'restored', reason, since: now }, entry);
}
