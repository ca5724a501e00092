import type { Member } from './member.ts';
import type { PollHint } from './timeline.ts';
import { emailKey } from './vocabulary.ts';

/** A person as a list of the portal shows them (docs/docspace-wire.md 9.2). */
export type ListedPerson = {
  readonly email: string;
  readonly isActivated: boolean;
  readonly isDisabled: boolean;
};

/** Why a listed person has to be checked. `departure`: see `hinted` in `Fact`. */
export type CheckReason = { readonly hint: PollHint; readonly departure: boolean };

/**
 * Compares a listed person with the member. A list is only a reason to check the person; the
 * confirming read decides.
 * @param member null if this person is not followed yet
 * @param now UTC ms; a `waiting` member who is due already needs no further reason
 * @returns null if the list says nothing new
 */
export function pollHint(
  member: Member | null,
  listed: ListedPerson,
  now: number,
): CheckReason | null {
  if (member === null) {
    return { hint: 'not_followed_yet', departure: listed.isDisabled };
  }
  switch (member.state) {
    case 'waiting':
      if (member.dueAt !== null && member.dueAt <= now) return null;
      return listed.isActivated || listed.isDisabled
        ? { hint: 'status_differs', departure: listed.isDisabled }
        : addressHint(member, listed);
    case 'gone':
      return listed.isDisabled ? null : { hint: 'listed_again', departure: false };
    case 'welcomed':
    case 'failed':
    case 'unknown': {
      const isAbsent = member.absentSince !== null;
      return isAbsent === listed.isDisabled
        ? addressHint(member, listed)
        : { hint: 'came_or_left', departure: true };
    }
    case 'skipped':
      return addressHint(member, listed);
    case 'ready':
    case 'sending':
      return null;
    default:
      return member.state satisfies never;
  }
}

/** Finds changed addresses: the portal calls no webhook when an admin changes an address. */
function addressHint({ email }: Member, listed: ListedPerson): CheckReason | null {
  const isOther = email !== null && emailKey(email) !== emailKey(listed.email);
  return isOther ? { hint: 'address_differs', departure: true } : null;
}
