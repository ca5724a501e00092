import type { ByEmail } from '../docspace/client.ts';
import { recipientOf } from '../docspace/schemas.ts';
import { planFor } from '../domain/invitation-recipient.ts';
import type { CommandReason } from '../domain/reason.ts';
import { type EmployeeType, emailKey, type InvitationMode } from '../domain/vocabulary.ts';
import type { StoreReads } from '../store/store.ts';

/** What the portal knows about an address that is to be invited. */
export type LookUp =
  | { readonly kind: 'nobody' }
  /** A pending user; see `RecipientPlan`. */
  | { readonly kind: 'pending'; readonly need: 'mail_again' | 'raise'; readonly userId: string }
  | { readonly kind: 'forbidden'; readonly reason: CommandReason };

/**
 * Looks for a user who had this address before. The portal forgets former addresses, but this service
 * does not.
 * @returns why nobody can be invited with this address, or null
 */
export async function formerAddressConflict(
  reads: Pick<StoreReads, 'listMembers'>,
  asked: string,
): Promise<CommandReason | null> {
  const { items } = await reads.listMembers({ email: asked }, { limit: 20 });
  const users = items.filter((one) => one.state !== 'gone' && one.absentSince === null);
  const addresses = users.flatMap((one) => one.email ?? []);
  const present = addresses.find((one) => emailKey(one) !== emailKey(asked));
  return present === undefined ? null : { code: 'former_address', asked, present };
}

/**
 * Decides what the portal's answer about an address means for an invitation.
 * @param found `hidden` counts as `nobody`: then the portal itself accepts or refuses the invitation
 */
export function judgeLookUp(
  found: Exclude<ByEmail, { kind: 'trouble' }>,
  asked: { readonly mode: InvitationMode; readonly employeeType: EmployeeType },
): LookUp {
  switch (found.kind) {
    case 'missing':
    case 'hidden':
      return { kind: 'nobody' };
    case 'other': {
      const reason = {
        code: 'address_of_another_user',
        asked: found.asked,
        found: found.found,
      } as const;
      return { kind: 'forbidden', reason };
    }
    case 'ok': {
      const recipient = recipientOf(found.value);
      const plan = planFor(recipient, asked);
      return plan.kind === 'forbidden'
        ? plan
        : { kind: 'pending', need: plan.kind, userId: recipient.userId };
    }
    default:
      return found satisfies never;
  }
}
