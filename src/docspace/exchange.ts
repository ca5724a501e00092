import { buildConnector, errors, Pool } from 'undici';
import type { Clock } from '../clock.ts';
import { askedWaitOf, type Exchange, waitOf } from './answer.ts';
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
  const pool = new Pool(options.origin, {
    connections: options.connections,
    pipelining: 1,
    connect: markingConnector(Math.min(5_000, options.timeoutMs)),
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.timeoutMs,
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

  async function ask(request: PortalRequest): Promise<Exchange> {
    try {
      const answer = await pool.request({
        method: request.method,
        path: `/api/2.0/${request.path}`,
        headers: {
          accept: 'application/json',
          ...(request.anonymous ? {} : { authorization }),
          ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: request.body === undefined ? null : JSON.stringify(request.body),
        // The time-outs above are for silence; this one is for an answer that drips for ever.
        signal: AbortSignal.timeout(2 * options.timeoutMs),
      });
      const body = request.dropsBody ? await readPast(answer.body) : await readBounded(answer.body);
      const retryAfter = first(answer.headers['retry-after']);
      return {
        kind: 'answered',
        status: answer.statusCode,
        waitMs: waitOf(answer.statusCode, retryAfter, options.clock.now()),
        askedWaitMs: askedWaitOf(answer.statusCode, retryAfter, options.clock.now()),
        body,
      };
    } catch (error) {
      return failure(error);
    }
  }

  return { exchange, close: () => pool.destroy() };
}

/** A key goes as `Bearer`, another token as it is (wire 1.1: a raw `sk-…` is answered 401). */
export function credential(apiKey: string): string {
  return apiKey.startsWith('sk-') ? `Bearer ${apiKey}` : apiKey;
}

async function readPast(body: AsyncIterable<Uint8Array>): Promise<string> {
  for await (const _chunk of body);
  return '';
}

async function readBounded(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > longestBodyBytes) throw endlessBody;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const endlessBody = new Error('the portal answered with an endless body');

/** Errors of a connection that never came about: nothing was sent through it. */
const neverConnected = new WeakSet<Error>();

/** Connects as undici does, and notes which errors fell before there was a connection. */
function markingConnector(timeoutMs: number): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMs });
  return (options, callback) =>
    connect(options, (...[error, socket]: buildConnector.CallbackArgs) => {
      if (error) neverConnected.add(error);
      if (error) callback(error, null);
      else callback(null, socket);
    });
}

/**
 * Whether the request may have left decides between `not_sent` and `unknown`: only what fell before
 * there was a connection, TLS included, counts as not left; everything else is doubt.
 */
export function failure(error: unknown): Extract<Exchange, { kind: 'failed' }> {
  const left = !(error instanceof Error && neverConnected.has(error));
  return { kind: 'failed', left, detail: describe(left, error) };
}

function describe(left: boolean, error: unknown): string {
  if (error === endlessBody) return endlessBody.message;
  const isLate =
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError ||
    (error instanceof Error && error.name === 'TimeoutError');
  if (isLate) return 'the portal did not answer in time';
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
