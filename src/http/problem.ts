import type { Context, TypedResponse } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { z } from 'zod';
import type { Log } from '../log.ts';
import { StoreUnavailable } from '../store/store.ts';

/** A fault of the input: where it is (`email`, `3.email`, `query.limit`) and what is wrong there. */
export type Fault = { readonly path: string; readonly message: string };

/** A problem (RFC 9457). `type` is stable: programs may switch on it. */
export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly Fault[];
  /** The id of the invitation that the problem is about. */
  readonly invitation?: string;
  /** How many seconds the portal asked to wait. */
  readonly retryAfter?: number;
};

export const problemKinds = {
  'invalid-request': [400, 'Invalid request'],
  unauthorized: [401, 'The token is missing or wrong'],
  'signature-wrong': [401, 'The signature is missing or wrong'],
  'read-only': [403, 'This token may only read'],
  'not-found': [404, 'Not found'],
  'method-not-allowed': [405, 'Method not allowed'],
  'name-in-use': [409, 'The name is in use'],
  conflict: [409, 'Not possible now'],
  'events-off': [409, 'Events are off'],
  'request-under-way': [409, 'The first request with this Idempotency-Key is still under way'],
  'too-large': [413, 'The request is too large'],
  'unknown-host': [421, 'This service does not answer for this host name'],
  'portal-refused': [422, 'The portal refused the request'],
  mail_not_configured: [422, 'No mail server is set up'],
  'key-reused': [422, 'The Idempotency-Key belongs to another request'],
  internal: [500, 'Internal error'],
  'portal-unavailable': [502, 'The portal is not available'],
  'store-unavailable': [503, 'The database is not available'],
  busy: [503, 'The service cannot take this request now'],
} as const satisfies Record<string, readonly [number, string]>;
export type ProblemKind = keyof typeof problemKinds;

/** The start of every problem's `type`; a kind or the code of a reason follows. */
export const problemTypePrefix = 'urn:docspace-welcome:';

/** @param more `code`: a more exact cause than the kind; `type` then ends with this code */
export function problem(
  kind: ProblemKind,
  detail: string,
  more: Pick<Problem, 'errors' | 'invitation' | 'retryAfter'> & { readonly code?: string } = {},
): Problem {
  const [status, title] = problemKinds[kind];
  const { code = kind, ...fields } = more;
  return { type: `${problemTypePrefix}${code}`, title, status, detail, ...fields };
}

/**
 * An answer with any status and body. @hono/zod-openapi wants the answers of a route typed by status,
 * but the status of a problem is known only at run time. Instead, the tests compare every answer with
 * the OpenAPI document.
 */
// biome-ignore lint/suspicious/noExplicitAny: see above
type AnyAnswer = Response & TypedResponse<any, any, any>;

/** Answers with a problem. Every status in `problemKinds` allows a body. */
export function answerProblem(
  c: Context,
  given: Problem,
  headers: Readonly<Record<string, string>> = {},
): AnyAnswer {
  const response = c.body(JSON.stringify(given), given.status as ContentfulStatusCode, {
    'content-type': problemMediaType,
    ...headers,
  });
  return response as AnyAnswer;
}

export const problemMediaType = 'application/problem+json';

export function invalidRequest(faults: readonly Fault[]): Problem {
  const fields = faults.length === 1 ? '1 invalid field' : `${faults.length} invalid fields`;
  return problem('invalid-request', `The request has ${fields}; see errors`, { errors: faults });
}

/** @param prefix comes before each path: `query` or `header`; for the body there is none */
export function faultsOf(error: Pick<z.ZodError, 'issues'>, prefix?: string): Fault[] {
  return error.issues.flatMap(issuesOfBranch).flatMap((issue) => {
    // An unknown key is a fault at that key, not at the object that contains it.
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [null];
    return keys.map((key) => {
      const path = [prefix, ...issue.path, key].filter((part) => part != null && part !== '');
      return {
        path: path.map(String).join('.'),
        message: key === null ? issue.message : 'is not known',
      };
    });
  });
}

type Issue = z.ZodError['issues'][number];

/** If the input may have one of several forms, returns the faults of the form that it has. */
function issuesOfBranch(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const isOtherForm = (one: Issue) => one.code === 'invalid_type' && one.path.length === 0;
  const branch = issue.errors.find((issues) => !issues.some(isOtherForm));
  if (!branch) return [issue];
  return branch.map((one) => ({ ...one, path: [...issue.path, ...one.path] }));
}

/** Turns every thrown error into an answer without a stack, SQL or a secret. */
export function answerError(error: unknown, c: Context, log: Log): Response {
  if (error instanceof HTTPException) return answerHttpException(error, c);
  if (error instanceof StoreUnavailable) {
    log.error({ err: error, path: c.req.routePath }, 'the database cannot be used');
    const detail = `${error.message}: nothing was changed, try again`;
    return answerProblem(c, problem('store-unavailable', detail), { 'retry-after': '5' });
  }
  log.error({ err: error, method: c.req.method, path: c.req.routePath }, 'a request failed');
  return answerProblem(c, problem('internal', 'See the log of the service'));
}

/** Answers an exception of Hono's own middleware, such as its reader of JSON. */
function answerHttpException(error: HTTPException, c: Context): Response {
  if (error.status === 413) return answerTooLarge(c);
  const message = error.message || 'cannot be read';
  return answerProblem(c, invalidRequest([{ path: '', message }]));
}

/**
 * Answers 413. The rest of the body is not read, so the connection cannot serve another request. Without
 * `Connection: close`, a client would send its next request into a closing socket.
 */
export function answerTooLarge(c: Context): Response {
  const detail = 'A request may hold at most 1 MiB';
  return answerProblem(c, problem('too-large', detail), { connection: 'close' });
}
