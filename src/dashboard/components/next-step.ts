import type { Invitation, InvitationStatus } from '../../domain/invitation.ts';
import type { Member } from '../../domain/member.ts';
import type { View } from '../view.ts';

/** What happens next, or what somebody has to do: one sentence. */
export function nextStep(
  view: View,
  shown: {
    readonly invitation: Invitation | null;
    readonly status: InvitationStatus | null;
    readonly member: Member | null;
  },
): string {
  if (shown.member) return nextOfMember(view, shown.member);
  const { next } = view.say;
  switch (shown.status) {
    case 'issuing':
      return next.issuing;
    case 'issued':
      return shown.invitation?.mode === 'email' ? next.issuedEmail : next.issuedLink;
    case 'open':
      return next.open;
    case 'registered':
    case 'activated':
      return next.registered;
    case 'welcomed':
      return next.welcomed;
    case 'failed':
      return next.failedInvitation;
    case 'revoked':
      return next.revoked;
    case 'expired':
      return next.expired;
    case null:
      return '';
    default:
      return shown.status satisfies never;
  }
}

function nextOfMember(view: View, member: Member): string {
  const { next } = view.say;
  switch (member.state) {
    case 'waiting':
      return member.dueAt === null || member.dueAt <= view.now
        ? next.waitingNow
        : next.waiting(view.formats.moment(member.dueAt, view.now));
    case 'ready':
      return next.ready;
    case 'sending':
      return next.sending;
    case 'welcomed':
      return next.welcomed;
    case 'skipped':
      return next.skipped;
    case 'gone':
      return next.gone;
    case 'failed':
      return next.failed;
    case 'unknown':
      return next.unknown;
    default:
      return member.state satisfies never;
  }
}
