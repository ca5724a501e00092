import { type Dispatcher, errors, Pool } from 'undici';
import type { Clock } from '../clock.ts';
import { askedWaitOf, type Exchange, waitOf } from './classify.ts';
import { type PortalCall, routeOf } from './portal-call.ts';

export type PortalRequest = {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Below `/api/2.0/`, with its query. */
  readonly path: string;
  readonly body?: unknown;
  /** `sendcongratulations` is best called without a credential (wire 6.3). */
  readonly anonymous?: boolean;
  /** The answer's body is of no interest, and may be long: it is read past, not kept. */
  readonly dropsBody?: boolean;
};

export type Transport = {
  readonly exchange: (request: PortalRequest) => Promise<Exchange>;
  /** Cuts what is under way. */
  readonly close: () => Promise<void>;
};

/** A portal's page of 100 people is about 150 kB; more than this is not a portal. */
const longestBodyBytes = 16 * 1024 * 1024;

/**
 * One keep-alive pool towards the portal. Never throws for what the network or the portal does: that
 * is a value, an `Exchange`.
 * @param connections requests at a time (`DOCSPACE_CONCURRENCY`)
 */
export function createTransport(options: {
  readonly origin: string;
  readonly apiKey: string;
  readonly connections: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Told of every call when it is over. */
  readonly onCall?: ((call: PortalCall) => void) | undefined;
}): Transport {
  const { clock, timeoutMs } = options;
  const pool = new Pool(options.origin, {
    connections: options.connections,
    pipelining: 1,
    connect: { timeout: Math.min(5_000, timeoutMs) },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  const authorization = credential(options.apiKey);

  async function exchange(request: PortalRequest): Promise<Exchange> {
    // A duration is measured with the clock that nobody sets.
    const beganAt = performance.now();
    const answer = await ask(request);
    options.onCall?.({
      method: request.method,
      route: routeOf(request.path),
      status: answer.kind === 'answered' ? answer.status : null,
      tookMs: performance.now() - beganAt,
    });
    return answer;
  }

  /**
   * By `dispatch`, which tells when a request leaves: what only waited for a connection never did.
   * Without the streams and signals of `request`, two calls take 0.53 of the processor's time.
   */
  function ask({ method, path, body, anonymous, dropsBody }: PortalRequest): Promise<Exchange> {
    const headers: Record<string, string> = { accept: 'application/json' };
    if (!anonymous) headers['authorization'] = authorization;
    if (body !== undefined) headers['content-type'] = 'application/json';
    return new Promise((resolve) => {
      pool.dispatch(
        {
          method,
          path: `/api/2.0/${path}`,
          headers,
          body: body === undefined ? null : JSON.stringify(body),
        },
        createReader({
          keepsBody: !dropsBody,
          longestMs: 2 * timeoutMs,
          now: clock.now,
          done: resolve,
        }),
      );
    });
  }

  return { exchange, close: () => pool.destroy() };
}

/** Reads one answer, and calls `done` once, whatever comes of it. */
function createReader(given: {
  readonly keepsBody: boolean;
  readonly longestMs: number;
  readonly now: () => number;
  readonly done: (exchange: Exchange) => void;
}): Dispatcher.DispatchHandler {
  const { keepsBody, longestMs, now, done } = given;
  let left = false;
  let late: NodeJS.Timeout | undefined;
  let status = 0;
  let retryAfter: string | undefined;
  let size = 0;
  const chunks: Buffer[] = [];
  return {
    onRequestStart(controller) {
      left = true;
      // Called again should the pool send the request anew.
      clearTimeout(late);
      // The pool's own time-outs are for silence; this one is for an answer that drips for ever.
      late = setTimeout(() => controller.abort(drippingAnswer), longestMs).unref();
    },
    onResponseStart(_, statusCode, headers) {
      status = statusCode;
      retryAfter = first(headers['retry-after']);
    },
    onResponseData(controller, chunk) {
      if (!keepsBody) return;
      size += chunk.byteLength;
      if (size > longestBodyBytes) controller.abort(endlessBody);
      else chunks.push(chunk);
    },
    onResponseEnd() {
      clearTimeout(late);
      done({
        kind: 'answered',
        status,
        waitMs: waitOf(status, retryAfter, now()),
        askedWaitMs: askedWaitOf(status, retryAfter, now()),
        body: Buffer.concat(chunks).toString('utf8'),
      });
    },
    onResponseError(_, error) {
      clearTimeout(late);
      done({ kind: 'failed', left, detail: describeFailure(error, left) });
    },
  };
}

/** A key goes as `Bearer`, another token as it is (wire 1.1: a raw `sk-…` is answered 401). */
export function credential(apiKey: string): string {
  return apiKey.startsWith('sk-') ? `Bearer ${apiKey}` : apiKey;
}

const endlessBody = new Error('the portal answered with an endless body');
const drippingAnswer = new Error('the portal did not answer in time');

/**
 * Why nothing was answered, in a sentence.
 * @param left whether the request may have reached the portal: that decides between `not_sent` and
 *   `unknown`. What fell before there was a connection, TLS included, did not leave.
 */
export function describeFailure(error: unknown, left: boolean): string {
  if (error === endlessBody) return endlessBody.message;
  const isLate =
    error === drippingAnswer ||
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError;
  if (isLate) return drippingAnswer.message;
  const name = codesOf(error)[0] ?? (error instanceof Error ? error.name : 'unknown error');
  return left
    ? `the connection to the portal broke before its answer (${name})`
    : `the portal cannot be reached (${name})`;
}

/** The codes of an error, of its causes and of the errors it gathers (several addresses tried). */
function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const own = 'code' in error && typeof error.code === 'string' ? [error.code] : [];
  const gathered = error instanceof AggregateError ? error.errors.flatMap(codesOf) : [];
  return [...own, ...gathered, ...codesOf(error.cause)];
}

function first(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
