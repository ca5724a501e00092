import { eq, max, sql } from 'drizzle-orm';
import { service } from '../../domain/timeline.ts';
import { type Access, databaseNow, quoted } from './connection.ts';
import { addPause, getValue, setValue } from './key-values.ts';

/**
 * Makes SQL that identifies the database, so that a copy is recognised. The identity consists of the
 * cluster, the database, the table `members` (a restored dump has a new one) and the timeline of the
 * server's log (it changes when a server is restored to an earlier time, or when a standby takes
 * over).
 */
function readIdentity({ tables }: Access) {
  const table = `${quoted(tables.schema.schemaName)}.members`;
  return sql<string>`(SELECT concat_ws('/', system_identifier,
    (SELECT oid FROM pg_database WHERE datname = current_database()),
    ${table}::regclass::oid, timeline_id) FROM pg_control_system(), pg_control_checkpoint())`;
}

/**
 * Checks whether the database is a copy, for a process that joins the replicas. Sending is paused in a
 * copy, because welcomes that were sent after the copy was made are missing from it.
 * @param isServed whether other replicas were seen lately. If so, and if only the timeline of the server
 *   differs, a standby has taken over, and the database is not a copy
 */
export async function checkIdentity(access: Access, isServed: boolean): Promise<void> {
  const known = await getValue(access, 'identity');
  const { rows } = await access.db.execute<{ identity: string }>(
    sql`SELECT ${readIdentity(access)} AS identity`,
  );
  const identity = rows[0]?.identity ?? '';
  if (known === identity) return;
  await setValue(access, 'identity', identity);
  if (known === null) return;
  const withoutTimeline = (text: string) => text.slice(0, text.lastIndexOf('/'));
  if (isServed && withoutTimeline(known) === withoutTimeline(identity)) return;
  // The rows in `replicas` belong to processes that serve the original.
  await access.db.delete(access.tables.replicas);
  await markRestored(access);
}

/**
 * Keeps the stored identity up to date. A database is not a copy if a standby took over while this
 * process runs.
 */
export async function followIdentity(access: Access): Promise<void> {
  const { keyValues } = access.tables;
  const identity = readIdentity(access);
  const isOther = sql`${eq(keyValues.key, 'identity')} AND ${keyValues.value} <> ${identity}`;
  await access.db.update(keyValues).set({ value: identity }).where(isOther);
}

/**
 * Marks a database as a restored copy, because its last commits are missing. No welcome is sent until
 * `resume`.
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
