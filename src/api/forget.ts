import { z } from '@hono/zod-openapi';
import { emailSchema } from '../invitations/request.ts';
import type { Forgetter, Forgotten } from '../operations/forget.ts';
import { actorIn } from './auth.ts';
import { adminPost, createApi, invalidBody, json, jsonBody } from './openapi.ts';
import { count } from './schemas.ts';

const forgetSchema = z.strictObject({ email: emailSchema });

export const forgottenSchema = z.object({
  known: z.boolean().meta({ description: 'False: no record had this address' }),
  erased: z
    .object({
      members: count,
      invitations: count,
      deliveries: count,
      timelineEntries: count,
      mentions: count,
    })
    .meta({ description: 'How many records of each kind' }),
  scrubbed: z
    .boolean()
    .meta({ description: 'False: erased text may still be in the database, so ask again later' }),
});
export type ForgottenView = z.infer<typeof forgottenSchema>;

/** The address is in the body, because paths end up in the logs of proxies. */
const forgetRoute = adminPost({
  path: '/api/forget',
  operationId: 'forget',
  tags: ['operation'],
  summary: 'Erase a person, keeping the fact that a welcome was sent',
  request: { body: jsonBody(forgetSchema) },
  responses: { 200: json(forgottenSchema, 'What was erased'), ...invalidBody },
});

export function forgetRoutes(forgetter: Forgetter) {
  const routes = createApi();
  routes.openapi(forgetRoute, async (c) => {
    const { email } = c.req.valid('json');
    return c.json(forgottenView(await forgetter.forget(email, actorIn(c))), 200);
  });
  return routes;
}

function forgottenView(forgotten: Forgotten): ForgottenView {
  const { isKnown, erased, isOverwritten } = forgotten;
  return { known: isKnown, erased, scrubbed: isOverwritten };
}
