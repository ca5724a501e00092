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
  InvitationWrites,
  NewInvitation,
  OpenedInvitation,
  TimelineEntry,
} from '../store.ts';
import { isOverdue, withMemberCounts } from './invitation-list.ts';
import type { Db } from './open.ts';
import { invitationColumns, lettersOf, memberColumns } from './rows.ts';
import { invitations, members, timeline } from './schema.ts';
import { prepareCountActivity } from './statistics.ts';
import type { Writer } from './writer.ts';

export function invitationReads(db: Db): Omit<InvitationReads, 'listInvitations'> {
  return {
    invitation: async (id) => findInvitation(db, id),
    findByIdempotencyKey: async (request, now) => findRepeat(db, request, now).existing,
    async invitationStory(id) {
      const found = findInvitation(db, id);
      if (!found) return null;
      const most = found.email === null ? maxOpenLinkEntries : maxPersonEntries;
      const rows = db
        .select({ seq: members.seq, member: memberColumns })
        .from(members)
        .where(eq(members.invitationId, id))
        .orderBy(desc(members.seq))
        .limit(most)
        .all();
      const seqs = rows.map((row) => row.seq);
      const [invitation = { ...found, memberCounts: null }] = withMemberCounts(db, [found]);
      return {
        invitation,
        members: rows.map((row) => row.member),
        letters: lettersOf(db, id),
        timeline: readTimeline(db, id, seqs, most),
      };
    },
  };
}

/**
 * Returns the newest entries of an invitation and of its members, oldest first. This includes entries
 * that were written before a member was matched with the invitation.
 */
function readTimeline(db: Db, id: string, seqs: readonly number[], most: number): TimelineEntry[] {
  // Each query reads the newest entries of one index. One query with both conditions would sort all
  // matching entries.
  const newest = (condition: SQL) =>
    db
      .select({ entry: timeline, userId: members.userId })
      .from(timeline)
      .leftJoin(members, eq(members.seq, timeline.member))
      .where(condition)
      .orderBy(desc(timeline.id))
      .limit(most)
      .all();
  const rows = [
    ...newest(eq(timeline.invitationId, id)),
    ...(seqs.length === 0 ? [] : newest(inArray(timeline.member, [...seqs]))),
  ];
  const byId = new Map(rows.map((row) => [row.entry.id, row]));
  return [...byId.values()]
    .sort((a, b) => a.entry.id - b.entry.id)
    .slice(-most)
    .map(({ entry, userId }) => timelineEntryOf({ ...entry, userId }));
}

export function findInvitation(db: Db, id: string): Invitation | null {
  const row = db.select(invitationColumns).from(invitations).where(eq(invitations.id, id)).get();
  return row ?? null;
}

function findRepeat(
  db: Db,
  { idempotencyKey = null, email }: Pick<NewInvitation, 'idempotencyKey' | 'email'>,
  now: number,
) {
  if (idempotencyKey === null) return repeatOf(null, now);
  const emailKey = emailKeyOf(email);
  const isSame = and(
    eq(invitations.idempotencyKey, idempotencyKey),
    emailKey === null ? isNull(invitations.emailKey) : eq(invitations.emailKey, emailKey),
  );
  const newest = db
    .select(invitationColumns)
    .from(invitations)
    .where(isSame)
    .orderBy(desc(invitations.seq))
    .limit(1)
    .get();
  return repeatOf(newest ?? null, now);
}

export function invitationWrites(db: Db, writer: Writer): InvitationWrites {
  const countActivity = prepareCountActivity(db);
  return {
    openInvitation: (draft) => writer.write(() => open(db, draft)),
    settleInvitation: ({ id, result, entry, at }) =>
      writer.write(() => {
        const before = findInvitation(db, id);
        if (!before) throw new Error(`invitation ${id} is not in the store`);
        if (before.stage === 'issued' && result.kind === 'failed') return;
        const settled = settledInvitation(before, result, at);
        save(db, settled);
        addEntry(db, id, entry, at);
        if (settled.stage === 'issued' && before.stage !== 'issued') countActivity('invited', at);
      }),
    async issuingInvitations(before) {
      return db
        .select(invitationColumns)
        .from(invitations)
        .where(and(eq(invitations.status, 'issuing'), lt(invitations.createdAt, before)))
        .orderBy(asc(invitations.createdAt), asc(invitations.seq))
        .all();
    },
    candidates: prepareCandidates(db),
    revokeInvitation: ({ id, entry, at }) =>
      writer.write(() =>
        change(db, { id, entry, at, verb: 'revoke' }, (invitation) => ({
          ...withoutDueLetter(invitation),
          link: null,
          revokedAt: at,
        })),
      ),
    mayResend: async (id, now) => judge(db, id, 'resend', now),
    renewInvitation: ({ id, link, userId, entry, at }) =>
      writer.write(() =>
        change(db, { id, entry, at, verb: 'resend' }, (invitation) => ({
          ...invitation,
          ...(link === 'keep' ? {} : { link, issuedAt: at }),
          ...(invitation.mode === 'smtp' ? ({ letter: 'pending', letterDueAt: at } as const) : {}),
          userId: userId ?? invitation.userId,
        })),
      ),
    expireInvitations: ({ now, limit, entry = null }) =>
      writer.write(() => {
        const overdue = db
          .select({ seq: invitations.seq })
          .from(invitations)
          .where(isOverdue(now - invitationLifetimeMs))
          .limit(limit);
        const update = db
          .update(invitations)
          .set({ status: 'expired', link: null })
          .where(inArray(invitations.seq, overdue));
        if (entry === null) return update.run().changes;
        const expired = update.returning({ id: invitations.id }).all();
        for (const { id } of expired) addEntry(db, id, entry, now);
        return expired.length;
      }),
  };
}

function open(db: Db, draft: NewInvitation): OpenedInvitation {
  const { email, at, entry } = draft;
  const { existing, failed } = findRepeat(db, draft, at);
  if (existing) return { kind: 'repeat', invitation: existing };
  const current = email === null ? null : closeExpired(db, email, at);
  if (current) return { kind: 'conflict', invitation: current };
  const invitation = openedInvitation(draft, failed);
  if (failed) save(db, invitation, { current: email !== null });
  else {
    db.insert(invitations)
      .values({
        ...invitationValues(invitation),
        current: email !== null,
        idempotencyKey: draft.idempotencyKey ?? null,
      })
      .run();
  }
  addEntry(db, invitation.id, entry, at);
  return failed ? { kind: 'reopened', id: failed.id } : { kind: 'opened' };
}

/**
 * Makes room for a new invitation of an address: if the current invitation has expired, it stops being
 * the current one.
 * @returns the current invitation, which forbids a new one; null if there is none any more
 */
function closeExpired(db: Db, email: string, at: number): Invitation | null {
  const invitation = findCurrent(db, email);
  if (invitation === null || invitationStatus(invitation, at) !== 'expired') return invitation;
  db.update(invitations)
    .set({ current: false, link: null })
    .where(eq(invitations.id, invitation.id))
    .run();
  return null;
}

function findCurrent(db: Db, email: string): Invitation | null {
  const emailKey = emailKeyOf(email);
  if (emailKey === null) return null;
  const isCurrent = and(eq(invitations.emailKey, emailKey), eq(invitations.current, true));
  return db.select(invitationColumns).from(invitations).where(isCurrent).get() ?? null;
}

/** Changes an invitation, if the rules allow the change. They are checked in the same transaction. */
function change(
  db: Db,
  options: {
    readonly id: string;
    readonly verb: ReissueVerb;
    readonly entry: Entry;
    readonly at: number;
  },
  next: (invitation: Invitation) => Invitation,
): InvitationChange {
  const { id, verb, entry, at } = options;
  const judged = judge(db, id, verb, at);
  if (judged.kind !== 'done') return judged;
  const invitation = next(judged.invitation);
  // An expired invitation that is sent again becomes the current one again. `judge` has checked that
  // the address has no other current invitation.
  save(db, invitation, { current: invitation.email !== null && !makesRoom(invitation) });
  addEntry(db, id, entry, at);
  return { kind: 'done', invitation };
}

function judge(db: Db, id: string, verb: ReissueVerb, now: number): InvitationChange {
  const invitation = findInvitation(db, id);
  const current = invitation?.email ? findCurrent(db, invitation.email) : null;
  const other = current === null || current.id === id ? null : current.id;
  const judged = judgeChange(invitation, verb, other, now);
  const isMailing = verb === 'resend' && lettersOf(db, id).some(({ outcome }) => outcome === null);
  if (judged.kind !== 'done' || !isMailing) return judged;
  return { kind: 'forbidden', reason: { code: 'letter_under_way' }, invitationId: id };
}

/**
 * Writes a changed invitation.
 * @param more the new value of `current`. By default, `current` becomes false if `makesRoom` returns
 *   true, and stays unchanged otherwise
 */
export function save(
  db: Db,
  invitation: Invitation,
  more: { readonly current?: boolean } = makesRoom(invitation) ? { current: false } : {},
): void {
  db.update(invitations)
    .set({ ...invitationValues(invitation), ...more })
    .where(eq(invitations.id, invitation.id))
    .run();
}

export function addEntry(db: Db, invitationId: string, entry: Entry, at: number): void {
  db.insert(timeline)
    .values({ ...entryValues(entry), invitationId, at })
    .run();
}

/** Prepares its statements once, because `candidates` is called for each person who is checked. */
function prepareCandidates(db: Db): InvitationWrites['candidates'] {
  const { userId, emailKey, createdAt } = invitations;
  const newest = (condition: SQL | undefined) =>
    db
      .select(invitationColumns)
      .from(invitations)
      .where(and(condition, ne(invitations.stage, 'failed')))
      .orderBy(desc(createdAt), desc(invitations.seq))
      .limit(maxCandidates)
      .prepare();
  const byUser = newest(eq(userId, sql.placeholder('userId')));
  const byEmail = newest(eq(emailKey, sql.placeholder('emailKey')));
  const isBefore = lte(createdAt, sql.placeholder('issuedUntil'));
  const openLinks = newest(and(isNull(emailKey), isBefore));

  return async (person) => {
    const matched = person.invitationId === null ? null : findInvitation(db, person.invitationId);
    const issued = byUser.all({ userId: person.userId });
    const key = emailKeyOf(person.email);
    return {
      byUser: matched ? [matched, ...issued] : issued,
      byEmail: key === null ? [] : byEmail.all({ emailKey: key }),
      openLinks: openLinks.all({ issuedUntil: person.issuedUntil }),
    };
  };
}
