import { type Context, Hono } from 'hono';
import { answerProblem, faultsOf, invalidRequest, type Problem, problem } from '../http/problem.ts';
import { inviteAll } from '../invitations/invite-all.ts';
import type { InvitationRequest, InviteResult, Inviter } from '../invitations/inviter.ts';
import { invitationRequestSchema, invitationRequestsSchema } from '../invitations/request.ts';
import type { StoreReads } from '../store/store.ts';
import type { Idempotency } from './idempotency.ts';
import { invitationQuerySchema } from './schemas.ts';
import { type InvitationView, invitationStoryView, invitationView } from './serializers.ts';

export function invitationRoutes(options: {
  readonly reads: Pick<StoreReads, 'listInvitations' | 'invitationStory'>;
  readonly inviter: Pick<Inviter, 'invite' | 'inviteTogether'>;
  readonly idempotency: Idempotency;
  readonly now: () => number;
}): Hono {
  const { reads, inviter, idempotency, now } = options;
  const routes = new Hono();

  routes.post('/api/invitations', async (c) => {
    const body = await readJson(c);
    if (Array.isArray(body)) {
      const many = invitationRequestsSchema.safeParse(body);
      if (!many.success) return answerProblem(c, invalidRequest(faultsOf(many.error)));
      return idempotency.once(c, many.data, async () => c.json(await inviteMany(many.data), 201));
    }
    const one = invitationRequestSchema.safeParse(body);
    if (!one.success) return answerProblem(c, invalidRequest(faultsOf(one.error)));
    return idempotency.once(c, one.data, async () => {
      const result = await invite(one.data);
      return isProblem(result) ? answerProblem(c, result) : c.json(result, 201);
    });
  });

  routes.get('/api/invitations', async (c) => {
    const query = invitationQuerySchema.safeParse(c.req.query());
    if (!query.success) return answerProblem(c, invalidRequest(faultsOf(query.error, 'query')));
    const { limit, cursor, ...filter } = query.data;
    const page = await reads.listInvitations(filter, { limit, cursor }, now());
    const items = page.items.map((invitation) => invitationView(invitation, now()));
    return c.json({ items, nextCursor: page.nextCursor?.toString() ?? null });
  });

  routes.get('/api/invitations/:id', async (c) => {
    const story = await reads.invitationStory(c.req.param('id'));
    if (story) return c.json(invitationStoryView(story, now()));
    return answerProblem(c, problem('not-found', 'No invitation has this id'));
  });

  async function invite(request: InvitationRequest): Promise<InvitationView | Problem> {
    return resultView(await inviter.invite(request, 'operator'), now());
  }

  async function inviteMany(requests: readonly InvitationRequest[]) {
    const results = await inviteAll(inviter, requests, 'operator');
    return results.map((result) => resultView(result, now()));
  }

  return routes;
}

/**
 * @param ofNothing what an empty body means, where it means something
 * @returns the parsed body, or undefined for what is not JSON: the schema then says so
 */
export async function readJson(c: Context, ofNothing?: unknown): Promise<unknown> {
  const text = await c.req.text();
  if (text === '') return ofNothing;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isProblem(result: InvitationView | Problem): result is Problem {
  return 'type' in result;
}

function resultView(result: InviteResult, now: number): InvitationView | Problem {
  switch (result.kind) {
    case 'issued':
      return invitationView(result.invitation, now);
    case 'conflict': {
      const { reason, invitationId } = result;
      return invitationId === null
        ? problem('conflict', reason)
        : problem('conflict', `${reason}: ${invitationId}`, { invitation: invitationId });
    }
    case 'refused':
      return problem('portal-refused', result.reason, { invitation: result.invitation.id });
    case 'trouble':
      return problem(
        'portal-unavailable',
        result.reason,
        result.retryAt === null
          ? {}
          : { retryAfter: Math.max(1, Math.ceil((result.retryAt - now) / 1_000)) },
      );
    default:
      return result satisfies never;
  }
}
