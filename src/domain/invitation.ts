import type { Member } from './member.ts';
import type { InvitationReason } from './reason.ts';
import type { EmployeeType, InvitationMode, MemberState } from './vocabulary.ts';

export const invitationStatuses = [
  'issuing',
  'issued',
  'open',
  'registered',
  'activated',
  'welcomed',
  'failed',
  'gone',
  'revoked',
  'expired',
] as const;
export type InvitationStatus = (typeof invitationStatuses)[number];

/** How far the invited person came. Kept on the invitation's row, so that lists need no join. */
export type FurthestStep = 'none' | 'registered' | 'activated' | 'welcomed' | 'failed' | 'gone';

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
  readonly reason: InvitationReason | null;
  /** The short link; null once nobody can use it any more. */
  readonly link: string | null;
  /** The user id of the account whose API key issued it; null before it was known. */
  readonly accountId: string | null;
  /** The user id that the portal gave to an e-mail invitation. */
  readonly userId: string | null;
  readonly createdAt: number;
  readonly issuedAt: number | null;
  readonly revokedAt: number | null;
  readonly furthestStep: FurthestStep;
};

/** A link lives 7 days from the call that made it, and so does the one in a letter (docs/docspace-wire.md 3.1, 4). */
export const invitationLifetimeMs = 7 * 24 * 3_600_000;

/**
 * The status of an invitation. `expired` only says that the link no longer opens: a person who comes
 * late still counts.
 */
export function invitationStatus(invitation: Invitation, now: number): InvitationStatus {
  if (invitation.stage !== 'issued') return invitation.stage;
  if (invitation.email !== null && invitation.furthestStep !== 'none')
    return invitation.furthestStep;
  if (invitation.revokedAt !== null) return 'revoked';
  if (invitation.issuedAt !== null && now >= invitation.issuedAt + invitationLifetimeMs) {
    return 'expired';
  }
  return invitation.email === null ? 'open' : 'issued';
}

/**
 * Whether the link may still be shown and stored: it is erased once the person registered, and when
 * the invitation is revoked or expired (docs/design.md#invitations).
 */
export function isLinkUsable(invitation: Invitation, now: number): boolean {
  const status = invitationStatus(invitation, now);
  return status === 'issued' || status === 'open';
}

/** The step that a member has reached, for the invitation that brought them. */
export function furthestStepOf(
  member: Pick<Member, 'state' | 'registeredAt' | 'activatedAt'>,
): FurthestStep {
  const state: MemberState = member.state;
  switch (state) {
    case 'welcomed':
    case 'failed':
    case 'gone':
      return state;
    case 'ready':
    case 'sending':
    case 'unknown':
      return 'activated';
    case 'waiting':
    case 'skipped':
      return member.registeredAt === null ? 'none' : 'registered';
    default:
      return state satisfies never;
  }
}
