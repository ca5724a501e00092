import { type Context, Hono } from 'hono';
import { answerProblem, faultsOf, invalidRequest, problem } from '../http/problem.ts';
import type { Recorded } from '../onboarding/recorder.ts';
import type { Operator } from '../operations/operator.ts';
import type { StoreReads } from '../store/store.ts';
import { readJson } from './invitations.ts';
import { memberQuerySchema, resolveSchema, retryFailedSchema } from './schemas.ts';
import { memberStoryView, memberView } from './serializers.ts';

export function memberRoutes(options: {
  readonly reads: Pick<StoreReads, 'listMembers' | 'memberStory'>;
  readonly operator: Pick<Operator, 'retry' | 'resolve' | 'retryFailed'>;
}): Hono {
  const { reads, operator } = options;
  const routes = new Hono();

  routes.get('/api/members', async (c) => {
    const query = memberQuerySchema.safeParse(c.req.query());
    if (!query.success) return answerProblem(c, invalidRequest(faultsOf(query.error, 'query')));
    const { limit, cursor, ...filter } = query.data;
    const page = await reads.listMembers(filter, { limit, cursor });
    return c.json({
      items: page.items.map(memberView),
      nextCursor: page.nextCursor?.toString() ?? null,
    });
  });

  routes.get('/api/members/:userId', async (c) => {
    const story = await reads.memberStory(c.req.param('userId').toLowerCase());
    if (story) return c.json(memberStoryView(story));
    return answerProblem(c, problem('not-found', 'No member has this user id'));
  });

  routes.post('/api/members/retry', async (c) => {
    const body = retryFailedSchema.safeParse(await readJson(c, {}));
    if (!body.success) return answerProblem(c, invalidRequest(faultsOf(body.error)));
    return c.json({ retried: await operator.retryFailed(body.data.reason ?? null) });
  });

  routes.post('/api/members/:userId/retry', async (c) =>
    answerRecorded(c, await operator.retry(c.req.param('userId').toLowerCase())),
  );

  routes.post('/api/members/:userId/resolve', async (c) => {
    const body = resolveSchema.safeParse(await readJson(c));
    if (!body.success) return answerProblem(c, invalidRequest(faultsOf(body.error)));
    const userId = c.req.param('userId').toLowerCase();
    return answerRecorded(c, await operator.resolve(userId, body.data.outcome));
  });

  return routes;
}

function answerRecorded(c: Context, recorded: Recorded): Response {
  switch (recorded.kind) {
    case 'recorded':
      return c.json(memberView(recorded.member));
    case 'forbidden':
      return answerProblem(c, problem('conflict', recorded.reason));
    case 'no_such_member':
      return answerProblem(c, problem('not-found', 'No member has this user id'));
    default:
      return recorded satisfies never;
  }
}
