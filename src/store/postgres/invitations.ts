import { and, asc, desc, eq, inArray, isNull, lt, lte, ne, type SQL, sql } from 'drizzle-orm';
import {
  type Invitation,
  invitationLifetimeMs,
  invitationStatus,
  withoutDueLetter,
} from '../../domain/invitation.ts';
import type { ReissueVerb } from '../../domain/invitation-permissions.ts';
import type { Entry } from '../../domain/timeline.ts';
import { entryValues, invitationValues, timelineEntryOf } from '../rows.ts';
import {
  emailKeyOf,
  judgeChange,
  makesRoom,
  maxCandidates,
  maxOpenLinkEntries,
  maxPersonEntries,
  openedInvitation,
  repeatOf,
  settledInvitation,
} from '../rules.ts';
import type {
  InvitationChange,
  InvitationReads,
  InvitationStory,
  InvitationWrites,
  NewInvitation,
  OpenedInvitation,
  TimelineEntry,
} from '../store.ts';
import { type Access, isAnyOf, readOnlySnapshot } from './connection.ts';
import { isOverdue, withMemberCounts } from './invitation-list.ts';
import { invitationColumns, lettersOf, memberColumns } from './rows.ts';
import { storable } from './schema.ts';
import { countActivity } from './statistics.ts';
import type { Writer } from './writer.ts';

export function invitationReads(access: Access): Omit<InvitationReads, 'listInvitations'> {
  return {
    invitation: (id) => findInvitation(access, id),
    findByIdempotencyKey: async (request, now) => (await findRepeat(access, request, now)).existing,
    invitationStory: (id) =>
      // In a snapshot, all queries see the same moment, whatever is committed between them.
      access.db.transaction(
        (snapshot) => readStory({ ...access, db: snapshot }, id),
        readOnlySnapshot,
      ),
  };
}

async function readStory(access: Access, id: string): Promise<InvitationStory | null> {
  const { db, tables } = access;
  const { members } = tables;
  const found = await findInvitation(access, id);
  if (!found) return null;
  const most = found.email === null ? maxOpenLinkEntries : maxPersonEntries;
  const rows = await db
    .select({ seq: members.seq, member: memberColumns(tables) })
    .from(members)
    .where(eq(members.invitationId, id))
    .orderBy(desc(members.seq))
    .limit(most);
  const seqs = rows.map((row) => row.seq);
  const [invitation = { ...found, memberCounts: null }] = await withMemberCounts(access, [found]);
  return {
    invitation,
    members: rows.map((row) => row.member),
    letters: await lettersOf(access, id),
    timeline: await readTimeline(access, id, seqs, most),
  };
}

/**
 * Returns the newest entries of an invitation and of its members, oldest first. The entries of a member
 * include those from before the member was matched with the invitation.
 */
async function readTimeline(
  { db, tables: { members, timeline } }: Access,
  id: string,
  seqs: readonly number[],
  most: number,
): Promise<TimelineEntry[]> {
  // Each query reads the newest entries of one index. One query with both conditions would sort all
  // matching entries.
  const newest = (condition: SQL) =>
    db
      .select({ entry: timeline, userId: members.userId })
      .from(timeline)
      .leftJoin(members, eq(members.seq, timeline.member))
      .where(condition)
      .orderBy(desc(timeline.id))
      .limit(most);
  const rows = [
    ...(await newest(eq(timeline.invitationId, id))),
    ...(seqs.length === 0 ? [] : await newest(inArray(timeline.member, [...seqs]))),
  ];
  const byId = new Map(rows.map((row) => [row.entry.id, row]));
  return [...byId.values()]
    .sort((a, b) => a.entry.id - b.entry.id)
    .slice(-most)
    .map(({ entry, userId }) => timelineEntryOf({ ...entry, userId }));
}

export async function findInvitation(
  { db, tables }: Access,
  id: string,
  lock?: 'update',
): Promise<Invitation | null> {
  const { invitations } = tables;
  const rows = db.select(invitationColumns(tables)).from(invitations).where(eq(invitations.id, id));
  const [row] = await (lock ? rows.for(lock) : rows);
  return row ?? null;
}

async function findRepeat(
  { db, tables }: Access,
  { idempotencyKey = null, email }: Pick<NewInvitation, 'idempotencyKey' | 'email'>,
  now: number,
) {
  if (idempotencyKey === null) return repeatOf(null, now);
  const { invitations } = tables;
  const emailKey = emailKeyOf(email);
  const isSame = and(
    eq(invitations.idempotencyKey, idempotencyKey),
    emailKey === null ? isNull(invitations.emailKey) : eq(invitations.emailKey, emailKey),
  );
  const [newest] = await db
    .select(invitationColumns(tables))
    .from(invitations)
    .where(isSame)
    .orderBy(desc(invitations.seq))
    .limit(1);
  return repeatOf(newest ?? null, now);
}

export function invitationWrites(access: Access, writer: Writer): InvitationWrites {
  const { db, tables } = access;
  const { invitations } = tables;
  return {
    openInvitation: (draft) => writer.write((inside) => open(inside, draft)),
    settleInvitation: ({ id, result, entry, at }) =>
      writer.write(async (inside) => {
        const before = await findInvitation(inside, id, 'update');
        if (!before) throw new Error(`invitation ${id} is not in the store`);
        if (before.stage === 'issued' && result.kind === 'failed') return;
        const settled = settledInvitation(before, result, at);
        await save(inside, settled);
        await addEntry(inside, id, entry, at);
        if (settled.stage === 'issued' && before.stage !== 'issued') {
          await countActivity(inside, 'invited', at);
        }
      }),
    issuingInvitations: async (before) =>
      db
        .select(invitationColumns(tables))
        .from(invitations)
        .where(and(eq(invitations.status, 'issuing'), lt(invitations.createdAt, before)))
        .orderBy(asc(invitations.createdAt), asc(invitations.seq)),
    candidates: (person) => findCandidates(access, person),
    revokeInvitation: ({ id, entry, at }) =>
      writer.write((inside) =>
        change(inside, { id, entry, at, verb: 'revoke' }, (invitation) => ({
          ...withoutDueLetter(invitation),
          link: null,
          revokedAt: at,
        })),
      ),
    mayResend: (id, now) => judge(access, id, 'resend', now),
    renewInvitation: ({ id, link, userId, entry, at }) =>
      writer.write((inside) =>
        change(inside, { id, entry, at, verb: 'resend' }, (invitation) => ({
          ...invitation,
          ...(link === 'keep' ? {} : { link, issuedAt: at }),
          ...(invitation.mode === 'smtp' ? ({ letter: 'pending', letterDueAt: at } as const) : {}),
          userId: userId ?? invitation.userId,
        })),
      ),
    expireInvitations: ({ now, limit, entry = null }) =>
      writer.write(async (inside) => {
        const overdue = inside.db
          .select({ seq: invitations.seq })
          .from(invitations)
          .where(isOverdue(tables, now - invitationLifetimeMs))
          .limit(limit)
          .for('update', { skipLocked: true });
        const expired = await inside.db
          .update(invitations)
          .set({ status: 'expired', link: null })
          .where(isAnyOf(invitations.seq, overdue))
          .returning({ id: invitations.id });
        if (entry !== null && expired.length > 0) {
          const rows = expired.map(({ id }) => entryRow(id, entry, now));
          await inside.db.insert(tables.timeline).values(rows);
        }
        return expired.length;
      }),
  };
}

async function open(access: Access, draft: NewInvitation): Promise<OpenedInvitation> {
  const { db, tables } = access;
  const { email, at, entry, idempotencyKey = null } = draft;
  await waitForTurn(access, [idempotencyKey, emailKeyOf(email)]);
  const { existing, failed } = await findRepeat(access, draft, at);
  if (existing) return { kind: 'repeat', invitation: existing };
  const current = email === null ? null : await closeExpired(access, email, at);
  if (current) return { kind: 'conflict', invitation: current };
  const invitation = openedInvitation(draft, failed);
  const isCurrent = { current: email !== null };
  if (failed) await save(access, invitation, isCurrent);
  else {
    const values = { ...invitationValues(invitation), ...isCurrent, idempotencyKey };
    const insert = db.insert(tables.invitations).values(values).onConflictDoNothing({
      target: tables.invitations.emailKey,
      where: sql`current AND email_key IS NOT NULL`,
    });
    // An earlier invitation to the address has become the current one again meanwhile.
    if ((await insert).rowCount === 0) return open(access, draft);
  }
  await addEntry(access, invitation.id, entry, at);
  return failed ? { kind: 'reopened', id: failed.id } : { kind: 'opened' };
}

/**
 * Waits until no other transaction opens, renews or revokes an invitation with one of these texts.
 * After that, other transactions wait until this one ends.
 * @param texts normalised addresses and idempotency keys
 */
async function waitForTurn({ db }: Access, texts: readonly (string | null)[]): Promise<void> {
  const known = texts.flatMap((text) => (text === null ? [] : storable(text)));
  if (known.length === 0) return;
  await db.execute(
    sql`SELECT pg_advisory_xact_lock(hashtext(text)) FROM unnest(${sql.param(known)}::text[]) AS text`,
  );
}

/**
 * Makes room for a new invitation to an address. An expired invitation stops being the current one.
 * @returns the current invitation that is in conflict with a new one, or null
 */
async function closeExpired(access: Access, email: string, at: number): Promise<Invitation | null> {
  const { db, tables } = access;
  const { invitations } = tables;
  const invitation = await findCurrent(access, email, 'update');
  if (invitation === null || invitationStatus(invitation, at) !== 'expired') return invitation;
  const closed = { current: false, link: null };
  await db.update(invitations).set(closed).where(eq(invitations.id, invitation.id));
  return null;
}

async function findCurrent(
  { db, tables }: Access,
  email: string,
  lock?: 'update',
): Promise<Invitation | null> {
  const { invitations } = tables;
  const emailKey = emailKeyOf(email);
  if (emailKey === null) return null;
  const isCurrent = and(eq(invitations.emailKey, emailKey), eq(invitations.current, true));
  const rows = db.select(invitationColumns(tables)).from(invitations).where(isCurrent);
  const [row] = await (lock ? rows.for(lock) : rows);
  return row ?? null;
}

/** Changes an invitation, if `judge` allows that in the same transaction. */
async function change(
  access: Access,
  options: {
    readonly id: string;
    readonly verb: ReissueVerb;
    readonly entry: Entry;
    readonly at: number;
  },
  next: (invitation: Invitation) => Invitation,
): Promise<InvitationChange> {
  const { id, verb, entry, at } = options;
  const judged = await judge(access, id, verb, at, 'update');
  if (judged.kind !== 'done') return judged;
  const invitation = next(judged.invitation);
  // An expired invitation that is sent again becomes the current one again. `judge` has checked that the
  // address has no other current invitation.
  await save(access, invitation, { current: invitation.email !== null && !makesRoom(invitation) });
  await addEntry(access, id, entry, at);
  return { kind: 'done', invitation };
}

async function judge(
  access: Access,
  id: string,
  verb: ReissueVerb,
  now: number,
  lock?: 'update',
): Promise<InvitationChange> {
  let invitation = await findInvitation(access, id);
  if (lock) {
    // The locks are taken in the same order as in `open`, so that there is no deadlock.
    await waitForTurn(access, [emailKeyOf(invitation?.email ?? null)]);
    invitation = await findInvitation(access, id, lock);
  }
  const current = invitation?.email ? await findCurrent(access, invitation.email) : null;
  const other = current === null || current.id === id ? null : current.id;
  const judged = judgeChange(invitation, verb, other, now);
  if (judged.kind !== 'done' || verb !== 'resend') return judged;
  const isMailing = (await lettersOf(access, id)).some(({ outcome }) => outcome === null);
  if (!isMailing) return judged;
  return { kind: 'forbidden', reason: { code: 'letter_under_way' }, invitationId: id };
}

/**
 * Writes the columns of an invitation.
 * @param more the new value of `current`. If the value is left out and the address may be invited
 *   again, the invitation stops being current. Otherwise `current` does not change
 */
export async function save(
  { db, tables: { invitations } }: Access,
  invitation: Invitation,
  more: { readonly current?: boolean } = makesRoom(invitation) ? { current: false } : {},
): Promise<void> {
  await db
    .update(invitations)
    .set({ ...invitationValues(invitation), ...more })
    .where(eq(invitations.id, invitation.id));
}

export async function addEntry(
  { db, tables }: Access,
  invitationId: string,
  entry: Entry,
  at: number,
): Promise<void> {
  await db.insert(tables.timeline).values(entryRow(invitationId, entry, at));
}

function entryRow(invitationId: string, entry: Entry, at: number) {
  return { ...entryValues(entry), invitationId, at };
}

async function findCandidates(
  access: Access,
  person: Parameters<InvitationWrites['candidates']>[0],
): ReturnType<InvitationWrites['candidates']> {
  const { db, tables } = access;
  const { userId, emailKey, createdAt, seq, stage } = tables.invitations;
  const newest = async (condition: SQL | undefined) =>
    db
      .select(invitationColumns(tables))
      .from(tables.invitations)
      .where(and(condition, ne(stage, 'failed')))
      .orderBy(desc(createdAt), desc(seq))
      .limit(maxCandidates);
  const { invitationId } = person;
  const key = emailKeyOf(person.email);
  const [matched, byUser, byEmail, openLinks] = await Promise.all([
    invitationId === null ? null : findInvitation(access, invitationId),
    newest(eq(userId, person.userId)),
    key === null ? [] : newest(eq(emailKey, key)),
    newest(and(isNull(emailKey), lte(createdAt, person.issuedUntil))),
  ]);
  return { byUser: matched ? [matched, ...byUser] : byUser, byEmail, openLinks };
}
