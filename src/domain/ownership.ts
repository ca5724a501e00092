import type { Invitation } from './invitation.ts';
import type { Person } from './member.ts';
import type { Audience, EmployeeType } from './vocabulary.ts';

/** Whether a person is ours to welcome, and by which invitation. */
export type Whose =
  | { readonly kind: 'ours'; readonly invitationId: string | null }
  | { readonly kind: 'not_ours'; readonly reason: SkipReason };

export const skipReasons = {
  stranger: 'not invited here',
  otherAddress: 'came by this account, no invitation has this address',
  revoked: 'revoked',
  before: 'here before us',
  forgotten: 'forgotten',
  welcomedBefore: 'was welcomed before, and forgotten since',
} as const;
type SkipReason = (typeof skipReasons)[keyof typeof skipReasons];

/** The invitations that could have brought a person, each list newest first, failed ones left out. */
export type Candidates = {
  readonly byUser: readonly Invitation[];
  readonly byEmail: readonly Invitation[];
  readonly openLinks: readonly Invitation[];
};

/** The portal cuts `createDate` to seconds and keeps its own clock (design: "Whose member"). */
export const clockToleranceMs = 5 * 60_000;

/**
 * Decides whose member a person is, in the order of design.md: the user id that an e-mail invitation
 * got, the address of any invitation, an open link that fits; else the audience.
 * @param accountId the user id of the API key's account: registrations through its links bear it as
 *   `createdBy` (wire 3.1)
 */
export function whose(question: {
  readonly person: Person;
  readonly candidates: Candidates;
  readonly accountId: string;
  readonly audience: Audience;
}): Whose {
  const { person, candidates, accountId, audience } = question;
  // The key's own account invites; nobody has to welcome it.
  if (person.userId === accountId) return { kind: 'not_ours', reason: skipReasons.before };
  const named = [...candidates.byUser, ...candidates.byEmail];
  const cameByUs = person.createdBy === accountId;
  const open = cameByUs ? candidates.openLinks.filter((link) => fits(link, person)) : [];
  const found = [...named, ...open];
  const valid = found.find((invitation) => countsFor(invitation, person));
  if (valid) return { kind: 'ours', invitationId: valid.id };
  if (found.length > 0) return { kind: 'not_ours', reason: skipReasons.revoked };
  if (audience === 'everyone') return { kind: 'ours', invitationId: null };
  return {
    kind: 'not_ours',
    reason: cameByUs ? skipReasons.otherAddress : skipReasons.stranger,
  };
}

/**
 * Whether the person's type has to be read first (`GET people/{id}`): only when nothing but an open
 * link can make them ours, be it that another invitation was revoked.
 */
export function needsType(question: {
  readonly person: Person;
  readonly candidates: Candidates;
  readonly accountId: string;
}): boolean {
  const { person, candidates, accountId } = question;
  return (
    person.employeeType === null &&
    person.createdBy === accountId &&
    ![...candidates.byUser, ...candidates.byEmail].some((one) => countsFor(one, person)) &&
    candidates.openLinks.length > 0
  );
}

/** A revoked invitation still counts for who had registered before it was revoked. */
function countsFor(invitation: Invitation, person: Person): boolean {
  if (invitation.revokedAt === null) return true;
  return person.registeredAt !== null && person.registeredAt <= invitation.revokedAt;
}

function fits(link: Invitation, person: Person): boolean {
  return (
    person.employeeType !== null &&
    typeFits(link.employeeType, person.employeeType) &&
    link.issuedAt !== null &&
    link.createdAt <= person.createdAt + clockToleranceMs
  );
}

/** A full portal lowers an admin's registration to a plain user (wire 8, paid-seat fallback). */
function typeFits(invited: EmployeeType, is: EmployeeType): boolean {
  if (invited === is) return true;
  return is === 'User' && (invited === 'RoomAdmin' || invited === 'DocSpaceAdmin');
}
