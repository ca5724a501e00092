import { inviteAll } from '../invite-all.ts';
import { type InviteResult, type Inviter, obstacles } from '../inviter.ts';
import type { RowResult } from './row-result.ts';
import type { Issue, WishAnswer } from './run.ts';

/** On the database itself, by who holds its lock. */
export function issueAlone(inviter: Pick<Inviter, 'invite' | 'inviteTogether'>): Issue {
  return async (requests) => (await inviteAll(inviter, requests, 'operator')).map(answerOf);
}

function answerOf(result: InviteResult): WishAnswer {
  switch (result.kind) {
    case 'issued':
      return invited(result.invitation.id, result.invitation.link);
    case 'conflict':
      return settled(
        conflictResult(result.reason, result.invitationId),
        result.reason,
        result.invitationId,
      );
    case 'refused':
      return settled('refused', result.reason, result.invitation.id);
    case 'trouble':
      return result;
    default:
      return result satisfies never;
  }
}

/** The HTTP API adds the invitation's id to its sentence. */
export function conflictResult(reason: string, invitationId: string | null): RowResult['result'] {
  if (reason === obstacles.user) return 'already a user';
  if (reason === obstacles.disabled) return 'disabled';
  return invitationId !== null && reason.startsWith(obstacles.invited)
    ? 'already invited'
    : 'failed';
}

export function invited(id: string, link: string | null): WishAnswer {
  return { kind: 'settled', result: { result: 'invited', id, link, reason: null } };
}

export function settled(
  result: RowResult['result'],
  reason: string,
  id: string | null,
): WishAnswer {
  return { kind: 'settled', result: { result, id, link: null, reason } };
}
