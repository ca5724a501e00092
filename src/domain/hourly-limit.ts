const hourMs = 3_600_000;

/**
 * The limit that prevents welcoming a whole company by mistake (`WELCOME_MAX_PER_HOUR`).
 * @param startedAt when attempts began, oldest first (UTC ms)
 * @param grantedAt when an operator last granted a new hour (UTC ms)
 * @returns how many more attempts may begin now
 */
export function leftThisHour(limit: {
  readonly startedAt: readonly number[];
  readonly grantedAt: number;
  readonly maxPerHour: number;
  readonly now: number;
}): number {
  // A grant from the future (the clock was set back) would allow any number.
  const grantedAt = limit.grantedAt <= limit.now ? limit.grantedAt : 0;
  const since = Math.max(limit.now - hourMs, grantedAt);
  const startedCount = limit.startedAt.length - countUntil(limit.startedAt, since);
  return Math.max(0, limit.maxPerHour - startedCount);
}

/** How many of these times, oldest first and maybe a million, are at or before `at`. */
function countUntil(times: readonly number[], at: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? at) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
