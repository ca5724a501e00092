import type { Child } from 'hono/jsx';
import { type Invitation, type InvitationStatus, reminderDueAt } from '../../domain/invitation.ts';
import { mayReissue } from '../../domain/invitation-permissions.ts';
import type { Member } from '../../domain/member.ts';
import type { Viewer } from '../viewer.ts';
import { Confirm, type Doing } from './forms.tsx';

/** Says what happens next, or what the operator has to do. Adds the time of the next reminder. */
export function nextStep(
  viewer: Viewer,
  shown: {
    readonly invitation: Invitation | null;
    readonly status: InvitationStatus | null;
    readonly member: Member | null;
  },
): string {
  if (shown.member) return nextOfMember(viewer, shown.member);
  const { next } = viewer.t;
  switch (shown.status) {
    case 'issued':
      return shown.invitation ? nextOfInvited(viewer, shown.invitation) : '';
    case 'activated':
      return next.registered;
    case 'failed':
      return next.failedInvitation;
    case null:
      return '';
    default:
      return next[shown.status];
  }
}

function nextOfInvited(viewer: Viewer, invitation: Invitation): string {
  const { next } = viewer.t;
  if (invitation.mode !== 'smtp') {
    return invitation.mode === 'email' ? next.issuedEmail : next.issuedLink;
  }
  const sentence = next.letter[invitation.letter ?? 'none'];
  const reminderAt = reminderDueAt(invitation, viewer.now);
  if (reminderAt === null) return sentence;
  return `${sentence} ${next.reminder(viewer.formats.moment(reminderAt, viewer.now))}`;
}

function nextOfMember(viewer: Viewer, member: Member): string {
  const { next } = viewer.t;
  if (member.state !== 'waiting') return next[member.state];
  return member.dueAt === null || member.dueAt <= viewer.now
    ? next.waitingNow
    : next.waiting(viewer.formats.moment(member.dueAt, viewer.now));
}

/** The buttons that make sense for this invitation now. */
export function invitationActions(viewer: Viewer, invitation: Invitation): Child[] {
  const { actions } = viewer.t;
  const resend = { link: 'resendLink', email: 'resend', smtp: 'resendLetter' } as const;
  const path = `/invitations/${invitation.id}`;
  const mayBe = (verb: 'resend' | 'revoke') =>
    mayReissue(invitation, verb, viewer.now).kind === 'allowed';
  const found: Child[] = [];
  if (mayBe('resend')) {
    found.push(
      <Confirm
        viewer={viewer}
        id="resend"
        action={`${path}/resend`}
        does={resend[invitation.mode]}
      />,
    );
  }
  if (mayBe('revoke')) {
    found.push(
      <Confirm
        viewer={viewer}
        id="revoke"
        action={`${path}/revoke`}
        does="revoke"
        confirmLabel={actions.revokeYes}
        isRisky
      />,
    );
  }
  return found;
}

/** The buttons that make sense for this person now: see docs/design.md#states-of-a-member. */
export function memberActions(viewer: Viewer, member: Member): Child[] {
  const path = `/people/${member.userId}`;
  const retry = (does: Doing) => (
    <Confirm viewer={viewer} id="retry" action={`${path}/retry`} does={does} />
  );
  switch (member.state) {
    case 'waiting':
    case 'ready':
    case 'gone':
      return [retry('check')];
    case 'failed':
      return [retry('retry')];
    case 'skipped':
      return [retry('retrySkipped')];
    case 'unknown':
      return [
        <Confirm
          viewer={viewer}
          id="resolve-sent"
          action={`${path}/resolve`}
          fields={{ outcome: 'sent' }}
          does="resolveSent"
        />,
        <Confirm
          viewer={viewer}
          id="resolve-retry"
          action={`${path}/resolve`}
          fields={{ outcome: 'retry' }}
          does="resolveRetry"
          isRisky
        />,
      ];
    case 'sending':
    case 'welcomed':
      return [];
    default:
      return member.state satisfies never;
  }
}
