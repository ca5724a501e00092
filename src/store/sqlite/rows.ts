import { getTableColumns, sql } from 'drizzle-orm';
import type { Invitation } from '../../domain/invitation.ts';
import { invitationStatus } from '../../domain/invitation.ts';
import type { Member } from '../../domain/member.ts';
import { normaliseEmail } from '../../domain/vocabulary.ts';
import { invitations, members } from './schema.ts';

type MemberRow = typeof members.$inferSelect;
type InvitationRow = typeof invitations.$inferSelect;

const { emailKey: _emailKey, seenInRound: _seenInRound, ...ofMember } = getTableColumns(members);
/** A member, and the key that lists page by. */
export const listedMember = ofMember;

export function memberOf(row: MemberRow): Member {
  const { seq, emailKey, seenInRound, ...member } = row;
  return member;
}

/**
 * A member as the driver takes it, for statements that are prepared once: there Drizzle encodes a
 * null like a value.
 */
export function memberParameters(member: Member) {
  // New keys first: see `http/webhook.ts`.
  return {
    emailKey: emailKeyOf(member.email),
    ...member,
    adopted: Number(member.adopted),
    hinted: Number(member.hinted),
    openAttempt: member.openAttempt && JSON.stringify(member.openAttempt),
    sentLate: Number(member.sentLate),
    refusedBy: JSON.stringify(member.refusedBy),
  };
}

const { emailKey, standing, current, importKey, ...shown } = getTableColumns(invitations);
/** Of an invitation what lists show, and its key: an eighth less to read than its whole row. */
export const listedColumns = shown;
export type ListedRow = Pick<InvitationRow, keyof typeof listedColumns>;

export function invitationOf(row: InvitationRow): Invitation {
  const { seq, emailKey, standing, current, importKey, ...invitation } = row;
  return invitation;
}

/** What follows from the other columns of an invitation: set with every write of it. */
export function derivedColumns(
  invitation: Invitation,
): Pick<InvitationRow, 'emailKey' | 'standing'> {
  return { emailKey: emailKeyOf(invitation.email), standing: standingOf(invitation) };
}

/** Whether an invitation makes room for another one to the same address; it never takes it back. */
export function isOver(invitation: Invitation): boolean {
  return ['failed', 'revoked', 'welcomed'].includes(standingOf(invitation));
}

/** Still to be come by, or over since the last note of it; in the words of the index of those. */
export const isOutstanding = sql`${invitations.standing} IN ('issued', 'open')`;

/** Of one person, who did not come yet: they may come late. In the words of the index of those. */
export const isAwaited = sql`${invitations.standing} IN ('issued', 'expired') AND ${invitations.emailKey} IS NOT NULL`;

/** Before all time nothing is expired: the status without what only time brings. */
function standingOf(invitation: Invitation): InvitationRow['standing'] {
  return invitationStatus(invitation, Number.NEGATIVE_INFINITY);
}

function emailKeyOf(email: string | null): string | null {
  return email === null || email === '' ? null : normaliseEmail(email);
}
