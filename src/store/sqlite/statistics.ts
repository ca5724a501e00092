import { statSync } from 'node:fs';
import { and, count, desc, eq, gt, lte, min, sql } from 'drizzle-orm';
import { bucketOf, type DurationKind } from '../../domain/durations.ts';
import {
  type InvitationStatus,
  invitationLifetimeMs,
  invitationStatuses,
} from '../../domain/invitation.ts';
import type { Member } from '../../domain/member.ts';
import { durationsOf } from '../rows.ts';
import { quarterOf } from '../rules.ts';
import type { ActivityCounts, ActivityKind, Change, CountReads, Counts, Store } from '../store.ts';
import { isOverdue } from './invitation-list.ts';
import { prepareGetValue } from './key-values.ts';
import { countMembers, countOpenLinkMembers } from './members.ts';
import type { Db } from './open.ts';
import { countEach } from './rows.ts';
import { activity, deliveries, durations, invitations, members } from './schema.ts';

/** Unapplied deliveries and due members are counted up to this number. */
const maxCounted = 10_000;

export function countReads(db: Db): CountReads {
  const countLetters = (letter: 'refused' | 'unknown') =>
    db.$count(invitations, and(eq(invitations.letter, letter), eq(invitations.status, 'issued')));
  return {
    async counts(now) {
      const isAddressNotInvited = and(
        eq(members.reasonCode, 'address_not_invited'),
        eq(members.state, 'skipped'),
      );
      return {
        members: countMembers(db),
        openLinkMembers: countOpenLinkMembers(db),
        addressNotInvited: await db.$count(members, isAddressNotInvited),
        // The condition must match the WHERE clause of the index `members_other_type`.
        otherType: await db.$count(members, sql`${members.invitedAs} <> ${members.employeeType}`),
        invitations: countInvitations(db, now),
        letters: { refused: await countLetters('refused'), unknown: await countLetters('unknown') },
      };
    },
    async activity(startTimes) {
      return countActivity(db, startTimes);
    },
    async durations() {
      return durationsOf(db.select().from(durations).all());
    },
  };
}

/**
 * Counts invitations by status. Invitations that have expired, but are still stored as `issued` or
 * `open`, are counted as `expired`.
 */
function countInvitations(db: Db, now: number): Counts['invitations'] {
  const counts = new Map<InvitationStatus, number>(
    countEach(db, {
      table: invitations,
      column: invitations.status,
      values: invitationStatuses,
      commonest: 'welcomed',
    }),
  );
  const add = (status: InvitationStatus, count: number) =>
    counts.set(status, (counts.get(status) ?? 0) + count);
  const overdue = db
    .select({ status: invitations.status, count: count() })
    .from(invitations)
    .where(isOverdue(now - invitationLifetimeMs))
    .groupBy(invitations.status)
    .all();
  for (const { status, count } of overdue) {
    add(status, -count);
    add('expired', count);
  }
  return Object.fromEntries([...counts].filter(([, count]) => count > 0));
}

function countActivity(db: Db, startTimes: readonly number[]): ActivityCounts[] {
  const spans = startTimes.map((from, index) => ({
    from,
    until: startTimes[index + 1] ?? Number.MAX_SAFE_INTEGER,
  }));
  const total = (kind: ActivityKind) =>
    sql`total(${activity.count}) FILTER (WHERE ${activity.kind} = ${kind})`;
  return db.all<ActivityCounts>(
    sql`SELECT ${total('invited')} AS invited, ${total('activated')} AS activated, ${total('welcomed')} AS welcomed
      FROM json_each(${JSON.stringify(spans)}) AS span LEFT JOIN ${activity}
      ON ${activity.quarter} >= span.value ->> 'from' AND ${activity.quarter} < span.value ->> 'until'
      GROUP BY span.key ORDER BY span.key`,
  );
}

/** @returns a function that adds 1 to a count of activity, inside the transaction of the caller */
export function prepareCountActivity(db: Db): (kind: ActivityKind, at: number) => void {
  const add = db
    .insert(activity)
    .values({ quarter: sql.placeholder('quarter'), kind: sql.placeholder('kind'), count: 1 })
    .onConflictDoUpdate({
      target: [activity.quarter, activity.kind],
      set: { count: sql`${activity.count} + 1` },
    })
    .prepare();
  return (kind, at) => {
    add.run({ kind, quarter: quarterOf(at) });
  };
}

/**
 * Prepares the counting of milestones: activations and welcomes, and how long they took.
 * @returns a function to call before the member is written. That function returns a second function,
 *   which counts. Call the second one after the member is written, inside the same transaction
 */
export function prepareMilestones(db: Db): (change: Change) => () => void {
  const countActivity = prepareCountActivity(db);
  const add = db
    .insert(durations)
    .values({ kind: sql.placeholder('kind'), bucket: sql.placeholder('bucket'), count: 1 })
    .onConflictDoUpdate({
      target: [durations.kind, durations.bucket],
      set: { count: sql`${durations.count} + 1` },
    })
    .prepare();
  const countDuration = (kind: DurationKind, ms: number) => add.run({ kind, bucket: bucketOf(ms) });

  return (change) => {
    const { activatedAt, welcomedAt, invitationId } = change.member;
    if (activatedAt === null && welcomedAt === null) return () => {};
    const was = findMilestones(db, change);
    return () => {
      if (activatedAt !== null && was.activatedAt === null) {
        countActivity('activated', activatedAt);
        const invitedAt = invitationId === null ? undefined : findCreatedAt(db, invitationId);
        if (invitedAt !== undefined)
          countDuration('invitation_to_activation', activatedAt - invitedAt);
      }
      if (welcomedAt !== null && was.welcomedAt === null) {
        countActivity('welcomed', welcomedAt);
        if (activatedAt !== null) countDuration('activation_to_welcome', welcomedAt - activatedAt);
      }
    };
  };
}

/** The milestones that the member had reached before the change. */
function findMilestones(
  db: Db,
  { member, madeOn, before }: Change,
): Pick<Member, 'activatedAt' | 'welcomedAt'> {
  const none = { activatedAt: null, welcomedAt: null };
  if (madeOn === null) return none;
  if (before) return before;
  const columns = { activatedAt: members.activatedAt, welcomedAt: members.welcomedAt };
  const rows = db.select(columns).from(members).where(eq(members.userId, member.userId));
  return rows.get() ?? none;
}

function findCreatedAt(db: Db, id: string): number | undefined {
  const columns = { createdAt: invitations.createdAt };
  return db.select(columns).from(invitations).where(eq(invitations.id, id)).get()?.createdAt;
}

/** Makes the function that reads the numbers for `/metrics`. It runs at each scrape. */
export function metricReads(db: Db): Pick<Store, 'metrics'> {
  const getValue = prepareGetValue(db);

  function inbox(): { count: number; oldestAt: number | null } {
    const appliedThrough = Number(getValue('applied_through') ?? 0);
    const waiting = db
      .select({ receivedAt: deliveries.receivedAt })
      .from(deliveries)
      .where(and(gt(deliveries.id, appliedThrough), eq(deliveries.answer, 'accepted')))
      .orderBy(deliveries.id)
      .limit(maxCounted)
      .all();
    return { count: waiting.length, oldestAt: waiting[0]?.receivedAt ?? null };
  }

  function due(now: number): { count: number; oldestAt: number | null } {
    const first = db
      .select({ at: members.dueAt })
      .from(members)
      .where(lte(members.dueAt, now))
      .orderBy(members.dueAt)
      .limit(maxCounted)
      .as('first');
    const found = db
      .select({ count: count(), oldestAt: min(first.at) })
      .from(first)
      .get();
    return found ?? { count: 0, oldestAt: null };
  }

  return {
    async metrics(now) {
      const last = db
        .select({ at: deliveries.receivedAt })
        .from(deliveries)
        .orderBy(desc(deliveries.id))
        .limit(1)
        .get();
      const pages = Number(db.$client.pragma('page_count', { simple: true }));
      const pageBytes = Number(db.$client.pragma('page_size', { simple: true }));
      return {
        members: countMembers(db),
        inbox: inbox(),
        due: due(now),
        lastDeliveryAt: last?.at ?? null,
        databaseBytes: pages * pageBytes,
        walBytes: statSync(`${db.$client.name}-wal`, { throwIfNoEntry: false })?.size ?? 0,
      };
    },
  };
}
