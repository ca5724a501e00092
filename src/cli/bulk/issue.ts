import { z } from 'zod';
import type { Config } from '../../config/settings.ts';
import type { Holder } from '../../store/sqlite/lock.ts';
import { type InviteResult, type Inviter, obstacles } from '../../worker/invite.ts';
import { inviteAll } from '../../worker/invite-all.ts';
import { askServer } from '../server-api.ts';
import type { RowResult } from './row-result.ts';
import type { Issue, WishAnswer } from './run.ts';

/** On the database itself, under its lock. */
export function issueAlone(inviter: Inviter): Issue {
  return async (requests) => (await inviteAll(inviter, requests, 'operator')).map(answerOf);
}

/** Through the service that holds the database. @param now UTC ms */
export function issueThroughServer(options: {
  readonly holder: Holder | null;
  readonly config: Config;
  readonly now: () => number;
}): Issue {
  const { holder, config, now } = options;
  return async (requests) => {
    const call = { method: 'POST', path: '/api/invitations', body: requests } as const;
    const answer = await askServer(holder, config, call);
    const parsed =
      answer.kind === 'answered' && answer.status === 201
        ? answersSchema.safeParse(answer.json)
        : null;
    if (parsed?.success) return parsed.data.map((one) => answerOfApi(one, now()));
    const reason =
      answer.kind === 'unreachable' ? answer.reason : `the service answered ${answer.status}`;
    return requests.map(() => ({ kind: 'trouble', reason, retryAt: null }));
  };
}

const answersSchema = z.array(
  z.union([
    z.object({ id: z.string(), link: z.string().nullable() }),
    z.object({
      type: z.string(),
      detail: z.string(),
      invitation: z.string().optional(),
      retryAfter: z.number().optional(),
    }),
  ]),
);

function answerOfApi(answer: z.infer<typeof answersSchema>[number], now: number): WishAnswer {
  if ('id' in answer) return invited(answer.id, answer.link);
  const { type, detail, invitation = null, retryAfter } = answer;
  if (type.endsWith(':portal-unavailable') || type.endsWith(':store-unavailable')) {
    const retryAt = retryAfter === undefined ? null : now + retryAfter * 1_000;
    return { kind: 'trouble', reason: detail, retryAt };
  }
  const result = type.endsWith(':conflict') ? conflict(detail, invitation) : 'refused';
  return settled(result, detail, invitation);
}

function answerOf(result: InviteResult): WishAnswer {
  switch (result.kind) {
    case 'issued':
      return invited(result.invitation.id, result.invitation.link);
    case 'conflict':
      return settled(
        conflict(result.reason, result.invitationId),
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

/** The service adds the invitation's id to its sentence. */
function conflict(reason: string, invitationId: string | null): RowResult['result'] {
  if (reason === obstacles.user) return 'already a user';
  if (reason === obstacles.disabled) return 'disabled';
  return invitationId !== null && reason.startsWith(obstacles.invited)
    ? 'already invited'
    : 'failed';
}

function invited(id: string, link: string | null): WishAnswer {
  return { kind: 'settled', result: { result: 'invited', id, link, reason: null } };
}

function settled(result: RowResult['result'], reason: string, id: string | null): WishAnswer {
  return { kind: 'settled', result: { result, id, link: null, reason } };
}
