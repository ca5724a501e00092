import type { Outcome } from '../domain/outcome.ts';
import { keyAdvice } from './signed-key.ts';

/** What a call of the portal came to, before anybody decides on it. */
export type Exchange =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** How long the portal asks to be left alone, in ms from now: only with 429 and 503. */
      readonly waitMs: number | null;
      /** The same, where it is longer than this client believes. */
      readonly askedWaitMs?: number | null;
      readonly body: string;
    }
  /** Nothing was answered. `left`: whether the request may have reached the portal. */
  | { readonly kind: 'failed'; readonly left: boolean; readonly detail: string };

/** What a read came to. Only `ok`, `missing` and `hidden` say something about the person. */
export type Read<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'missing' }
  | { readonly kind: 'hidden' }
  | { readonly kind: 'trouble'; readonly detail: string; readonly waitMs: number | null };

/** What a write of settings came to. */
export type Written<T> =
  | { readonly kind: 'ok'; readonly value: T }
  /** The portal said no: repeating changes nothing until somebody acts. */
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'trouble'; readonly detail: string };

/** A write that was not answered 200. */
export function unwritten(exchange: Exchange): Exclude<Written<never>, { kind: 'ok' }> {
  const { detail } = troubleOf(exchange);
  // An unreachable webhook address is answered 500 (wire 7.1), so that is a no as well.
  const isNo = exchange.kind === 'answered' && exchange.waitMs === null;
  return { kind: isNo ? 'refused' : 'trouble', detail };
}

/** How long a 429 or 503 without `Retry-After` is waited for: most 429 carry none (wire 10). */
const defaultWaitMs = 60_000;
/** Longer waits are not believed: an absurd header must not stop the service for days. */
export const longestWaitMs = 3_600_000;
/** Longer ones are not even said: no limit of the portal lasts longer than a day (wire 10). */
const longestSaidMs = 48 * 3_600_000;

/**
 * Answer → outcome for `POST portal/sendcongratulations` (design: "What an answer means", wire 6.3).
 * The answer's body is never repeated: it carries the Key (wire 2.1).
 */
export function outcomeOf(exchange: Exchange): Outcome {
  if (exchange.kind === 'failed') {
    return exchange.left
      ? { kind: 'unknown', detail: exchange.detail }
      : { kind: 'not_sent', detail: exchange.detail, waitMs: null };
  }
  const { status } = exchange;
  if (status === 200) return outcomeOf200(exchange.body);
  if (status === 429 || status === 503) {
    return {
      kind: 'not_sent',
      detail: `the portal asks to wait (${status})`,
      waitMs: exchange.waitMs,
    };
  }
  if (status === 401 || status === 402 || status === 403) {
    return { kind: 'refused', streak: 'credentials', detail: refusals[status] };
  }
  if (status >= 400 && status < 500) {
    return { kind: 'refused', streak: null, detail: `the portal refused (${status})` };
  }
  if (status >= 300 && status < 400) {
    // A redirect comes before any effect, and where it leads is not the portal that we were given.
    return {
      kind: 'refused',
      streak: 'redirect',
      detail: `the portal redirects (${status}): check DOCSPACE_URL`,
    };
  }
  return { kind: 'unknown', detail: `the portal answered ${status}` };
}

const refusals = {
  401: 'the portal did not accept the credentials (401)',
  402: 'the portal is not paid for (402)',
  403: `the portal did not accept the Key (403): ${keyAdvice}`,
} as const;

/** A 200 that is not the portal's envelope came from something between: nobody knows what it did. */
function outcomeOf200(body: string): Outcome {
  try {
    const json: unknown = JSON.parse(body);
    if (typeof json === 'object' && json !== null && 'statusCode' in json) {
      return { kind: 'sent', detail: 'the portal answered 200' };
    }
  } catch {
    // Falls through: unreadable is an outcome of its own.
  }
  return { kind: 'unknown', detail: 'the portal answered 200 with something unreadable' };
}

/**
 * Whether a read that came to this is worth repeating at once: nothing was answered, or the portal
 * stumbled. What asks to wait is not: the whole client waits then.
 */
export function isPassing(exchange: Exchange): boolean {
  return exchange.kind === 'failed' || (exchange.status >= 500 && exchange.waitMs === null);
}

/** The trouble that an exchange means for a read which needed an answer. */
export function troubleOf(exchange: Exchange): Extract<Read<never>, { kind: 'trouble' }> {
  if (exchange.kind === 'failed') {
    return { kind: 'trouble', detail: exchange.detail, waitMs: null };
  }
  const { status } = exchange;
  return {
    kind: 'trouble',
    detail: troubles[status] ?? `the portal answered ${status}`,
    waitMs: exchange.waitMs,
  };
}

const troubles: Readonly<Record<number, string>> = {
  401: 'the portal does not accept the API key (401): check DOCSPACE_API_KEY',
  402: 'the portal is not paid for (402)',
  403: 'the API key lacks a right (403): it needs *:read and *:write',
  404: 'the portal answered 404: is it suspended, or is DOCSPACE_URL wrong?',
};

/**
 * How long a portal that answered `status` asks to be left alone: `Retry-After` as seconds or as a
 * date (RFC 9110, 10.2.3), at most an hour; a minute when it is absent, malformed or in the past.
 * @param now UTC ms
 * @returns null for every status but 429 and 503
 */
export function waitOf(status: number, retryAfter: string | undefined, now: number): number | null {
  const askedMs = askedWaitOf(status, retryAfter, now);
  return askedMs === null ? null : Math.min(askedMs, longestWaitMs);
}

/** The same as the portal said it, however long: only to be told to a person (a day's limit: wire 10). */
export function askedWaitOf(
  status: number,
  retryAfter: string | undefined,
  now: number,
): number | null {
  if (status !== 429 && status !== 503) return null;
  const text = retryAfter?.trim() ?? '';
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(waitMs) && waitMs > 0 ? Math.min(waitMs, longestSaidMs) : defaultWaitMs;
}
