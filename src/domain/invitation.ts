import type { Member, MemberState } from './member.ts';
import type { EmployeeType, InvitationMode } from './vocabulary.ts';

export const invitationStatuses = [
  'issuing',
  'issued',
  'open',
  'registered',
  'activated',
  'welcomed',
  'failed',
  'revoked',
  'expired',
] as const;
export type InvitationStatus = (typeof invitationStatuses)[number];

/** How far the invited person came: kept on the invitation's row so that lists need no join. */
export type Progress = 'none' | 'registered' | 'activated' | 'welcomed' | 'failed';

/** What this service issued. Times are UTC ms. */
export type Invitation = {
  readonly id: string;
  readonly employeeType: EmployeeType;
  readonly mode: InvitationMode;
  /** As it was given; null: an open link, for many. */
  readonly email: string | null;
  readonly note: string | null;
  /** `issuing` is committed before the portal is asked; `failed` when it refused. */
  readonly stage: 'issuing' | 'issued' | 'failed';
  readonly reason: string | null;
  /** The short link; null once it is of no more use to anybody. */
  readonly link: string | null;
  /** The user id that the portal gave to an e-mail invitation. */
  readonly userId: string | null;
  readonly createdAt: number;
  readonly issuedAt: number | null;
  readonly revokedAt: number | null;
  readonly progress: Progress;
};

/** A link lives 7 days from the call that made it (wire 3.1); so does an e-mail's (wire 4). */
export const invitationLifetimeMs = 7 * 24 * 3_600_000;

/**
 * The one word that a reader gets for an invitation.
 * `expired` only says that the link no longer opens: who comes late still counts.
 */
export function invitationStatus(invitation: Invitation, now: number): InvitationStatus {
  if (invitation.stage !== 'issued') return invitation.stage;
  if (invitation.email !== null && invitation.progress !== 'none') return invitation.progress;
  if (invitation.revokedAt !== null) return 'revoked';
  if (invitation.issuedAt !== null && now >= invitation.issuedAt + invitationLifetimeMs) {
    return 'expired';
  }
  return invitation.email === null ? 'open' : 'issued';
}

/**
 * Whether the link may still be shown and stored: it is erased once the person registered, and when
 * the invitation is revoked or expired (design: "Invitations").
 */
export function linkIsOfUse(invitation: Invitation, now: number): boolean {
  const status = invitationStatus(invitation, now);
  return status === 'issued' || status === 'open';
}

/** How far this member's coming brought the invitation that brought them. */
export function progressOf(
  member: Pick<Member, 'state' | 'registeredAt' | 'activatedAt'>,
): Progress {
  const state: MemberState = member.state;
  switch (state) {
    case 'welcomed':
    case 'failed':
      return state;
    case 'ready':
    case 'sending':
    case 'unknown':
      return 'activated';
    case 'waiting':
    case 'gone':
    case 'skipped':
      return member.registeredAt === null ? 'none' : 'registered';
    default:
      return state satisfies never;
  }
}
