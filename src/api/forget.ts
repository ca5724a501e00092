import { Hono } from 'hono';
import { answerProblem, faultsOf, invalidRequest } from '../http/problem.ts';
import type { Forgetter, Forgotten } from '../operations/forget.ts';
import { readJson } from './invitations.ts';
import { forgetSchema } from './schemas.ts';

/** `POST /api/forget`: the address is in the body, because paths end up in the logs of proxies. */
export function forgetRoutes(forgetter: Forgetter): Hono {
  const routes = new Hono();
  routes.post('/api/forget', async (c) => {
    const body = forgetSchema.safeParse(await readJson(c));
    if (!body.success) return answerProblem(c, invalidRequest(faultsOf(body.error)));
    return c.json(forgottenView(await forgetter.forget(body.data.email)));
  });
  return routes;
}

export function forgottenView({ isKnown, erased, isScrubbed }: Forgotten) {
  return { known: isKnown, erased, scrubbed: isScrubbed };
}
