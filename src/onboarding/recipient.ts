import type { Recipient } from '../channels/channel.ts';
import type { Member } from '../domain/member.ts';
import { type Store, StoreUnavailable } from '../store/store.ts';

/**
 * Returns the data about a member that channels need. The type often comes from the invitation, because
 * the confirming read does not contain it (docs/docspace-wire.md 5). Without a type, the letter
 * uses general words.
 */
export async function recipientOf(
  member: Member,
  store: Pick<Store, 'invitation'>,
): Promise<Recipient> {
  return {
    userId: member.userId,
    email: member.email ?? '',
    firstName: member.firstName ?? '',
    lastName: member.lastName ?? '',
    cultureName: member.cultureName,
    employeeType: member.employeeType ?? (await invitedAs(member, store)),
  };
}

async function invitedAs(
  { invitationId }: Member,
  store: Pick<Store, 'invitation'>,
): Promise<Recipient['employeeType']> {
  if (invitationId === null) return null;
  try {
    return (await store.invitation(invitationId))?.employeeType ?? null;
  } catch (error) {
    // The attempt has begun, and a letter with general words is better than no letter.
    if (error instanceof StoreUnavailable) return null;
    throw error;
  }
}
