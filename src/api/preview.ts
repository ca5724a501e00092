import { Hono } from 'hono';
import { answerProblem, problem } from '../http/problem.ts';
import type { Preview, Previewer } from '../operations/preview.ts';
import { timeView } from './serializers.ts';

export function previewRoutes(previewer: Previewer): Hono {
  const routes = new Hono();
  routes.get('/api/members/:userId/preview', async (c) => {
    const preview = await previewer.preview(c.req.param('userId').toLowerCase());
    if (preview) return c.json(previewView(preview));
    return answerProblem(c, problem('not-found', 'No member has this user id'));
  });
  return routes;
}

/** `letter.kind` is `mail` (with `subject`, `text`, `html` …) or `portal_letter`. */
export function previewView(preview: Preview) {
  return { ...preview, dueAt: timeView(preview.dueAt) };
}
