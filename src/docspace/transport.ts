import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';
import { type Dispatcher, EnvHttpProxyAgent, errors } from 'undici';
import type { Clock } from '../clock.ts';
import type { PortalFault } from '../domain/reason.ts';
import { type PortalAnswer, readAnswer } from './classify.ts';

export type PortalRequest = {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** The path below `/api/2.0/`, with its query. */
  readonly path: string;
  readonly body?: unknown;
  /** True to send no credential, for example to `sendcongratulations` (docs/docspace-wire.md 6.3). */
  readonly anonymous?: boolean;
  /** A longer answer counts as a fault, unless `skipsLongBody` is true. */
  readonly maxBodyBytes?: number;
  /** True if a longer answer is read to its end without keeping its body. */
  readonly skipsLongBody?: boolean;
  /** The number of addresses that this request invites. */
  readonly addresses?: number;
  /** How much longer than usual the portal may take for this request. */
  readonly extraTimeMs?: number;
};

/** One request to the portal, for the metrics. It contains no personal data. */
export type PortalCall = {
  readonly method: string;
  /** The path as a pattern, such as `portal/users/{id}`. */
  readonly route: string;
  /** Null if no answer came. */
  readonly status: number | null;
  readonly tookMs: number;
};

export type Transport = {
  readonly exchange: (request: PortalRequest) => Promise<PortalAnswer>;
  /** Ends all requests that are in progress. */
  readonly close: () => Promise<void>;
};

/** The default of `maxBodyBytes`: enough for one person, or for an error with its stack trace. */
const usualBodyBytes = 1024 * 1024;

/**
 * Creates one keep-alive pool of connections to the portal. The environment variables `HTTPS_PROXY`,
 * `HTTP_PROXY` and `NO_PROXY` set its proxy. Faults of the network or the portal are returned, never
 * thrown.
 * @param connections how many requests may run at the same time (`DOCSPACE_CONCURRENCY`)
 * @param onCall called after every request
 */
export function createTransport(options: {
  readonly origin: string;
  readonly apiKey: string;
  readonly connections: number;
  readonly timeoutMs: number;
  readonly clock: Pick<Clock, 'now'>;
  readonly onCall?: ((call: PortalCall) => void) | undefined;
}): Transport {
  const { clock, origin, timeoutMs } = options;
  const agent = new EnvHttpProxyAgent({
    connections: options.connections,
    pipelining: 1,
    connect: { timeout: Math.min(5_000, timeoutMs) },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  const authorization = credential(options.apiKey);

  async function exchange(request: PortalRequest): Promise<PortalAnswer> {
    // `performance.now` is monotonic. The system's clock may be set during the request.
    const startedAt = performance.now();
    const answer = await send(request);
    options.onCall?.({
      method: request.method,
      route: routeOf(request.path),
      status: answer.kind === 'answered' ? answer.status : null,
      tookMs: performance.now() - startedAt,
    });
    return answer;
  }

  /** Sends a request by `dispatch`, because this method tells when the request gets a connection. */
  function send(request: PortalRequest): Promise<PortalAnswer> {
    const { method, path, body } = request;
    const silenceMs = timeoutMs + (request.extraTimeMs ?? 0);
    const headers: Record<string, string> = { accept: 'application/json' };
    if (!request.anonymous) headers['authorization'] = authorization;
    if (body !== undefined) headers['content-type'] = 'application/json';
    return new Promise((resolve) => {
      const json = body === undefined ? null : JSON.stringify(body);
      const handler = createReader({
        host: new URL(origin).hostname,
        maxBodyBytes: request.maxBodyBytes ?? usualBodyBytes,
        skipsLongBody: request.skipsLongBody ?? false,
        totalMs: timeoutMs + silenceMs,
        now: clock.now,
        done: resolve,
      });
      agent.dispatch(
        {
          origin,
          method,
          path: `/api/2.0/${path}`,
          headers,
          body: json,
          headersTimeout: silenceMs,
          bodyTimeout: silenceMs,
        },
        handler,
      );
    });
  }

  return { exchange, close: () => agent.destroy(null) };
}

/** Reads one answer and calls `done` exactly once. */
function createReader(options: {
  readonly host: string;
  readonly maxBodyBytes: number;
  readonly skipsLongBody: boolean;
  readonly totalMs: number;
  readonly now: () => number;
  readonly done: (answer: PortalAnswer) => void;
}): Dispatcher.DispatchHandler {
  const { maxBodyBytes, skipsLongBody, now, done } = options;
  let left = false;
  let sentAt = now();
  let deadline: NodeJS.Timeout | undefined;
  let status = 0;
  let encodings: readonly string[] = [];
  let retryAfter: string | undefined;
  let clockDifferenceMs: number | null = null;
  let allowedUnits: number | undefined;
  let dayUnits: number | undefined;
  let size = 0;
  let chunks: Buffer[] = [];

  const fail = (error: unknown) =>
    done({ kind: 'failed', left, fault: faultOfFailure({ error, left, host: options.host }) });
  const answer = (text: string | null) =>
    done(
      readAnswer({
        status,
        text,
        retryAfter,
        clockDifferenceMs,
        allowedUnits,
        dayUnits,
        now: now(),
      }),
    );

  return {
    onRequestStart(controller) {
      left = true;
      sentAt = now();
      // The pool calls this function again if it sends the request a second time.
      clearTimeout(deadline);
      // The time-outs of the pool end a request only if nothing arrives for a while. This timer also
      // ends an answer that arrives very slowly.
      deadline = setTimeout(() => controller.abort(slowAnswer), options.totalMs).unref();
    },
    onResponseStart(_, statusCode, headers) {
      status = statusCode;
      retryAfter = first(headers['retry-after']);
      allowedUnits = countOf(first(headers['x-ratelimit-remaining']));
      const isOfDay = headers['x-ratelimit-reset'] !== undefined;
      dayUnits = isOfDay ? countOf(first(headers['x-ratelimit-limit'])) : undefined;
      encodings = encodingsOf(first(headers['content-encoding']));
      clockDifferenceMs = differenceOf(first(headers['date']), (sentAt + now()) / 2);
    },
    onResponseData(controller, chunk) {
      size += chunk.byteLength;
      if (size <= maxBodyBytes) chunks.push(chunk);
      else if (skipsLongBody) chunks = [];
      else controller.abort(largeAnswer);
    },
    onResponseEnd() {
      clearTimeout(deadline);
      if (size > maxBodyBytes) return answer(null);
      const body = Buffer.concat(chunks);
      if (encodings.length === 0) return answer(body.toString('utf8'));
      decode(body, encodings, maxBodyBytes).then(
        (decoded) => answer(decoded.toString('utf8')),
        (error: unknown) => {
          if (!isTooLarge(error)) answer(undecodable);
          else if (skipsLongBody) answer(null);
          else fail(error);
        },
      );
    },
    onResponseError(_, error) {
      clearTimeout(deadline);
      fail(error);
    },
  };
}

/** Replaces a body that cannot be decoded. This text is not JSON, so it counts as `foreign`. */
const undecodable = '(undecodable)';

/** @returns the encodings in the order in which they were applied */
function encodingsOf(header: string | undefined): string[] {
  const names = (header ?? '').toLowerCase().split(',');
  return names.map((name) => name.trim()).filter((name) => name !== '' && name !== 'identity');
}

/** Decodes a body. A proxy may compress an answer although this client did not ask for it. */
async function decode(
  body: Buffer,
  encodings: readonly string[],
  maxOutputLength: number,
): Promise<Buffer> {
  let decoded = body;
  for (const encoding of [...encodings].reverse()) {
    decoded = await decodeOne(decoded, encoding, { maxOutputLength });
  }
  return decoded;
}

function decodeOne(body: Buffer, encoding: string, limits: { maxOutputLength: number }) {
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return promisify(gunzip)(body, limits);
    case 'br':
      return promisify(brotliDecompress)(body, limits);
    case 'deflate':
      // Some servers send deflate without the zlib header that RFC 9110, 8.4.1.2, requires.
      return promisify(((body[0] ?? 0) & 0x0f) === 8 ? inflate : inflateRaw)(body, limits);
    default:
      return Promise.reject(new Error(`the content encoding ${encoding} is not known`));
  }
}

/**
 * Returns how far the portal's clock is ahead of ours, in ms. `Date` has whole seconds only (RFC 9110,
 * 5.6.7). Half a second is added, because on average that much is cut off.
 */
function differenceOf(date: string | undefined, ourTime: number): number | null {
  const at = Date.parse(date ?? '');
  return Number.isNaN(at) ? null : Math.round(at + 500 - ourTime);
}

/** An API key is sent as `Bearer`. Any other token is sent unchanged (docs/docspace-wire.md 1.1). */
function credential(apiKey: string): string {
  return apiKey.startsWith('sk-') ? `Bearer ${apiKey}` : apiKey;
}

const routes: readonly (readonly [RegExp, string])[] = [
  [/^portal\/users\/invite\/[^/]+$/, 'portal/users/invite/{employeeType}'],
  [/^portal\/users\/[^/]+$/, 'portal/users/{id}'],
  [/^people\/(?:email|filter|invite|@self)$/, '$&'],
  [/^people\/[^/]+$/, 'people/{id}'],
];

/** The pattern of a path, without query and ids, so that metrics have only few different values. */
function routeOf(path: string): string {
  const [plain = ''] = path.split('?');
  const match = routes.find(([pattern]) => pattern.test(plain));
  return match ? plain.replace(match[0], match[1]) : plain;
}

const largeAnswer = new Error('the answer is too large');
const slowAnswer = new Error('the answer took too long');

/**
 * Returns the reason why the answer cannot be used, or did not come.
 * @param left whether the request may have reached the portal. If the failure came before there was
 *   a connection (TLS and proxy included), the request did not reach it.
 */
function faultOfFailure(options: {
  readonly error: unknown;
  readonly left: boolean;
  readonly host: string;
}): PortalFault {
  const { error, left, host } = options;
  if (error === largeAnswer || isTooLarge(error)) return { code: 'portal_answer_too_large' };
  const isLate =
    error === slowAnswer ||
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError;
  if (isLate) return { code: 'portal_timed_out' };
  const cause = causeOf(error);
  if (left) return { code: 'portal_connection_lost', cause };
  if (/^(ENOTFOUND|EAI_|ENODATA)/.test(cause)) return { code: 'portal_name_unknown', host, cause };
  if (/CERT|SIGNATURE|ALTNAME|ISSUER/.test(cause)) {
    return { code: 'portal_certificate_untrusted', host, cause };
  }
  return { code: 'portal_unreachable', cause };
}

function causeOf(error: unknown): string {
  const proxy = /Proxy response \((\d+)\)/.exec(error instanceof Error ? error.message : '');
  if (proxy) return `the proxy answered ${proxy[1]}`;
  const [code] = codesOf(error);
  return code ?? (error instanceof Error ? error.message : 'unknown error');
}

/** The codes of an error, of its causes, and of the errors of all addresses that were tried. */
function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const own = 'code' in error && typeof error.code === 'string' ? [error.code] : [];
  const gathered = error instanceof AggregateError ? error.errors.flatMap(codesOf) : [];
  return [...own, ...gathered, ...codesOf(error.cause)];
}

function isTooLarge(error: unknown): boolean {
  return codesOf(error).includes('ERR_BUFFER_TOO_LARGE');
}

function countOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,9}$/.test(header) ? Number(header) : undefined;
}

function first(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
