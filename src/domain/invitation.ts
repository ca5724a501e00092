import type { Member } from './member.ts';
import type { InvitationReason, Reason } from './reason.ts';
import type { EmployeeType, InvitationMode, LetterStatus, MemberState } from './vocabulary.ts';

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

/** How far the invited person came. It is stored with the invitation, so that lists need no join. */
export type FurthestStep = 'none' | 'registered' | 'activated' | 'welcomed' | 'failed' | 'gone';

/** An invitation of this service. Times are UTC ms. */
export type Invitation = {
  readonly id: string;
  readonly employeeType: EmployeeType;
  readonly mode: InvitationMode;
  /** The address as it was entered. Null for an open link, which many people may use. */
  readonly email: string | null;
  readonly note: string | null;
  /** `issuing` is committed before the portal is asked. `failed`: no invitation was made. */
  readonly stage: 'issuing' | 'issued' | 'failed';
  readonly reason: InvitationReason | null;
  /** The short link. Null if there is none, or if nobody can use it any more. */
  readonly link: string | null;
  /** The account whose API key issued it. Null for invitations from before this field existed. */
  readonly accountId: string | null;
  /** The user id that the portal gave to the person of an e-mail invitation. */
  readonly userId: string | null;
  readonly createdAt: number;
  readonly issuedAt: number | null;
  readonly revokedAt: number | null;
  readonly furthestStep: FurthestStep;
  /** The language for letters, such as `pt-BR`. Null if none was chosen. */
  readonly language: string | null;
  /** Null if this service mails no letter, or if the letter was withheld. */
  readonly letter: LetterStatus | null;
  /** When the next letter, or the next try at it, is due. Null if no letter is due. */
  readonly letterDueAt: number | null;
};

/** A link, mailed or not, is valid for 7 days from its request (docs/docspace-wire.md 3.1, 4). */
export const invitationLifetimeMs = 7 * 24 * 3_600_000;

/** When the link expires (UTC ms). Null if the invitation was not issued. */
export function expiresAt({ issuedAt }: Pick<Invitation, 'issuedAt'>): number | null {
  return issuedAt === null ? null : issuedAt + invitationLifetimeMs;
}

/** A letter is mailed with a new link if the present link expires within this time. */
const shortestLinkLifeMs = 24 * 3_600_000;

/** Whether the link is valid long enough to be mailed. */
export function isLinkLasting(invitation: Invitation, now: number): boolean {
  const until = invitation.link === null ? null : expiresAt(invitation);
  return until !== null && until > now + shortestLinkLifeMs;
}

/** Returns the invitation without a due letter, after the person came or the invitation was closed. */
export function withoutDueLetter<I extends Pick<Invitation, 'letter' | 'letterDueAt'>>(
  invitation: I,
): I {
  const letter = invitation.letter === 'pending' ? null : invitation.letter;
  return { ...invitation, letter, letterDueAt: null };
}

/** When the next reminder is due (UTC ms). Null if no reminder is due. */
export function reminderDueAt(invitation: Invitation, now: number): number | null {
  const isWaiting = invitation.letter === 'sent' && invitationStatus(invitation, now) === 'issued';
  return isWaiting ? invitation.letterDueAt : null;
}

/** `expired` only means that the link no longer opens. A person who comes late still counts. */
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
 * Whether the link may still be shown and stored. The link is erased when the person registers, and
 * when the invitation is revoked or expires (docs/design.md#invitations).
 */
export function isLinkUsable(invitation: Invitation, now: number): boolean {
  const status = invitationStatus(invitation, now);
  return status === 'issued' || status === 'open';
}

/** Returns the furthest step of a member, to be stored with their invitation. */
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

// ── Imports ─────────────────────────────────────────────────────────────────────────────────────

/** The results that a row of an import can have, as the result file names them. */
export const rowResults = [
  'invited',
  'already invited',
  'already a user',
  'disabled',
  'duplicate in the file',
  'not valid',
  'refused',
  'failed',
  'not reached',
] as const;

/** A reason, or the code and the text of a problem of the HTTP API. */
export type RowReason = Reason | { readonly code: string; readonly text: string };

/** How an import ended. */
export type ImportEnd =
  | { readonly kind: 'finished' }
  | { readonly kind: 'interrupted' }
  /** `goesOnAt`: when the import can go on (UTC ms). Null if the portal did not say. */
  | { readonly kind: 'stopped'; readonly reason: RowReason; readonly goesOnAt: number | null };
