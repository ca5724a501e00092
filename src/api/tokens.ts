import { z } from '@hono/zod-openapi';
import { roles } from '../domain/vocabulary.ts';
import { answerProblem, problem } from '../http/problem.ts';
import { type Tokens, tokenNameSchema } from '../operations/tokens.ts';
import type { NamedToken } from '../store/store.ts';
import { adminGet, adminPost, createApi, json, jsonBody, problems } from './openapi.ts';
import { text, time, timeView } from './schemas.ts';

const tokenShape = { name: text, role: z.enum(roles), createdAt: time };
const tokenSchema = z.object(tokenShape).meta({ id: 'Token' });
const newTokenSchema = z.object({
  ...tokenShape,
  token: text.meta({ description: 'Shown only in this answer: the service stores its hash' }),
});
const addSchema = z.strictObject({ name: tokenNameSchema, role: z.enum(roles) });
const tags = ['operation'];

const addRoute = adminPost({
  path: '/api/tokens',
  operationId: 'addToken',
  tags,
  summary: 'Make a token for a person or program, with a name and a role',
  request: { body: jsonBody(addSchema) },
  responses: {
    201: json(newTokenSchema, 'The token'),
    ...problems({
      400: 'The body is not valid: see `errors`',
      409: '`name-in-use`: another token has this name',
    }),
  },
});

const listRoute = adminGet({
  path: '/api/tokens',
  operationId: 'listTokens',
  tags,
  summary: 'The named tokens, oldest first',
  responses: { 200: json(z.object({ items: z.array(tokenSchema) }), 'All of them') },
});

const revokeRoute = adminPost({
  path: '/api/tokens/{name}/revoke',
  operationId: 'revokeToken',
  tags,
  summary: 'Revoke a named token, and end its sessions',
  request: { params: z.object({ name: text }) },
  responses: {
    200: json(z.object({ name: text }), 'Revoked'),
    ...problems({ 404: 'No token has this name' }),
  },
});

export function tokenRoutes(tokens: Pick<Tokens, 'add' | 'list' | 'revoke'>) {
  const routes = createApi();
  routes.openapi(addRoute, async (c) => {
    const { name, role } = c.req.valid('json');
    const added = await tokens.add(name, role);
    if (added) return c.json({ ...tokenView(added.stored), token: added.token }, 201);
    const detail = `Another token is named ${name}: revoke it, or choose another name`;
    return answerProblem(c, problem('name-in-use', detail));
  });
  routes.openapi(listRoute, async (c) =>
    c.json({ items: (await tokens.list()).map(tokenView) }, 200),
  );
  routes.openapi(revokeRoute, async (c) => {
    const { name } = c.req.valid('param');
    if (await tokens.revoke(name)) return c.json({ name }, 200);
    return answerProblem(c, problem('not-found', 'No token has this name'));
  });
  return routes;
}

export function tokenView({ name, role, createdAt }: NamedToken): z.infer<typeof tokenSchema> {
  return { name, role, createdAt: timeView(createdAt) };
}
