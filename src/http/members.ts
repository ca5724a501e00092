import { Hono } from 'hono';
import type { StoreReads } from '../store/store.ts';
import { answerProblem, faultsOf, invalidRequest, problem } from './problem.ts';
import { memberQuerySchema } from './schemas.ts';
import { memberStoryView, memberView } from './views.ts';

export function memberRoutes(options: {
  readonly reads: Pick<StoreReads, 'listMembers' | 'memberStory'>;
}): Hono {
  const { reads } = options;
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

  return routes;
}
