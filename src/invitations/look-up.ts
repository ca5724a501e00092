import type { ByEmail } from '../docspace/client.ts';
import { recipientOf } from '../docspace/schemas.ts';
import { planFor } from '../domain/invitation-recipient.ts';
import type { CommandReason } from '../domain/reason.ts';
import type { EmployeeType, InvitationMode } from '../domain/vocabulary.ts';

/** The portal's knowledge of an address that is to be invited. */
export type LookUp =
  | { readonly kind: 'nobody' }
  /** A pending user; see `RecipientPlan`. */
  | { readonly kind: 'pending'; readonly need: 'mail_again' | 'raise'; readonly userId: string }
  | { readonly kind: 'forbidden'; readonly reason: CommandReason };

/** @param found `hidden` counts as "no user": a key that may not see this user may still invite others */
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
