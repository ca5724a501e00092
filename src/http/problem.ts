import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { z } from 'zod';
import type { Log } from '../log.ts';
import { StoreUnavailable } from '../store/store.ts';

/** A fault of the input: where it is (`email`, `3.email`, `query.limit`) and what it should be. */
export type Fault = { readonly path: string; readonly message: string };

/** RFC 9457. `type` is stable: programs may switch on it. */
export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly Fault[];
  /** The invitation that the problem is about, where there is one. */
  readonly invitation?: string;
  /** Seconds, when the portal asked to be left alone for so long. */
  readonly retryAfter?: number;
};

const titles = {
  'invalid-request': [400, 'The request is not valid'],
  unauthorized: [401, 'The admin token is missing or wrong'],
  'not-found': [404, 'There is no such thing'],
  conflict: [409, 'This is not possible now'],
  'too-large': [413, 'The request is too large'],
  'portal-refused': [422, 'The portal refused'],
  'key-reused': [422, 'The Idempotency-Key belongs to another request'],
  internal: [500, 'Something went wrong here'],
  'portal-unavailable': [502, 'The portal cannot be asked now'],
  'store-unavailable': [503, 'The database cannot be used now'],
} as const satisfies Record<string, readonly [number, string]>;
export type ProblemKind = keyof typeof titles;

export function problem(
  kind: ProblemKind,
  detail: string,
  more: Pick<Problem, 'errors' | 'invitation' | 'retryAfter'> = {},
): Problem {
  const [status, title] = titles[kind];
  return { type: `urn:docspace-welcome:${kind}`, title, status, detail, ...more };
}

/** Answers with a problem. Every status in `titles` allows a body. */
export function answerProblem(
  c: Context,
  given: Problem,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return c.body(JSON.stringify(given), given.status as ContentfulStatusCode, {
    'content-type': 'application/problem+json',
    ...headers,
  });
}

export function invalidRequest(faults: readonly Fault[]): Problem {
  const count = faults.length === 1 ? 'One thing is' : `${faults.length} things are`;
  return problem('invalid-request', `${count} not as expected: see errors`, { errors: faults });
}

/** @param prefix what the paths are under: `query`, or nothing for the body */
export function faultsOf(error: z.ZodError, prefix?: string): Fault[] {
  return error.issues.flatMap((issue) => {
    // An unknown key is a fault at that key, not at the object that holds it.
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [null];
    return keys.map((key) => {
      const path = [prefix, ...issue.path, key].filter((part) => part != null && part !== '');
      return {
        path: path.map(String).join('.'),
        message: key === null ? issue.message : 'is not known here',
      };
    });
  });
}

/** The one place that turns what was thrown into an answer: no stack, no SQL, no secret. */
export function answerError(error: unknown, c: Context, log: Log): Response {
  if (error instanceof HTTPException) return answerHttpException(error, c);
  if (error instanceof StoreUnavailable) {
    log.error({ err: error, path: c.req.routePath }, 'the database cannot be used');
    const detail = `${error.message}: nothing was changed, try again`;
    return answerProblem(c, problem('store-unavailable', detail), { 'retry-after': '5' });
  }
  log.error({ err: error, method: c.req.method, path: c.req.routePath }, 'a request failed');
  return answerProblem(c, problem('internal', 'The log of the service says what happened'));
}

/** Thrown by Hono's own middleware, such as its body limit. */
function answerHttpException(error: HTTPException, c: Context): Response {
  if (error.status === 413) return answerTooLarge(c);
  return answerProblem(
    c,
    problem('invalid-request', error.message || 'The request cannot be read'),
  );
}

/**
 * The rest of the body is not read, so the connection cannot serve another request: without
 * `Connection: close` a keep-alive client would send its next one into a closing socket.
 */
export function answerTooLarge(c: Context): Response {
  const detail = 'A request may hold 1 MiB at most';
  return answerProblem(c, problem('too-large', detail), { connection: 'close' });
}
