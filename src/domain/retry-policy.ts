const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** A confirmation that is older than this is read again before a welcome is sent. */
export const confirmationLifetimeMs = 5 * minuteMs;

/** After this time, a portal that did not work is asked again (docs/design.md#what-an-answer-means). */
export const portalTroubleWaitMs = minuteMs;

/**
 * Returns when a person who is not active yet is checked again, if no hint comes: after 1 minute, then
 * 2, 4, 8 …, at most 6 hours. So a missed delivery is found on the same day, and people who never come
 * cause few requests.
 * @param checkCount checks in a row that found the person not active, including this one (1 or
 *   more)
 * @returns milliseconds from now
 */
export function nextCheckInMs(checkCount: number): number {
  return doubling(minuteMs, checkCount, 6 * hourMs);
}

/**
 * Returns when to try again after an attempt that was not sent: after 10 s, then 20, 40 …, at most
 * 1 hour, but never before the end of `waitMs`.
 * @param notSentCount attempts in a row that ended `not_sent`, including this one (1 or more)
 * @param waitMs how long the portal or the mail server asked to wait
 * @returns milliseconds from now
 */
export function nextTryInMs(notSentCount: number, waitMs: number | null): number {
  return Math.max(doubling(10_000, notSentCount, hourMs), waitMs ?? 0);
}

function doubling(firstMs: number, count: number, longestMs: number): number {
  const exponent = Math.min(Math.max(count, 1) - 1, 30);
  return Math.min(firstMs * 2 ** exponent, longestMs);
}
