import type { RowReason } from '../../domain/invitation.ts';
import type { Actor } from '../../domain/timeline.ts';
import { inviteAll } from '../invite-all.ts';
import type { InviteResult, Inviter } from '../inviter.ts';
import { type RowResult, resultOfCode } from './row-result.ts';
import type { Issue, RowAnswer } from './run.ts';

/** Creates a function that issues the invitations of rows. This process must serve the database. */
export function issueInProcess(
  inviter: Pick<Inviter, 'invite' | 'inviteTogether'>,
  actor: Actor,
): Issue {
  return async (requests) => (await inviteAll(inviter, requests, actor)).map(answerOf);
}

function answerOf(result: InviteResult): RowAnswer {
  switch (result.kind) {
    case 'issued':
      return invited(result.invitation.id, result.invitation.link, result.notice);
    case 'conflict':
      return settled(resultOfCode(result.reason.code), result.reason, result.invitationId);
    case 'refused':
      return settled('refused', result.reason, result.invitation.id);
    case 'mail_not_configured':
      return settled('refused', { code: 'mail_not_configured' }, null);
    case 'trouble':
      return {
        kind: 'trouble',
        reason: result.fault,
        retryAt: result.retryAt,
        id: result.unsettledId,
      };
    default:
      return result satisfies never;
  }
}

/** @param notice why the link may not open for the person; null: nothing is wrong with the link */
export function invited(id: string, link: string | null, notice: RowReason | null): RowAnswer {
  return { kind: 'settled', result: { result: 'invited', id, link, reason: notice } };
}

export function settled(
  result: RowResult['result'],
  reason: RowReason,
  id: string | null,
): RowAnswer {
  return { kind: 'settled', result: { result, id, link: null, reason } };
}
