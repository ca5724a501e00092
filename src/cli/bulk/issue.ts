import { z } from 'zod';
import type { Config } from '../../config/settings.ts';
import { conflictResult, invited, settled } from '../../invitations/import/issue-rows.ts';
import type { Issue, WishAnswer } from '../../invitations/import/run.ts';
import type { Holder } from '../../store/sqlite/lock.ts';
import { askServer } from '../server-api.ts';

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
  const result = type.endsWith(':conflict') ? conflictResult(detail, invitation) : 'refused';
  return settled(result, detail, invitation);
}
