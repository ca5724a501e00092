import type { CommandReason } from './reason.ts';
import type { EmployeeType, InvitationMode } from './vocabulary.ts';

/** The portal's user with the address of an invitation. */
export type Recipient = {
  readonly userId: string;
  readonly standing:
    | 'active'
    /** The user registered by a link, and has not confirmed the address yet. */
    | 'not_confirmed'
    /** An admin created the user, who has a password but has not confirmed the address yet. */
    | 'added'
    /** The user got a letter of the portal, and has not registered yet. */
    | 'pending'
    | 'disabled';
  /** Null if the portal's answer does not contain the type. */
  readonly employeeType: EmployeeType | null;
};

/** The properties of the API key's account that decide whom it may invite. */
export type InvitingAccount = {
  readonly isOwner: boolean;
  readonly isAdmin: boolean;
  readonly isRoomAdmin: boolean;
};

/** What to do at the portal if the address of an invitation belongs to a user already. */
export type RecipientPlan =
  | { readonly kind: 'forbidden'; readonly reason: CommandReason }
  /** The user is pending with the requested or an unknown type: the portal mails the letter again. */
  | { readonly kind: 'mail_again' }
  /** The user is pending with a lower type: the portal first raises it, then mails the letter again. */
  | { readonly kind: 'raise' };

/**
 * Decides how to invite an address that belongs to a user already. This depends on the state and the
 * type of the user, because the portal's answers do not show whether a letter was sent
 * (docs/docspace-wire.md 4.2).
 */
export function planFor(
  recipient: Recipient,
  asked: { readonly mode: InvitationMode; readonly employeeType: EmployeeType },
): RecipientPlan {
  const reason = recipientConflict(recipient, 'already_user', asked.mode);
  if (reason) return { kind: 'forbidden', reason };
  const pendingType = recipient.employeeType;
  if (pendingType === null || pendingType === asked.employeeType) return { kind: 'mail_again' };
  if (rank[asked.employeeType] > rank[pendingType]) return { kind: 'raise' };
  return { kind: 'forbidden', reason: pendingAsOther(pendingType, asked.employeeType) };
}

/** Why an invitation cannot be sent again to this user. Null if it can. */
export function resendConflict(recipient: Recipient, mode: InvitationMode): CommandReason | null {
  return recipientConflict(recipient, 'too_late_to_resend', mode);
}

/** @param registered the code for a user who needs no invitation */
function recipientConflict(
  { standing }: Recipient,
  registered: 'already_user' | 'too_late_to_resend',
  mode: InvitationMode,
): CommandReason | null {
  switch (standing) {
    case 'active':
      return { code: registered };
    case 'not_confirmed':
      return { code: 'registered_not_confirmed' };
    case 'added':
      return { code: 'added_by_admin' };
    case 'disabled':
      return { code: 'user_disabled' };
    case 'pending':
      // The portal refuses a link for a user who got a letter (docs/docspace-wire.md 13.2 number 2).
      return mode === 'email' ? null : { code: 'pending_by_letter' };
    default:
      return standing satisfies never;
  }
}

export function pendingAsOther(pending: EmployeeType, asked: EmployeeType) {
  return { code: 'pending_as_other_type', pending, asked } as const;
}

/**
 * Whether the portal mails an invitation of this type for this account (docs/docspace-wire.md 3.1).
 * For a type that the account may not invite, the portal mails nothing, but still answers 200.
 */
export function mayInvite(account: InvitingAccount, employeeType: EmployeeType): boolean {
  switch (employeeType) {
    case 'DocSpaceAdmin':
      return account.isOwner;
    case 'RoomAdmin':
      return account.isOwner || account.isAdmin;
    case 'User':
    case 'Guest':
      return account.isOwner || account.isAdmin || account.isRoomAdmin;
    default:
      return employeeType satisfies never;
  }
}

/** The portal raises the type of a pending user, but never lowers it (docs/docspace-wire.md 13.2). */
const rank: Readonly<Record<EmployeeType, number>> = {
  Guest: 0,
  User: 1,
  RoomAdmin: 2,
  DocSpaceAdmin: 3,
};
