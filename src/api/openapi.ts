import { createRoute, OpenAPIHono, type RouteConfig } from '@hono/zod-openapi';
import type { z } from 'zod';
import { answerProblem, faultsOf, invalidRequest, problemMediaType } from '../http/problem.ts';
import { version } from '../project.ts';
import { problemSchema } from './schemas.ts';

/**
 * Creates an app whose routes check each request against the schemas of their description. A request
 * that does not fit is answered with a problem.
 */
export function createApi(
  options: { readonly getPath?: (request: Request) => string } = {},
): OpenAPIHono {
  return new OpenAPIHono({
    ...options,
    defaultHook(result, c) {
      if (result.success) return;
      const prefix = result.target === 'json' ? undefined : result.target;
      return answerProblem(c, invalidRequest(faultsOf(result.error, prefix)));
    },
  });
}

/** Describes an answer in JSON, as part of the description of a route. */
export function json<T extends z.ZodType>(schema: T, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** Describes a request body in JSON, as part of the description of a route. */
export function jsonBody<T extends z.ZodType>(schema: T) {
  return { required: true, content: { 'application/json': { schema } } };
}

type ProblemAnswer = {
  readonly description: string;
  readonly content: { readonly [problemMediaType]: { readonly schema: typeof problemSchema } };
};

/** Describes answers that are problems, by status, as part of the description of a route. */
export function problems<S extends number>(
  descriptions: Readonly<Record<S, string>>,
): Record<S, ProblemAnswer> {
  const answers = Object.entries<string>(descriptions).map(([status, description]) => [
    status,
    { description, content: { [problemMediaType]: { schema: problemSchema } } },
  ]);
  // The type of `Object.fromEntries` does not keep the keys.
  return Object.fromEntries(answers) as Record<S, ProblemAnswer>;
}

/** The problems that every route behind the token check may answer with. */
const readProblems = problems({
  401: 'The token is missing, wrong or revoked',
  500: 'An internal error: see the log of the service',
  503: 'The database is not available',
});
/** The problems that every route for a command may answer with. */
const commandProblems = {
  ...readProblems,
  ...problems({
    403: '`read-only`: the token has the role `viewer`',
    413: 'The body is larger than 1 MiB',
  }),
};

export const invalidQuery = problems({ 400: 'The query is not valid: see `errors`' });
export const invalidBody = problems({ 400: 'The body is not valid: see `errors`' });

const security = [{ adminToken: [] }];

type Described<P> = Omit<RouteConfig, 'path' | 'method' | 'security'> & { readonly path: P };

/** Describes a route that reads. The request needs a valid token. */
export function adminGet<P extends string, R extends Described<P>>(route: R) {
  const responses = { ...route.responses, ...readProblems };
  return createRoute({ ...route, method: 'get', security, responses });
}

/** Describes a route for a command. The request needs a token with the role `operator`. */
export function adminPost<P extends string, R extends Described<P>>(route: R) {
  const responses = { ...route.responses, ...commandProblems };
  return createRoute({ ...route, method: 'post', security, responses });
}

/** Returns the OpenAPI 3.1 document of all routes in `routes`. */
export function openApiDocument(routes: OpenAPIHono): object {
  routes.openAPIRegistry.registerComponent('securitySchemes', 'adminToken', {
    type: 'http',
    scheme: 'bearer',
    description: 'ADMIN_TOKEN, or a token of `token add`',
  });
  return routes.getOpenAPI31Document({
    openapi: '3.1.1',
    info: {
      title: 'docspace-welcome',
      version,
      description:
        'Invites people to an ONLYOFFICE DocSpace portal, keeps the log, and welcomes each of them once. Times are RFC 3339 in UTC; errors are RFC 9457 problems; texts follow Accept-Language.',
      license: { name: 'MIT', url: 'https://spdx.org/licenses/MIT.html' },
    },
    servers: [{ url: '/' }],
  });
}
