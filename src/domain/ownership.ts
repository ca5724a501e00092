import type { Invitation } from './invitation.ts';
import type { Person } from './member.ts';
import type { MemberReason } from './reason.ts';
import type { Audience, EmployeeType } from './vocabulary.ts';

/** Whether this service welcomes a person, and by which invitation they came. */
export type Ownership =
  | { readonly kind: 'ours'; readonly invitationId: string | null }
  | { readonly kind: 'not_ours'; readonly reason: SkipReason };

/** The reasons for which a person is skipped. */
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

/** The invitations that could have brought a person, each list newest first, failed ones left out. */
export type Candidates = {
  readonly byUser: readonly Invitation[];
  readonly byEmail: readonly Invitation[];
  readonly openLinks: readonly Invitation[];
};

/**
 * The portal cuts `createDate` to seconds, and the difference of the clocks is measured to the second
 * (docs/design.md#whose-member).
 */
export const clockToleranceMs = 3_000;

export type OwnershipQuestion = {
  readonly person: Person;
  readonly candidates: Candidates;
  /** The user ids of all accounts whose keys issued invitations from this log, the present one first. */
  readonly accountIds: readonly string[];
  readonly audience: Audience;
};

/**
 * Decides whether this service welcomes a person, in this order: the user id that an e-mail invitation
 * got, the address of any invitation, an open link that fits; else the audience decides. A person whose
 * own invitation was revoked is skipped, whatever open links exist.
 */
export function ownershipOf({
  person,
  candidates,
  accountIds,
  audience,
}: OwnershipQuestion): Ownership {
  // An account that sends invitations needs no welcome.
  if (accountIds.includes(person.userId)) return notOurs('existing_user');
  const personal = [...candidates.byUser, ...candidates.byEmail];
  const found = personal.length > 0 ? personal : openLinksOf(person, candidates);
  const valid = found.find((invitation) => countsFor(invitation, person));
  if (valid) return { kind: 'ours', invitationId: valid.id };
  if (found.length > 0) return notOurs('invitation_revoked');
  if (audience === 'everyone') return { kind: 'ours', invitationId: null };
  return notOurs(cameByAccount(person, accountIds) ? 'address_not_invited' : 'not_invited');
}

/**
 * Whether the person's type has to be read first (`GET people/{id}`): only when no invitation to this
 * person exists, so that an open link may decide.
 */
export function needsType({ person, candidates, accountIds }: OwnershipQuestion): boolean {
  return (
    person.employeeType === null &&
    cameByAccount(person, accountIds) &&
    candidates.byUser.length + candidates.byEmail.length === 0 &&
    candidates.openLinks.length > 0
  );
}

/** A person who joins by a link has the account that made it as `createdBy` (docs/docspace-wire.md 3.1). */
function cameByAccount(person: Person, accountIds: readonly string[]): boolean {
  return person.createdBy !== null && accountIds.includes(person.createdBy);
}

/**
 * The open links that may have brought a person, newest first: those of the exact type. Only if there is
 * none, the links for admins count for a plain user: a portal without free seats lowers the type
 * (docs/docspace-wire.md 8).
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
 * A revoked invitation still counts for a person who had joined before. The portal's times are cut to
 * seconds: joining in the second of the revocation counts as after it.
 */
function countsFor(invitation: Invitation, person: Person): boolean {
  if (invitation.revokedAt === null) return true;
  return person.registeredAt !== null && person.registeredAt + 1_000 <= invitation.revokedAt;
}

function notOurs(code: SkipReason['code']): Ownership {
  return { kind: 'not_ours', reason: { code } };
}
