import { type Invitation, invitationStatus } from './invitation.ts';

/** What an operator may ask of an invitation that exists. */
export type ReissueVerb = 'revoke' | 'resend';

export type Permission =
  | { readonly kind: 'allowed' }
  /** The sentence to show. */
  | { readonly kind: 'forbidden'; readonly reason: string };

/**
 * Whether an invitation may be revoked or sent again (design: "Invitations").
 * An expired one may be both: a fresh link makes it `issued` again, and who comes late would still
 * count until it is revoked.
 * @param now UTC ms
 */
export function mayReissue(invitation: Invitation, verb: ReissueVerb, now: number): Permission {
  const status = invitationStatus(invitation, now);
  switch (status) {
    case 'issued':
    case 'open':
    case 'expired':
      return { kind: 'allowed' };
    case 'issuing':
      return forbidden('the portal is being asked for this invitation: try again in a moment');
    case 'registered':
    case 'activated':
    case 'welcomed':
      return forbidden(alreadyHere(verb));
    case 'failed':
      return forbidden(
        invitation.stage === 'failed'
          ? 'this invitation was never issued: invite again'
          : alreadyHere(verb),
      );
    case 'revoked':
      return forbidden(
        verb === 'revoke'
          ? 'this invitation is revoked already'
          : 'this invitation was revoked: invite again',
      );
    default:
      return status satisfies never;
  }
}

function alreadyHere(verb: ReissueVerb): string {
  return verb === 'revoke'
    ? 'already registered: to keep this person out, disable the user in the portal'
    : 'already registered: there is nothing to send again';
}

function forbidden(reason: string): Permission {
  return { kind: 'forbidden', reason };
}
