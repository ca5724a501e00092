const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** A claim whose confirmation is older than this asks the API again before it sends. */
export const confirmationLifetimeMs = 5 * minuteMs;

/** While the portal is in trouble, it is asked again this often (docs/design.md#what-an-answer-means). */
export const portalTroubleWaitMs = minuteMs;

/**
 * When to check somebody again who is not active yet, without any hint: after 1 min, 2, 4, 8 …
 * doubling to 6 hours, where it stays. An overlooked letter is found the same day, and 50,000 people
 * who never come cost about two requests a second.
 * @param checkCount checks in a row that found them not active, this one included (1 or more)
 * @returns milliseconds from now
 */
export function nextCheckInMs(checkCount: number): number {
  return doubling(minuteMs, checkCount, 6 * hourMs);
}

/**
 * When to try again after an attempt that did not get through: 10 s, 20, 40 … to 1 hour, and never
 * before what the peer asked for (`waitMs`).
 * @param notSentCount attempts in a row that ended `not_sent`, this one included (1 or more)
 */
export function nextTryInMs(notSentCount: number, waitMs: number | null): number {
  return Math.max(doubling(10_000, notSentCount, hourMs), waitMs ?? 0);
}

function doubling(firstMs: number, count: number, longestMs: number): number {
  const exponent = Math.min(Math.max(count, 1) - 1, 30);
  return Math.min(firstMs * 2 ** exponent, longestMs);
}
