import type { Recipient } from '../channels/channel.ts';
import type { Member } from '../domain/member.ts';
import { type Store, StoreUnavailable } from '../store/store.ts';

/**
 * A member as the channels see them. The type is often known from their invitation alone, because
 * the confirming read does not carry it (docs/docspace-wire.md 5). Without it the letter is general.
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
    // The attempt has begun: a letter in general words is better than one that is lost.
    if (error instanceof StoreUnavailable) return null;
    throw error;
  }
}
