import type { Child } from 'hono/jsx';
import type { Invitation } from '../../domain/invitation.ts';
import { mayReissue } from '../../domain/invitation-permissions.ts';
import type { Member } from '../../domain/member.ts';
import type { View } from '../view.ts';
import { Confirm } from './confirm.tsx';

/** The buttons that make sense for this invitation now. */
export function invitationActions(view: View, invitation: Invitation): Child[] {
  const { actions } = view.say;
  const isLink = invitation.mode === 'link';
  const path = `/invitations/${invitation.id}`;
  const mayBe = (verb: 'resend' | 'revoke') =>
    mayReissue(invitation, verb, view.now).kind === 'allowed';
  const found: Child[] = [];
  if (mayBe('resend')) {
    found.push(
      <Confirm
        id="resend"
        action={`${path}/resend`}
        label={isLink ? actions.resendLink : actions.resend}
        says={isLink ? actions.resendLinkSays : actions.resendSays}
        yes={isLink ? actions.resendLink : actions.resend}
      />,
    );
  }
  if (mayBe('revoke')) {
    found.push(
      <Confirm
        id="revoke"
        action={`${path}/revoke`}
        label={actions.revoke}
        says={actions.revokeSays}
        yes={actions.revokeYes}
        isGrave
      />,
    );
  }
  return found;
}

/** The buttons that make sense for this person now: what design.md lets an operator do. */
export function memberActions(view: View, member: Member): Child[] {
  const { actions } = view.say;
  const path = `/people/${member.userId}`;
  const retry = (label: string, says: string) => (
    <Confirm id="retry" action={`${path}/retry`} label={label} says={says} yes={label} />
  );
  switch (member.state) {
    case 'waiting':
    case 'ready':
    case 'gone':
      return [retry(actions.look, actions.lookSays)];
    case 'failed':
      return [retry(actions.retry, actions.retrySays)];
    case 'skipped':
      return [retry(actions.retrySkipped, actions.retrySkippedSays)];
    case 'unknown':
      return [
        <Confirm
          id="resolve-sent"
          action={`${path}/resolve`}
          fields={{ outcome: 'sent' }}
          label={actions.resolveSent}
          says={actions.resolveSentSays}
          yes={actions.resolveSent}
        />,
        <Confirm
          id="resolve-retry"
          action={`${path}/resolve`}
          fields={{ outcome: 'retry' }}
          label={actions.resolveRetry}
          says={actions.resolveRetrySays}
          yes={actions.resolveRetry}
          isGrave
        />,
      ];
    case 'sending':
    case 'welcomed':
      return [];
    default:
      return member.state satisfies never;
  }
}
