import { z } from 'zod';
import type { Outcome } from '../domain/outcome.ts';
import type { PortalFault } from '../domain/reason.ts';
import { parseJson } from './json.ts';

/** The portal's answer to one request, before anything is decided from it. */
export type PortalAnswer =
  | {
      readonly kind: 'answered';
      /** The larger of the HTTP status and the envelope's `statusCode` (docs/docspace-wire.md 13.1). */
      readonly status: number;
      readonly body: AnswerBody;
      /** How long this client has to wait, in ms from now. Null for every status except 429 and 503. */
      readonly waitMs: number | null;
      /** The same wait before it is limited to `longestWaitMs`. */
      readonly askedWaitMs: number | null;
      /** How far the portal's clock is ahead of ours, in ms. Null if the answer has no `Date`. */
      readonly clockDifferenceMs: number | null;
      /** `X-RateLimit-Remaining`. Most answers have none (docs/docspace-wire.md 10). */
      readonly allowedUnits?: number | undefined;
      /** The daily limit, if this answer refuses a request because of it (docs/docspace-wire.md 10). */
      readonly dayLimit?: { readonly units: number; readonly endsInMs: number } | undefined;
    }
  /** There was no answer. `left`: whether the request may have reached the portal. */
  | { readonly kind: 'failed'; readonly left: boolean; readonly fault: PortalFault };

type Answered = Extract<PortalAnswer, { kind: 'answered' }>;

/** The body of an answer. Its form shows who sent it (docs/docspace-wire.md 2, 13.2 number 17). */
export type AnswerBody =
  /** The portal reports success. */
  | { readonly form: 'success'; readonly json: unknown }
  /** The action that was called reports a fault, for example that it does not know the person. */
  | { readonly form: 'error'; readonly type: string; readonly message: string }
  /** The portal says that the request is invalid. */
  | { readonly form: 'validation' }
  /** The portal starts no action, because it is suspended or being restored. */
  | { readonly form: 'problem' }
  | { readonly form: 'empty' }
  /** Something other than the portal's API answers, such as a proxy or a firewall. */
  | { readonly form: 'foreign' }
  /** The body was longer than `maxBodyBytes`, so it was not kept. */
  | { readonly form: 'not_kept' };

const errorEnvelope = z.object({
  error: z.object({ message: z.string().nullish(), type: z.string().nullish() }),
  status: z.number(),
  statusCode: z.int().min(100).max(599),
});
const successEnvelope = z.object({
  error: z.never().optional(),
  status: z.number(),
  statusCode: z.int().min(100).max(599),
});
const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  statusCode: z.never().optional(),
});

/**
 * Reads an answer of the portal.
 * @param text null if the body was too long to be kept
 * @param now UTC ms
 */
export function readAnswer(wire: {
  readonly status: number;
  readonly text: string | null;
  readonly retryAfter: string | undefined;
  readonly clockDifferenceMs: number | null;
  readonly allowedUnits?: number | undefined;
  /** `X-RateLimit-Limit`, if the header `X-RateLimit-Reset` shows that it is a daily limit. */
  readonly dayUnits?: number | undefined;
  readonly now: number;
}): Answered {
  const { body, statusCode } = readBody(wire.text, wire.status);
  const status = Math.max(wire.status, statusCode);
  const askedWaitMs = askedWaitOf(status, wire.retryAfter, wire.now);
  const isDayOver = status === 429 && wire.dayUnits !== undefined && askedWaitMs !== null;
  return {
    kind: 'answered',
    status,
    body,
    waitMs: askedWaitMs === null ? null : Math.min(askedWaitMs, longestWaitMs),
    askedWaitMs,
    clockDifferenceMs: wire.clockDifferenceMs,
    allowedUnits: wire.allowedUnits,
    dayLimit: isDayOver ? { units: wire.dayUnits, endsInMs: askedWaitMs } : undefined,
  };
}

function readBody(
  text: string | null,
  status: number,
): { readonly body: AnswerBody; readonly statusCode: number } {
  if (text === null) return { body: { form: 'not_kept' }, statusCode: 0 };
  if (text.trim() === '') return { body: { form: 'empty' }, statusCode: 0 };
  const json = parseJson(text);
  const error = errorEnvelope.safeParse(json).data;
  if (error) {
    const { type, message } = error.error;
    const body = { form: 'error', type: type ?? '', message: message ?? '' } as const;
    return { body, statusCode: error.statusCode };
  }
  const success = successEnvelope.safeParse(json).data;
  if (success) {
    const { statusCode } = success;
    // An invalid request is answered in the envelope of success (docs/docspace-wire.md 2.2).
    const isFault = Math.max(status, statusCode) >= 400 || success.status !== 0;
    return { body: isFault ? { form: 'validation' } : { form: 'success', json }, statusCode };
  }
  const form = problem.safeParse(json).success ? 'problem' : 'foreign';
  return { body: { form }, statusCode: 0 };
}

/** The result of a read. `trouble` says nothing about the person or the setting that was read. */
export type ReadResult<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'missing' }
  | { readonly kind: 'hidden' }
  | { readonly kind: 'trouble'; readonly fault: PortalFault; readonly waitMs: number | null };

/** Reads an answer. `schema` describes the whole answer, including its envelope. */
export type ReadWhole = <T>(
  path: string,
  schema: z.ZodType<T>,
  maxBodyBytes?: number,
) => Promise<ReadResult<T>>;

/** The result of changing the portal's settings. */
export type WriteResult<T> =
  | { readonly kind: 'ok'; readonly value: T }
  /** The portal refused. Trying again is pointless until somebody acts. */
  | { readonly kind: 'refused'; readonly fault: PortalFault }
  | { readonly kind: 'trouble'; readonly fault: PortalFault };

/** Returns the result of a read. `schema` describes the whole answer. */
export function readResultOf<T>(answer: PortalAnswer, schema: z.ZodType<T>): ReadResult<T> {
  if (answer.kind === 'failed') return troubleOf(answer);
  const { status, body } = answer;
  if (body.form === 'error' && status === 404) return { kind: 'missing' };
  if (body.form === 'error' && status === 403) return { kind: 'hidden' };
  if (status !== 200) return troubleOf(answer);
  const read = body.form === 'success' ? schema.safeParse(body.json) : null;
  if (read?.success) return { kind: 'ok', value: read.data };
  return { kind: 'trouble', fault: { code: 'portal_answer_unreadable' }, waitMs: null };
}

/** Returns the result of a read without a usable answer. */
function troubleOf(answer: PortalAnswer): Extract<ReadResult<never>, { kind: 'trouble' }> {
  const waitMs = answer.kind === 'answered' ? answer.waitMs : null;
  return { kind: 'trouble', fault: faultOf(answer), waitMs };
}

/** Returns the result of a write that did not succeed. */
export function failedWrite(answer: PortalAnswer): Exclude<WriteResult<never>, { kind: 'ok' }> {
  const fault = faultOf(answer);
  if (answer.kind === 'failed' || beforeAction(answer)) return { kind: 'trouble', fault };
  // A 500 of the form `error` is a refusal too: the portal cannot reach the webhook's address
  // (docs/docspace-wire.md 7.1).
  const isRefused = answer.status < 500 || answer.body.form === 'error';
  return { kind: isRefused ? 'refused' : 'trouble', fault };
}

/** The value of `streak` for refusals that concern everybody. Three in a row pause the channel. */
const everybody = 'portal';

/**
 * Returns the outcome of `POST portal/sendcongratulations` (docs/design.md#what-an-answer-means,
 * docs/docspace-wire.md 6.3). The outcome never contains the body of the answer, because the body
 * contains the Key.
 */
export function outcomeOf(answer: PortalAnswer): Outcome {
  const reason = faultOf(answer);
  if (answer.kind === 'failed') {
    return answer.left ? { kind: 'unknown', reason } : { kind: 'not_sent', reason, waitMs: null };
  }
  const { status, body } = answer;
  if (status === 200) {
    return body.form === 'success'
      ? { kind: 'sent', reason: { code: 'portal_accepted' } }
      : // The body does not report success, so it is unknown whether the welcome was sent.
        { kind: 'unknown', reason: { code: 'portal_answer_unreadable' } };
  }
  if (beforeAction(answer)) return { kind: 'not_sent', reason, waitMs: answer.waitMs };
  if (body.form === 'error' && (status === 400 || status === 404)) {
    return { kind: 'refused', streak: null, reason: { code: 'portal_refused', status } };
  }
  if (body.form === 'error' && status === 403) {
    return { kind: 'refused', streak: everybody, reason: { code: 'portal_rejects_key' } };
  }
  if (status >= 300 && status < 500) return { kind: 'refused', streak: everybody, reason };
  return { kind: 'unknown', reason };
}

/** Whether the portal did not start the action, so that the request can safely be repeated. */
export function beforeAction(answer: Answered): boolean {
  const { status, body } = answer;
  if ([408, 421, 425, 429, 503].includes(status)) return true;
  return isLimiterDown(status, body);
}

/**
 * Whether the portal cannot reach Redis, where it counts requests. Then every request ends in this
 * error before its action (docs/docspace-wire.md 13.2 number 33).
 */
function isLimiterDown(status: number, body: AnswerBody): boolean {
  if (status !== 500 || body.form !== 'error') return false;
  const isRedis = body.type.startsWith('StackExchange.Redis.');
  return isRedis && /\bEVAL(SHA)?\b|no connection/i.test(body.message);
}

/**
 * Whether it makes sense to repeat a read soon: the request was not held back and got no answer, or the
 * answer reports a temporary fault and does not ask to wait.
 */
export function isWorthRepeating(answer: PortalAnswer): boolean {
  if (answer.kind === 'failed') return answer.fault.code !== 'portal_rate_limited';
  if (answer.waitMs !== null) return false;
  return answer.status >= 500 || beforeAction(answer);
}

/** Returns what is wrong with an answer that does not report success. */
export function faultOf(answer: PortalAnswer): PortalFault {
  if (answer.kind === 'failed') return answer.fault;
  const { status, body } = answer;
  if (status === 429 || status === 503) return { code: 'portal_asks_to_wait', status };
  if (isLimiterDown(status, body)) return { code: 'portal_limiter_down' };
  if (status >= 300 && status < 400) return { code: 'portal_redirects', status };
  if (status >= 400 && body.form === 'foreign') return { code: 'proxy_answered', status };
  switch (status) {
    case 401:
      return { code: 'portal_rejects_credentials' };
    case 402:
      return { code: 'portal_not_paid' };
    case 403:
      return forbiddenBy(body);
    case 404:
      return body.form === 'problem'
        ? { code: 'portal_closed', status }
        : { code: 'portal_not_found' };
    default:
      return { code: 'portal_answered', status };
  }
}

function forbiddenBy(body: AnswerBody): PortalFault {
  switch (body.form) {
    case 'empty':
      return { code: 'portal_permission_missing' };
    case 'problem':
      return { code: 'portal_closed', status: 403 };
    default:
      return { code: 'portal_forbids' };
  }
}

/** The wait if `Retry-After` is missing, as in most answers with 429 (docs/docspace-wire.md 10). */
const defaultWaitMs = 60_000;
/** The longest wait. A wrong header must not stop the service for days. */
export const longestWaitMs = 3_600_000;
/**
 * The longest wait that is shown. No limit lasts longer than a day (docs/docspace-wire.md 10). The
 * second day is a margin.
 */
const longestShownMs = 48 * 3_600_000;

/**
 * Returns how long a portal that answered `status` asks to wait: `Retry-After` in seconds or as a date
 * (RFC 9110, 10.2.3), or a minute if that header is absent, malformed, 0, or in the past.
 * @param now UTC ms
 * @returns ms, at most two days; null for every status except 429 and 503
 */
function askedWaitOf(status: number, retryAfter: string | undefined, now: number): number | null {
  if (status !== 429 && status !== 503) return null;
  const text = retryAfter?.trim() ?? '';
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(waitMs) && waitMs > 0 ? Math.min(waitMs, longestShownMs) : defaultWaitMs;
}
