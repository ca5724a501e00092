import { and, asc, eq, lt } from 'drizzle-orm';
import type { Entry } from '../../domain/facts.ts';
import { type Invitation, invitationStatus } from '../../domain/invitation.ts';
import { normaliseEmail } from '../../domain/vocabulary.ts';
import type { InvitationResult, NewInvitation, OpenedInvitation, Store } from '../store.ts';
import { prepareCandidates } from './candidates.ts';
import { findImported } from './imported.ts';
import { findInvitation } from './invitation-reads.ts';
import type { Db } from './open.ts';
import { derivedColumns, invitationOf, isOver } from './rows.ts';
import { invitations, timeline } from './schema.ts';
import type { Writer } from './writer.ts';

export function invitationWrites(
  db: Db,
  writer: Writer,
): Pick<Store, 'openInvitation' | 'settleInvitation' | 'issuingInvitations' | 'candidates'> {
  return {
    openInvitation: (draft) => writer.write(() => open(db, draft)),
    settleInvitation: (settled) =>
      writer.write(() => {
        const invitation = findInvitation(db, settled.id);
        if (!invitation) throw new Error(`invitation ${settled.id} is not in the store`);
        save(db, settledInvitation(invitation, settled.result, settled.at));
        addEntry(db, settled.id, settled.entry, settled.at);
      }),
    async issuingInvitations(before) {
      return db
        .select()
        .from(invitations)
        .where(and(eq(invitations.standing, 'issuing'), lt(invitations.createdAt, before)))
        .orderBy(asc(invitations.seq))
        .all()
        .map(invitationOf);
    },
    candidates: prepareCandidates(db),
  };
}

function open(db: Db, draft: NewInvitation): OpenedInvitation {
  const { id, employeeType, mode, email, note, at } = draft;
  const before = findImported(db, draft, at);
  if (before.standing) return { kind: 'repeat', invitation: before.standing };
  if (email !== null) {
    const current = closeExpired(db, email, at);
    if (current) return { kind: 'conflict', invitation: current };
  }
  const invitation: Invitation = {
    id: before.failed?.id ?? id,
    employeeType,
    mode,
    email,
    note,
    stage: 'issuing',
    reason: null,
    link: null,
    userId: null,
    createdAt: before.failed?.createdAt ?? at,
    issuedAt: null,
    revokedAt: null,
    progress: 'none',
  };
  if (before.failed) {
    save(db, invitation);
    db.update(invitations)
      .set({ current: email !== null })
      .where(eq(invitations.id, invitation.id))
      .run();
    addEntry(db, invitation.id, draft.entry, at);
    return { kind: 'reopened', id: invitation.id };
  }
  db.insert(invitations)
    .values({
      ...invitation,
      ...derivedColumns(invitation),
      current: email !== null,
      importKey: draft.importKey ?? null,
    })
    .run();
  addEntry(db, id, draft.entry, at);
  return { kind: 'opened' };
}

/** One current invitation per address: an expired one makes room, any other is a conflict. */
function closeExpired(db: Db, email: string, at: number): Invitation | null {
  const row = db
    .select()
    .from(invitations)
    .where(and(eq(invitations.emailKey, normaliseEmail(email)), eq(invitations.current, true)))
    .get();
  if (!row) return null;
  const invitation = invitationOf(row);
  if (invitationStatus(invitation, at) !== 'expired') return invitation;
  db.update(invitations)
    .set({ current: false, link: null })
    .where(eq(invitations.id, row.id))
    .run();
  return null;
}

function settledInvitation(
  invitation: Invitation,
  result: InvitationResult,
  at: number,
): Invitation {
  if (result.kind === 'failed') {
    return { ...invitation, stage: 'failed', reason: result.reason, link: null };
  }
  return {
    ...invitation,
    stage: 'issued',
    reason: null,
    link: invitation.progress === 'none' ? result.link : null,
    userId: result.userId ?? invitation.userId,
    issuedAt: at,
  };
}

function save(db: Db, invitation: Invitation): void {
  db.update(invitations)
    .set({
      ...invitation,
      ...derivedColumns(invitation),
      ...(isOver(invitation) ? { current: false } : {}),
    })
    .where(eq(invitations.id, invitation.id))
    .run();
}

function addEntry(db: Db, invitationId: string, entry: Entry, at: number): void {
  db.insert(timeline)
    .values({ ...entry, invitationId, at })
    .run();
}
