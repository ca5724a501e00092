import { and, asc, count, desc, eq, lte, min, sql } from 'drizzle-orm';
import type { DurationKind } from '../../domain/durations.ts';
import { type InvitationStatus, invitationLifetimeMs } from '../../domain/invitation.ts';
import { durationsOf } from '../rows.ts';
import { quarterOf } from '../rules.ts';
import type { ActivityCounts, ActivityKind, CountReads, Counts, Store } from '../store.ts';
import type { Access } from './connection.ts';
import { isOverdue } from './invitation-list.ts';
import { countMembers, countOpenLinkMembers } from './members.ts';

/** A backlog is counted up to this number. Of a larger backlog, only the age matters. */
const maxCounted = 10_000;

export function countReads(access: Access): CountReads {
  const { db, tables } = access;
  const { invitations, members, durations } = tables;
  const countLetters = (letter: 'refused' | 'unknown') =>
    db.$count(invitations, and(eq(invitations.letter, letter), eq(invitations.status, 'issued')));
  return {
    async counts(now) {
      const isAddressNotInvited = and(
        eq(members.reasonCode, 'address_not_invited'),
        eq(members.state, 'skipped'),
      );
      return {
        members: await countMembers(access),
        openLinkMembers: await countOpenLinkMembers(access),
        addressNotInvited: await db.$count(members, isAddressNotInvited),
        // The condition must match the WHERE clause of the index `members_other_type`.
        otherType: await db.$count(members, sql`${members.invitedAs} <> ${members.employeeType}`),
        invitations: await countInvitations(access, now),
        letters: { refused: await countLetters('refused'), unknown: await countLetters('unknown') },
      };
    },
    activity: (startTimes) => readActivity(access, startTimes),
    async durations() {
      return durationsOf(await db.select().from(durations).orderBy(asc(durations.bucket)));
    },
  };
}

/** Counts invitations by status. A row with the status `issued` or `open` may count as `expired`. */
async function countInvitations(
  { db, tables }: Access,
  now: number,
): Promise<Counts['invitations']> {
  const { invitations } = tables;
  const overdue = isOverdue(tables, now - invitationLifetimeMs);
  const { rows } = await db.execute<{ status: InvitationStatus; count: number }>(
    sql`SELECT CASE WHEN ${overdue} THEN 'expired' ELSE ${invitations.status} END AS status, count(*) AS count
      FROM ${invitations} GROUP BY 1`,
  );
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

async function readActivity(
  { db, tables: { activity } }: Access,
  startTimes: readonly number[],
): Promise<ActivityCounts[]> {
  const ends = [...startTimes.slice(1), Number.MAX_SAFE_INTEGER];
  const total = (kind: ActivityKind) =>
    sql`coalesce(sum(${activity.count}) FILTER (WHERE ${activity.kind} = ${kind}), 0)`;
  const { rows } = await db.execute<ActivityCounts>(
    sql`SELECT ${total('invited')} AS invited, ${total('activated')} AS activated, ${total('welcomed')} AS welcomed
      FROM unnest(${sql.param([...startTimes])}::bigint[], ${sql.param(ends)}::bigint[]) WITH ORDINALITY AS span (start, until, number)
      LEFT JOIN ${activity} ON ${activity.quarter} >= span.start AND ${activity.quarter} < span.until
      WHERE span.start IS NOT NULL GROUP BY span.number ORDER BY span.number`,
  );
  return rows;
}

/** Adds 1 to a count of activity, inside the transaction of the caller. */
export async function countActivity(access: Access, kind: ActivityKind, at: number): Promise<void> {
  await countManyActivities(access, [{ quarter: quarterOf(at), kind, count: 1 }]);
}

/**
 * Adds these counts to the table. Rows with the same key are added up. The rows are written in the order
 * of their keys, so that two replicas never wait for each other in a deadlock.
 */
export async function countManyActivities(
  { db, tables: { activity } }: Access,
  rows: readonly {
    readonly quarter: number;
    readonly kind: ActivityKind;
    readonly count: number;
  }[],
): Promise<void> {
  if (rows.length === 0) return;
  await db.execute(
    sql`INSERT INTO ${activity} AS counted (quarter, kind, count)
      SELECT quarter, kind, sum(count) FROM jsonb_to_recordset(${JSON.stringify(rows)}) AS added (quarter bigint, kind text, count integer)
      GROUP BY quarter, kind ORDER BY quarter, kind
      ON CONFLICT (quarter, kind) DO UPDATE SET count = counted.count + excluded.count`,
  );
}

/** Adds these counts to the table, as `countManyActivities` does. */
export async function countManyDurations(
  { db, tables: { durations } }: Access,
  rows: readonly {
    readonly kind: DurationKind;
    readonly bucket: number;
    readonly count: number;
  }[],
): Promise<void> {
  if (rows.length === 0) return;
  await db.execute(
    sql`INSERT INTO ${durations} AS counted (kind, bucket, count)
      SELECT kind, bucket, sum(count) FROM jsonb_to_recordset(${JSON.stringify(rows)}) AS added (kind text, bucket integer, count integer)
      GROUP BY kind, bucket ORDER BY kind, bucket
      ON CONFLICT (kind, bucket) DO UPDATE SET count = counted.count + excluded.count`,
  );
}

/** Makes the function that reads the numbers for `/metrics`. It runs at each scrape. */
export function metricReads(access: Access): Pick<Store, 'metrics'> {
  const { db, tables } = access;
  const { deliveries, inbox, members } = tables;
  const none = { count: 0, oldestAt: null };
  return {
    async metrics(now) {
      const waiting = db
        .select({ at: inbox.receivedAt })
        .from(inbox)
        .orderBy(asc(inbox.delivery))
        .limit(maxCounted)
        .as('waiting');
      const due = db
        .select({ at: members.dueAt })
        .from(members)
        .where(lte(members.dueAt, now))
        .orderBy(asc(members.dueAt))
        .limit(maxCounted)
        .as('due');
      const [inboxLag] = await db
        .select({ count: count(), oldestAt: min(waiting.at) })
        .from(waiting);
      const [dueLag] = await db.select({ count: count(), oldestAt: min(due.at) }).from(due);
      const [last] = await db
        .select({ at: deliveries.receivedAt })
        .from(deliveries)
        .orderBy(desc(deliveries.id))
        .limit(1);
      const size = await db.execute<{ bytes: number }>(
        sql`SELECT pg_database_size(current_database()) AS bytes`,
      );
      return {
        members: await countMembers(access),
        inbox: inboxLag ?? none,
        due: dueLag ?? none,
        lastDeliveryAt: last?.at ?? null,
        databaseBytes: size.rows[0]?.bytes ?? 0,
        walBytes: 0,
      };
    },
  };
}
