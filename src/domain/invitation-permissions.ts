import { type Invitation, invitationStatus } from './invitation.ts';
import type { CommandReason, InvitationReason } from './reason.ts';
import type { EmployeeType } from './vocabulary.ts';

/** A change that an operator may ask for. */
export type ReissueVerb = 'revoke' | 'resend';

export type Permission =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'forbidden'; readonly reason: CommandReason };

/**
 * Decides whether an invitation may be revoked or sent again (docs/design.md#invitations). An expired
 * invitation may be sent again and is then `issued` again. It may also be revoked, because a person
 * who comes late would otherwise still count.
 * @param now UTC ms
 */
export function mayReissue(invitation: Invitation, verb: ReissueVerb, now: number): Permission {
  const status = invitationStatus(invitation, now);
  switch (status) {
    case 'issued':
    case 'open':
    case 'expired':
      return { kind: 'allowed' };
    case 'gone':
      return forbidden({ code: 'person_left' });
    case 'issuing':
      return forbidden({ code: 'invitation_issuing' });
    case 'registered':
    case 'activated':
    case 'welcomed':
      return forbidden(alreadyHere(verb));
    case 'failed':
      return forbidden(
        invitation.stage === 'failed' ? { code: 'never_issued' } : alreadyHere(verb),
      );
    case 'revoked':
      return forbidden(
        verb === 'revoke' ? { code: 'already_revoked' } : { code: 'revoked_invite_again' },
      );
    default:
      return status satisfies never;
  }
}

function alreadyHere(verb: ReissueVerb): CommandReason {
  return { code: verb === 'revoke' ? 'too_late_to_revoke' : 'too_late_to_resend' };
}

function forbidden(reason: CommandReason): Permission {
  return { kind: 'forbidden', reason };
}

/** The switches in the portal's "Invitation settings" (docs/docspace-wire.md 13.2 number 5). */
export type InvitationSwitches = {
  readonly allowInvitingMembers: boolean;
  readonly allowInvitingGuests: boolean;
};

/**
 * Returns why nobody could register by an invitation of this type. If inviting members is switched
 * off, the portal makes no invitation at all. If inviting guests is switched off, the portal still
 * makes the link, but refuses the registration.
 * @returns null if people can register
 */
export function switchedOff(
  switches: InvitationSwitches,
  employeeType: EmployeeType,
): Extract<InvitationReason, { code: 'guests_switched_off' | 'inviting_switched_off' }> | null {
  if (employeeType === 'Guest' && !switches.allowInvitingGuests) {
    return { code: 'guests_switched_off' };
  }
  return switches.allowInvitingMembers ? null : { code: 'inviting_switched_off' };
}
