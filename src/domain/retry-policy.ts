const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/**
 * If the confirmation of a member is older than this, the member is checked again before the welcome.
 */
export const confirmationLifetimeMs = 5 * minuteMs;

/** After this time, a portal that did not work is asked again (docs/design.md#what-an-answer-means). */
export const portalTroubleWaitMs = minuteMs;

/**
 * Returns when a person who is not active yet is checked again, if no hint comes: after 1 minute, then
 * 2, 4, 8 …, at most 6 hours. So a missed delivery is found on the same day, and people who never
 * register cause few requests.
 * @param checkCount how many checks in a row found the person not active, with the last one (1 or more)
 * @returns milliseconds from now
 */
export function nextCheckInMs(checkCount: number): number {
  return doubling(minuteMs, checkCount, 6 * hourMs);
}

/**
 * Returns when to try again after a failure: after 10 s, then 20, 40 …, at most 1 hour, but never before
 * the end of `waitMs`.
 * @param notSentCount how many tries in a row failed, with the last one (1 or more)
 * @param waitMs the shortest wait, for example because the mail server asked for it
 * @returns milliseconds from now
 */
export function nextTryInMs(notSentCount: number, waitMs: number | null): number {
  return Math.max(doubling(10_000, notSentCount, hourMs), waitMs ?? 0);
}

function doubling(firstMs: number, count: number, longestMs: number): number {
  const exponent = Math.min(Math.max(count, 1) - 1, 30);
  return Math.min(firstMs * 2 ** exponent, longestMs);
}
