import { type Invitation, invitationStatus } from './invitation.ts';
import type { CommandReason, InvitationReason } from './reason.ts';
import type { EmployeeType } from './vocabulary.ts';

/** A change that an operator may ask for. */
export type ReissueVerb = 'revoke' | 'resend';

export type Permission =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'forbidden'; readonly reason: CommandReason };

/**
 * Whether an invitation may be revoked or sent again (docs/design.md#invitations). An expired one
 * may be sent again, which makes it `issued` again. It may also be revoked, because a person who
 * comes late would otherwise still count.
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

/** The portal's settings "Invitation settings" (docs/docspace-wire.md 13.2 number 5). */
export type InvitationSwitches = {
  readonly allowInvitingMembers: boolean;
  readonly allowInvitingGuests: boolean;
};

/**
 * Why the portal would let nobody in by an invitation of this type. Without members it makes no
 * invitation at all; without guests it still makes the link, and refuses the registration.
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
