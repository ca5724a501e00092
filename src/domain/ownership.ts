import type { Invitation } from './invitation.ts';
import type { Person } from './member.ts';
import type { MemberReason } from './reason.ts';
import type { Audience, EmployeeType } from './vocabulary.ts';

/** Whether this service welcomes a person, and by which invitation they came. */
export type Ownership =
  | {
      readonly kind: 'ours';
      readonly invitationId: string | null;
      /** The type in that invitation, if that invitation was read. */
      readonly invitedAs?: EmployeeType;
    }
  | { readonly kind: 'not_ours'; readonly reason: SkipReason };

/** The reasons for skipping a person. */
export type SkipReason = Extract<
  MemberReason,
  {
    code:
      | 'not_invited'
      | 'address_not_invited'
      | 'invitation_revoked'
      | 'existing_user'
      | 'forgotten'
      | 'welcomed_before_forgotten';
  }
>;

/** The invitations by which a person may have come, newest first, without failed ones. */
export type Candidates = {
  readonly byUser: readonly Invitation[];
  readonly byEmail: readonly Invitation[];
  readonly openLinks: readonly Invitation[];
};

/**
 * The error that is allowed when times of the portal and of this service are compared. `createDate` and
 * the measured difference of the two clocks are exact to a second only (docs/design.md#whose-member).
 */
export const clockToleranceMs = 3_000;

export type OwnershipQuestion = {
  readonly person: Person;
  readonly candidates: Candidates;
  /** The user ids of all accounts whose keys were used with this database, the present one first. */
  readonly accountIds: readonly string[];
  readonly audience: Audience;
  /** Users created before this time (UTC ms) are existing users, unless they were invited. */
  readonly existingBefore: number;
};

/**
 * Decides whether this service welcomes a person. It compares, in this order: the user id of an
 * e-mail invitation, the address of any invitation, an open link that fits. If none fits, the
 * audience decides. A person whose own invitation was revoked is skipped, even if an open link
 * fits. A person who was a user before this service was set up needs a personal invitation.
 */
export function ownershipOf({
  person,
  candidates,
  accountIds,
  audience,
  existingBefore,
}: OwnershipQuestion): Ownership {
  // An account that issues invitations gets no welcome.
  if (accountIds.includes(person.userId)) return notOurs('existing_user');
  const personal = [...candidates.byUser, ...candidates.byEmail];
  const found = personal.length > 0 ? personal : openLinksOf(person, candidates);
  const isExisting = personal.length === 0 && isCreatedBefore(person, existingBefore);
  if (isExisting && (found.length > 0 || audience === 'everyone')) return notOurs('existing_user');
  const valid = found.find((invitation) => countsFor(invitation, person));
  if (valid) return { kind: 'ours', invitationId: valid.id, invitedAs: valid.employeeType };
  if (found.length > 0) return notOurs('invitation_revoked');
  if (audience === 'everyone') return { kind: 'ours', invitationId: null };
  return notOurs(cameByAccount(person, accountIds) ? 'address_not_invited' : 'not_invited');
}

/**
 * Whether the person's type must be read first (`GET people/{id}`). It is needed only if no
 * invitation was issued to this person, so that an open link may decide.
 */
export function needsType({ person, candidates, accountIds }: OwnershipQuestion): boolean {
  return (
    person.employeeType === null &&
    cameByAccount(person, accountIds) &&
    candidates.byUser.length + candidates.byEmail.length === 0 &&
    candidates.openLinks.length > 0
  );
}

/** The times are exact to a few seconds only. A person who came within these seconds counts as new. */
function isCreatedBefore(person: Person, time: number): boolean {
  return person.createdAt + clockToleranceMs <= time;
}

/** Whether the person joined by a link of one of these accounts (docs/docspace-wire.md 3.1). */
function cameByAccount(person: Person, accountIds: readonly string[]): boolean {
  return person.createdBy !== null && accountIds.includes(person.createdBy);
}

/**
 * Returns the open links by which a person may have come, newest first: the links for exactly the
 * person's type. If there is none, a plain user may have come by a link for admins, because a portal
 * without free seats lowers the type (docs/docspace-wire.md 8).
 */
function openLinksOf(person: Person, candidates: Candidates): readonly Invitation[] {
  const possible = candidates.openLinks.filter(
    (link) =>
      link.issuedAt !== null &&
      link.accountId === person.createdBy &&
      link.createdAt <= person.createdAt + clockToleranceMs,
  );
  const exact = possible.filter((link) => link.employeeType === person.employeeType);
  if (exact.length > 0 || person.employeeType !== 'User') return exact;
  return possible.filter((link) => isAdminType(link.employeeType));
}

function isAdminType(type: EmployeeType): boolean {
  return type === 'RoomAdmin' || type === 'DocSpaceAdmin';
}

/**
 * Whether an invitation counts for a person. A revoked invitation still counts if the person joined
 * before the revocation. The portal cuts times to seconds, so a person who joined in the second of the
 * revocation counts as too late.
 */
function countsFor(invitation: Invitation, person: Person): boolean {
  if (invitation.revokedAt === null) return true;
  return person.registeredAt !== null && person.registeredAt + 1_000 <= invitation.revokedAt;
}

function notOurs(code: SkipReason['code']): Ownership {
  return { kind: 'not_ours', reason: { code } };
}
