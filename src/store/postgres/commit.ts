import { and, asc, eq, getTableColumns, gt, inArray, isNotNull, lte, ne, sql } from 'drizzle-orm';
import { limitedSince } from '../../domain/attempt-limits.ts';
import { bucketOf } from '../../domain/durations.ts';
import type { AttemptChange } from '../../domain/facts.ts';
import {
  furthestStepOf,
  type Invitation,
  isLinkUsable,
  withoutDueLetter,
} from '../../domain/invitation.ts';
import type { Member } from '../../domain/member.ts';
import { emailKey } from '../../domain/vocabulary.ts';
import { entryValues } from '../rows.ts';
import {
  countedText,
  emailKeyOf,
  foldForSearch,
  hourlyPause,
  makesRoom,
  memberSearchText,
  mostLeased,
  quarterOf,
  storedStatus,
} from '../rules.ts';
import type { Change, Guard, MemberWrites } from '../store.ts';
import { type Access, isAnyOf, lockControl } from './connection.ts';
import { isUnconfirmed } from './identity.ts';
import { addPause, getValue, setValue } from './key-values.ts';
import { eraseBodies, membersAmong } from './members.ts';
import { invitationColumns, memberColumns } from './rows.ts';
import type { Tables } from './schema.ts';
import { storableJson } from './schema.ts';
import { countManyActivities, countManyDurations } from './statistics.ts';
import type { Writer } from './writer.ts';

export function memberWrites(access: Access, writer: Writer, replica: string): MemberWrites {
  const { db, tables } = access;
  const { members } = tables;
  const columns = memberColumns(tables);
  return {
    commit: (change, guard) => writer.writeTogether(commits, { change, guard }),
    members: (userIds) => membersAmong(access, userIds),
    claimDue: (claim) => writer.write((inside) => claimDue(inside, replica, claim)),
    async nextDueAt(maySend) {
      const first = db
        .select({ dueAt: members.dueAt, leaseUntil: members.leaseUntil })
        .from(members)
        .where(and(isNotNull(members.dueAt), maySend ? undefined : ne(members.state, 'ready')))
        .orderBy(members.dueAt)
        .limit(mostLeased + 1)
        .as('first');
      const at = sql<number | null>`min(greatest(${first.dueAt}, ${first.leaseUntil}))`;
      return (await db.select({ at }).from(first))[0]?.at ?? null;
    },
    // No replica can be sure that another one has ended. If a replica was silent for a while,
    // `releaseGone` ends the leases of its checks. A member with an attempt is due again when its
    // lease ends.
    async releaseLeft() {},
    leftSending: async () => [],
    makeReadyDue: (now) =>
      writer.write(async (inside) => {
        const waits = and(eq(members.state, 'ready'), gt(members.dueAt, now));
        await inside.db.update(members).set({ dueAt: now }).where(waits);
      }),
    async failedMembers({ reason, after, limit }) {
      const last = sql`(SELECT l.seq FROM ${members} l WHERE l.user_id = ${after})`;
      const isWanted = and(
        eq(members.state, 'failed'),
        after === '' ? undefined : sql`${members.seq} > coalesce(${last}, 0)`,
        reason === null ? undefined : eq(members.reasonCode, reason),
      );
      const rows = db.select(columns).from(members).where(isWanted);
      return rows.orderBy(asc(members.seq)).limit(limit);
    },
  };
}

// ── Leases ──────────────────────────────────────────────────────────────────────────────────────

/** Leases due members, first those with a priority. Skips rows that another replica is claiming. */
async function claimDue(
  { db, tables }: Access,
  replica: string,
  { now, leaseUntil, limit, maySend }: Parameters<MemberWrites['claimDue']>[0],
): Promise<Member[]> {
  const { members } = tables;
  const isDue = and(
    lte(members.dueAt, now),
    sql`(${members.leaseUntil} IS NULL OR ${members.leaseUntil} <= ${now})`,
    maySend ? undefined : ne(members.state, 'ready'),
  );
  async function claim(prior: boolean, most: number): Promise<Member[]> {
    const rows = db.select({ seq: members.seq }).from(members);
    const due = prior
      ? rows.where(and(isNotNull(members.priority), isDue)).orderBy(members.priority, members.dueAt)
      : rows.where(isDue).orderBy(members.dueAt);
    const claimed = await db
      .update(members)
      .set({ leaseUntil, leaseBy: replica })
      .where(isAnyOf(members.seq, due.limit(most).for('update', { skipLocked: true })))
      .returning(memberColumns(tables));
    return claimed.sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0));
  }
  const first = await claim(true, limit);
  return [...first, ...(await claim(false, limit - first.length))];
}

// ── Commits ─────────────────────────────────────────────────────────────────────────────────────

type Result = 'committed' | 'stale';

/** The columns of a member whose row is locked, as they were before a change. */
type Locked = Pick<
  Member,
  'userId' | 'version' | 'email' | 'invitationId' | 'activatedAt' | 'welcomedAt'
> & { readonly seq: number; readonly priority: number | null };

/** A change whose member is written. `was` is null for a new member. */
type Moved = { readonly change: Change; readonly seq: number; readonly was: Locked | null };

type Guarded = { readonly change: Change; readonly guard: Guard | undefined };

async function commitGuarded(
  access: Access,
  given: readonly Guarded[],
): Promise<(Result | 'held')[]> {
  const first = given.find(isBegin);
  const { room, isPaused } = first ? await roomFor(access, first) : { room: 0, isPaused: false };
  const results = await commitWithin(access, given, room);
  const held = given.find(({ change }) => !results.has(change));
  if (held?.guard && !isPaused) {
    const { pause, entry } = hourlyPause(held.guard.maxPerHour, held.change.at);
    await addPause(access, pause, entry);
  }
  return given.map(({ change }) => results.get(change) ?? 'held');
}

/**
 * Writes the changes, of which at most `room` may begin an attempt.
 * @returns the results. The changes that found no room have none
 */
async function commitWithin(
  access: Access,
  given: readonly Guarded[],
  room: number,
): Promise<ReadonlyMap<Change, Result>> {
  const later = given.filter(isBegin).slice(room);
  const next = given.filter((one) => !later.includes(one));
  if (next.length === 0) return new Map();
  const written = await commitAll(
    access,
    next.map(({ change }) => change),
  );
  const isBegun = (one: Guarded) => isBegin(one) && written.get(one.change) === 'committed';
  // A stale change takes no room. So the next ones may find room after it.
  const others = await commitWithin(access, later, room - next.filter(isBegun).length);
  return new Map([...written, ...others]);
}

function isBegin({ change, guard }: Guarded): boolean {
  return guard !== undefined && change.attempts.some(({ kind }) => kind === 'begin');
}

const commits = { run: commitGuarded };

/**
 * Returns how many attempts may begin now. The lock makes the replicas count one after the other. A
 * separate statement locks before the attempts are read, because a statement sees only what was
 * committed before that statement began, even if it waited for a lock.
 */
async function roomFor(access: Access, { change, guard }: Guarded) {
  await lockControl(access);
  const { db, tables } = access;
  const { pauses, attempts } = tables;
  // In this order, because `restored` is stored first, and then the server is confirmed.
  const isPaused =
    (await isUnconfirmed(access)) ||
    (await db.select({ name: pauses.name }).from(pauses).limit(1)).length > 0;
  if (isPaused) return { room: 0, isPaused };
  const maxPerHour = guard?.maxPerHour ?? 0;
  const since = limitedSince(change.at, Number((await getValue(access, 'hour_granted_at')) ?? 0));
  const begun = await db
    .select({ id: attempts.id })
    .from(attempts)
    .where(gt(attempts.startedAt, since))
    .limit(maxPerHour);
  return { room: maxPerHour - begun.length, isPaused };
}

/** Updates the stored value `refusals:…` of each channel with the outcomes of these changes. */
async function countOutcomes(access: Access, moved: readonly Moved[]): Promise<void> {
  const { db, tables } = access;
  const counted = moved.flatMap(({ change }) =>
    change.counted ? [{ ...change.counted, userId: change.member.userId }] : [],
  );
  for (const channel of new Set(counted.map((one) => one.channel)).values()) {
    const { keyValues } = tables;
    const isKey = eq(keyValues.key, `refusals:${channel}`);
    const row = db.select({ value: keyValues.value }).from(keyValues).where(isKey);
    const before = (await row.for('update'))[0]?.value ?? null;
    let after = before;
    for (const { outcome, userId } of counted.filter((one) => one.channel === channel)) {
      after = countedText(after, outcome, userId);
    }
    if (after !== null && after !== (before ?? 'null')) {
      await setValue(access, `refusals:${channel}`, after);
    }
  }
}

/** Writes several decisions with a few statements, inside the transaction of the caller. */
export async function commitAll(
  access: Access,
  changes: readonly Change[],
): Promise<ReadonlyMap<Change, Result>> {
  const results = new Map<Change, Result>();
  // In each round a member has at most one change, because its second change depends on the first.
  let left = changes;
  while (left.length > 0) {
    const users = new Set<string>();
    const round: Change[] = [];
    const later: Change[] = [];
    for (const change of left) {
      const { userId } = change.member;
      (users.has(userId) ? later : round).push(change);
      users.add(userId);
    }
    const moved = await moveMembers(access, round);
    await writeConsequences(access, moved);
    const isMoved = new Set(moved.map(({ change }) => change));
    for (const change of round) results.set(change, isMoved.has(change) ? 'committed' : 'stale');
    left = later;
  }
  return results;
}

/** Runs `work`, and undoes what it wrote if it returns `stale`. */
export async function allOrNothing<T>(
  { db }: Access,
  work: () => Promise<T | 'stale'>,
): Promise<T | 'stale'> {
  await db.execute(sql`SAVEPOINT all_or_nothing`);
  const result = await work();
  await db.execute(
    result === 'stale'
      ? sql`ROLLBACK TO SAVEPOINT all_or_nothing`
      : sql`RELEASE SAVEPOINT all_or_nothing`,
  );
  return result;
}

async function moveMembers(access: Access, changes: readonly Change[]): Promise<Moved[]> {
  const locked = await lockMembers(access, changes);
  const known = changes.flatMap((change): Moved[] => {
    const was = locked.get(change.member.userId);
    return was && was.version === change.madeOn ? [{ change, seq: was.seq, was }] : [];
  });
  const fresh = changes.filter(
    ({ madeOn, member }) => madeOn === null && !locked.has(member.userId),
  );
  if (known.length > 0) await updateMembers(access, known);
  const seqs = fresh.length === 0 ? new Map() : await insertMembers(access, fresh);
  const added = fresh.flatMap((change): Moved[] => {
    const seq = seqs.get(change.member.userId);
    // If there is no number, another replica has inserted this member meanwhile.
    return seq === undefined ? [] : [{ change, seq, was: null }];
  });
  return changes.flatMap((change) => [...known, ...added].filter((one) => one.change === change));
}

async function lockMembers(
  { db, tables: { members } }: Access,
  changes: readonly Change[],
): Promise<ReadonlyMap<string, Locked>> {
  const { seq, userId, version, email, invitationId, activatedAt, welcomedAt, priority } = members;
  const users = changes.map((change) => change.member.userId);
  const rows = await db
    .select({ seq, userId, version, email, invitationId, activatedAt, welcomedAt, priority })
    .from(members)
    .where(inArray(userId, users))
    .orderBy(asc(seq))
    .for('update');
  return new Map(rows.map((row) => [row.userId, row]));
}

type MemberValues = Member & {
  readonly emailKey: string | null;
  readonly searchText: string;
  readonly priority: number | null;
  readonly seenInRun: number;
  readonly leaseBy: string | null;
};

function valuesOf(member: Member, version: number) {
  return {
    ...member,
    version,
    emailKey: emailKeyOf(member.email),
    searchText: memberSearchText(member),
  };
}

/** The values that a change writes. If the previous member is known, unchanged values are left out. */
function changedValues({ change, was }: Moved): Partial<MemberValues> {
  const { member, before, at, priority = null } = change;
  const next = valuesOf(member, (change.madeOn ?? 0) + 1);
  const previous: Readonly<Record<string, unknown>> = before ? valuesOf(before, 0) : {};
  const differs = ([name, value]: [string, unknown]) =>
    !(name in previous) || JSON.stringify(value) !== JSON.stringify(previous[name]);
  const changed: Partial<MemberValues> = Object.fromEntries(Object.entries(next).filter(differs));
  const isDue = member.dueAt !== null && member.dueAt <= at;
  const raised = priority === null ? was?.priority : Math.min(priority, was?.priority ?? priority);
  const lease = changed.leaseUntil === null ? { leaseBy: null } : {};
  return { ...changed, ...lease, priority: isDue ? (raised ?? null) : null };
}

/** Renames the fields of a row to the columns of the table. */
function columnsOf(tables: Tables, values: Readonly<Record<string, unknown>>) {
  const columns: Readonly<Record<string, { readonly name: string }>> = getTableColumns(
    tables.members,
  );
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [columns[name]?.name ?? name, value]),
  );
}

/** The columns that a commit may write. */
function writtenColumns(tables: Tables): string {
  const { seq: _seq, reasonCode: _reasonCode, ...written } = getTableColumns(tables.members);
  return Object.values(written)
    .map(({ name }) => `"${name}"`)
    .join(', ');
}

function rowsOf(rows: readonly unknown[]) {
  return sql`${storableJson(rows)}::jsonb`;
}

async function updateMembers({ db, tables }: Access, known: readonly Moved[]): Promise<void> {
  const columns = sql.raw(writtenColumns(tables));
  // Without this list, PostgreSQL expects many rows and reads the whole table.
  const seqs = sql.param(known.map(({ seq }) => seq));
  const rows = known.map((one) => ({
    seq: one.seq,
    changed: columnsOf(tables, changedValues(one)),
  }));
  await db.execute(sql`
    UPDATE ${tables.members} AS m
    SET (${columns}) = (SELECT ${columns} FROM jsonb_populate_record(m, g.changed))
    FROM jsonb_to_recordset(${rowsOf(rows)}) AS g(seq bigint, changed jsonb)
    WHERE m.seq = g.seq AND m.seq = ANY(${seqs}::bigint[])`);
}

async function insertMembers(
  { db, tables }: Access,
  fresh: readonly Change[],
): Promise<ReadonlyMap<string, number>> {
  const columns = sql.raw(writtenColumns(tables));
  const rows = fresh.map(({ member, priority = null }) => {
    const more = { priority, seenInRun: 0, leaseBy: null };
    return columnsOf(tables, { ...valuesOf(member, 1), ...more });
  });
  const added = await db.execute<{ user_id: string; seq: number }>(sql`
    INSERT INTO ${tables.members} (${columns})
    SELECT ${columns} FROM jsonb_populate_recordset(NULL::${tables.members}, ${rowsOf(rows)})
    ON CONFLICT DO NOTHING RETURNING user_id, seq`);
  return new Map(added.rows.map((row) => [row.user_id, row.seq]));
}

/** Writes everything that follows from changes whose members are written. */
async function writeConsequences(access: Access, moved: readonly Moved[]): Promise<void> {
  if (moved.length === 0) return;
  await writeAttempts(access, moved);
  await writeEntries(access, moved);
  await writeAddresses(access, moved);
  await countMilestones(access, moved);
  await countOutcomes(access, moved);
  const forgotten = moved.filter(({ change }) => change.member.forgottenAt === change.at);
  // The bodies of deliveries about these people are erased, because the changes record that the people
  // are forgotten.
  await eraseBodies(
    access,
    forgotten.map(({ change }) => change.member.userId),
  );
  await advanceInvitations(access, moved);
}

type AttemptRow = { readonly member: number; readonly at: number; readonly attempt: AttemptChange };

async function writeAttempts(access: Access, moved: readonly Moved[]): Promise<void> {
  const rows = moved.flatMap(({ change, seq }) =>
    change.attempts.map((attempt): AttemptRow => ({ member: seq, at: change.at, attempt })),
  );
  const begun = rows.filter(({ attempt }) => attempt.kind === 'begin');
  const isBegunHere = new Set(begun.map(({ attempt }) => attempt.id));
  const ended = rows.filter(({ attempt }) => attempt.kind !== 'begin');
  // A member can have only one attempt that is open or sent, so earlier attempts are ended first.
  await endAttempts(
    access,
    ended.filter(({ attempt }) => !isBegunHere.has(attempt.id)),
  );
  await beginAttempts(access, begun);
  await endAttempts(
    access,
    ended.filter(({ attempt }) => isBegunHere.has(attempt.id)),
  );
}

async function beginAttempts({ db, tables }: Access, begun: readonly AttemptRow[]): Promise<void> {
  if (begun.length === 0) return;
  const rows = begun.map(({ member, at, attempt }) => ({ ...attempt, member, at }));
  await db.execute(sql`
    INSERT INTO ${tables.attempts} (id, channel, member, started_at)
    SELECT * FROM jsonb_to_recordset(${rowsOf(rows)}) AS g(id text, channel text, member bigint, at bigint)`);
}

async function endAttempts({ db, tables }: Access, ended: readonly AttemptRow[]): Promise<void> {
  if (ended.length === 0) return;
  const rows = ended.map(({ member, at, attempt }) => ({ ...attempt, member, at }));
  const { rowCount } = await db.execute(sql`
    UPDATE ${tables.attempts} a SET outcome = g.outcome, reason = g.reason, ended_at = g.at
    FROM jsonb_to_recordset(${rowsOf(rows)}) AS g(id text, member bigint, outcome text, reason jsonb, at bigint)
    WHERE a.id = g.id AND a.member = g.member`);
  if (rowCount === ended.length) return;
  const ids = ended.map(({ attempt }) => attempt.id).join(', ');
  throw new Error(`of the attempts ${ids} only ${rowCount} are in the store`);
}

async function writeEntries({ db, tables }: Access, moved: readonly Moved[]): Promise<void> {
  const rows = moved.flatMap(({ change, seq }) =>
    change.entries.map((entry) => ({
      ...entryValues(entry),
      at: change.at,
      member: seq,
      invitation_id: change.member.invitationId,
    })),
  );
  if (rows.length === 0) return;
  await db.execute(sql`
    INSERT INTO ${tables.timeline} (at, member, invitation_id, event, params, actor, cause)
    SELECT at, member, invitation_id, event, params, actor, cause
    FROM ROWS FROM (jsonb_to_recordset(${rowsOf(rows)}) AS (at bigint, member bigint, invitation_id text,
      event text, params jsonb, actor jsonb, cause jsonb)) WITH ORDINALITY ORDER BY ordinality`);
}

/**
 * Stores the addresses of members who have or had several. If a member has no address any more, the
 * stored addresses are deleted.
 */
async function writeAddresses({ db, tables }: Access, moved: readonly Moved[]): Promise<void> {
  const { memberAddresses, invitations } = tables;
  const changed = moved.filter(({ change: { member }, was }) => {
    return was?.email !== member.email || was?.invitationId !== member.invitationId;
  });
  const erased = changed.filter(({ change }) => change.member.email === null && !isNew(change));
  if (erased.length > 0) {
    const seqs = erased.map(({ seq }) => seq);
    await db.delete(memberAddresses).where(inArray(memberAddresses.member, seqs));
  }
  const named = changed.filter(({ change }) => change.member.email !== null);
  const ids = named.flatMap(({ change }) => change.member.invitationId ?? []);
  const { id, email } = invitations;
  const invited =
    ids.length === 0
      ? []
      : await db.select({ id, email }).from(invitations).where(inArray(id, ids));
  const invitedBy = new Map(invited.map((row) => [row.id, row.email]));
  const rows = named.flatMap(({ change: { member }, seq, was }) => {
    const known = [was?.email, invitedBy.get(member.invitationId ?? ''), member.email];
    const byKey = new Map(known.flatMap((one) => (one ? [[emailKey(one), one]] : [])));
    if (byKey.size <= 1) return [];
    return [...byKey].map(([key, one]) => ({
      member: seq,
      emailKey: key,
      searchText: foldForSearch(one),
    }));
  });
  if (rows.length > 0) await db.insert(memberAddresses).values(rows).onConflictDoNothing();
}

function isNew({ madeOn }: Change): boolean {
  return madeOn === null;
}

/** Counts the members who became activated or were welcomed, and how long that took. */
async function countMilestones(access: Access, moved: readonly Moved[]): Promise<void> {
  const activated = moved.filter(
    ({ change, was }) => change.member.activatedAt !== null && (was?.activatedAt ?? null) === null,
  );
  const welcomed = moved.filter(
    ({ change, was }) => change.member.welcomedAt !== null && (was?.welcomedAt ?? null) === null,
  );
  const invitedAt = await invitationTimes(
    access,
    activated.flatMap(({ change }) => change.member.invitationId ?? []),
  );
  await countManyActivities(access, [
    ...activated.map(({ change }) => ({
      kind: 'activated' as const,
      quarter: quarterOf(change.member.activatedAt ?? 0),
      count: 1,
    })),
    ...welcomed.map(({ change }) => ({
      kind: 'welcomed' as const,
      quarter: quarterOf(change.member.welcomedAt ?? 0),
      count: 1,
    })),
  ]);
  await countManyDurations(access, [
    ...activated.flatMap(({ change: { member } }) => {
      const from = invitedAt.get(member.invitationId ?? '');
      if (from === undefined) return [];
      const bucket = bucketOf((member.activatedAt ?? 0) - from);
      return { kind: 'invitation_to_activation' as const, bucket, count: 1 };
    }),
    ...welcomed.flatMap(({ change: { member } }) => {
      if (member.activatedAt === null) return [];
      const bucket = bucketOf((member.welcomedAt ?? 0) - member.activatedAt);
      return { kind: 'activation_to_welcome' as const, bucket, count: 1 };
    }),
  ]);
}

async function invitationTimes(
  { db, tables: { invitations } }: Access,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (ids.length === 0) return new Map();
  const { id, createdAt } = invitations;
  const rows = await db
    .select({ id, createdAt })
    .from(invitations)
    .where(inArray(id, [...ids]));
  return new Map(rows.map((row) => [row.id, row.createdAt]));
}

type Advanced = { readonly invitation: Invitation; readonly current: boolean; readonly at: number };

/**
 * Writes the furthest step of the invited people into the rows of their invitations. Erases the link
 * when nobody can use it any more.
 */
async function advanceInvitations(access: Access, moved: readonly Moved[]): Promise<void> {
  const { db, tables } = access;
  const { invitations } = tables;
  const ids = moved.flatMap(({ change }) => change.member.invitationId ?? []);
  if (ids.length === 0) return;
  const rows = await db
    .select({ current: invitations.current, invitation: invitationColumns(tables) })
    .from(invitations)
    .where(and(inArray(invitations.id, ids), isNotNull(invitations.email)))
    .orderBy(asc(invitations.seq))
    .for('update');
  const stored = new Map(rows.map((row) => [row.invitation.id, row]));
  const advanced = new Map<string, Advanced>();
  for (const { change } of moved) {
    const row = stored.get(change.member.invitationId ?? '');
    const next = row && (await advance(access, row, change));
    if (!next) continue;
    advanced.set(next.invitation.id, next);
    stored.set(next.invitation.id, next);
  }
  if (advanced.size > 0) await saveAdvanced(access, [...advanced.values()]);
}

/** @returns null if the invitation stays as it is */
async function advance(
  access: Access,
  row: Pick<Advanced, 'invitation' | 'current'>,
  { member, at }: Change,
): Promise<Advanced | null> {
  const furthestStep = furthestStepOf(member);
  if (furthestStep === row.invitation.furthestStep) return null;
  const returned = row.invitation.furthestStep === 'gone';
  // If a check does not find the person registered, the step that was reached before stays.
  if (furthestStep === 'none' && !returned) return null;
  const invitation = { ...withoutDueLetter(row.invitation), furthestStep };
  // If another invitation has replaced this one, this one does not become the current one again.
  const isCurrent = returned ? !(await hasOther(access, invitation)) : row.current;
  return { invitation, current: isCurrent && !makesRoom(invitation), at };
}

async function hasOther({ db, tables }: Access, { email }: Invitation): Promise<boolean> {
  const { invitations } = tables;
  const isCurrent = and(
    eq(invitations.emailKey, emailKeyOf(email) ?? ''),
    eq(invitations.current, true),
  );
  const rows = await db.select({ id: invitations.id }).from(invitations).where(isCurrent);
  return rows.length > 0;
}

async function saveAdvanced({ db, tables }: Access, advanced: readonly Advanced[]): Promise<void> {
  const rows = advanced.map(({ invitation, current, at }) => ({
    id: invitation.id,
    furthest_step: invitation.furthestStep,
    link: isLinkUsable(invitation, at) ? invitation.link : null,
    status: storedStatus(invitation),
    current,
    letter: invitation.letter,
    letter_due_at: invitation.letterDueAt,
  }));
  const columns = sql.raw('furthest_step, link, status, current, letter, letter_due_at');
  await db.execute(sql`
    UPDATE ${tables.invitations} i SET (${columns}) =
      (g.furthest_step, g.link, g.status, g.current, g.letter, g.letter_due_at)
    FROM jsonb_to_recordset(${rowsOf(rows)}) AS g(id text, furthest_step text, link text, status text,
      current boolean, letter text, letter_due_at bigint)
    WHERE i.id = g.id`);
}
