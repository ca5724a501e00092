import { errors, Pool } from 'undici';
import type { Clock } from '../clock.ts';
import { type Exchange, waitOf } from './answer.ts';

export type PortalRequest = {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Below `/api/2.0/`, with its query. */
  readonly path: string;
  readonly body?: unknown;
  /** `sendcongratulations` is best called without a credential (wire 6.3). */
  readonly anonymous?: boolean;
  readonly signal?: AbortSignal;
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
}): Transport {
  const pool = new Pool(options.origin, {
    connections: options.connections,
    pipelining: 1,
    connect: { timeout: Math.min(5_000, options.timeoutMs) },
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.timeoutMs,
  });
  const authorization = credential(options.apiKey);

  async function exchange(request: PortalRequest): Promise<Exchange> {
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
        signal: request.signal ?? null,
      });
      const body = await readBounded(answer.body);
      return {
        kind: 'answered',
        status: answer.statusCode,
        waitMs: waitOf(
          answer.statusCode,
          first(answer.headers['retry-after']),
          options.clock.now(),
        ),
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

async function readBounded(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > longestBodyBytes) throw new Error('the portal answered with an endless body');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * Whether the request may have left decides between `not_sent` and `unknown`. Only what can fail
 * nowhere but before the first byte counts as not left; everything else is doubt.
 */
const neverLeft = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
]);

function failure(error: unknown): Exchange {
  const codes = codesOf(error);
  const code = codes.find((one) => neverLeft.has(one)) ?? codes[0];
  const left = !codes.some((one) => neverLeft.has(one));
  return { kind: 'failed', left, detail: describe(code, left, error) };
}

function describe(code: string | undefined, left: boolean, error: unknown): string {
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError) {
    return 'the portal did not answer in time';
  }
  const name = code ?? (error instanceof Error ? error.name : 'unknown error');
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
