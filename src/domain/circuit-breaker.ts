import type { Outcome } from './outcome.ts';

/** People whom a channel refused in a row; stored, so that a restart keeps count. */
export type Refusals = {
  readonly streak: string;
  readonly count: number;
  /** The members whose refusals are counted, newest last. */
  readonly userIds: readonly string[];
};

/** So many refusals in a row are no longer about one person (design: "What an answer means"). */
const refusalsToPause = 3;

/** More are never under way at once, and a paused channel adds one at a time. */
const mostRemembered = 200;

/** After this long one attempt finds out whether a paused channel is well again. */
export const channelProbeAfterMs = 15 * 60_000;

/**
 * Counts an outcome. Only a `sent` clears the count; a refusal of another kind begins anew.
 * @returns what to store now (null: nothing is counted), and whether the channel has to pause
 */
export function countRefusals(
  before: Refusals | null,
  outcome: Outcome,
  userId: string,
): { readonly refusals: Refusals | null; readonly pauses: boolean } {
  if (outcome.kind === 'sent') return { refusals: null, pauses: false };
  if (outcome.kind !== 'refused' || outcome.streak === null) {
    return { refusals: before, pauses: false };
  }
  const inARow = before?.streak === outcome.streak ? before : null;
  // One person who is tried again and again says nothing about the others.
  const others = (inARow?.userIds ?? []).filter((id) => id !== userId);
  const isNew = others.length === (inARow?.userIds.length ?? 0);
  const refusals: Refusals = {
    streak: outcome.streak,
    count: (inARow?.count ?? 0) + (isNew ? 1 : 0),
    userIds: [...others.slice(1 - mostRemembered), userId],
  };
  return { refusals, pauses: isTooMany(refusals) };
}

/** Whether these refusals are the channel's fault and nobody's who met them. */
export function isTooMany(refusals: Refusals): boolean {
  return refusals.count >= refusalsToPause;
}

const hourMs = 3_600_000;

/**
 * The guard against greeting a whole company by mistake (`WELCOME_MAX_PER_HOUR`).
 * @param startedAt when attempts began, oldest first (UTC ms)
 * @param grantedAt when an operator last granted a new hour
 * @returns how many more may begin now
 */
export function leftThisHour(guard: {
  readonly startedAt: readonly number[];
  readonly grantedAt: number;
  readonly maxPerHour: number;
  readonly now: number;
}): number {
  // A grant from the future (the clock jumped back) would let everything through.
  const grantedAt = guard.grantedAt <= guard.now ? guard.grantedAt : 0;
  const since = Math.max(guard.now - hourMs, grantedAt);
  const begun = guard.startedAt.length - countUntil(guard.startedAt, since);
  return Math.max(0, guard.maxPerHour - begun);
}

/** How many of these times, oldest first, are not after `at`; by halves, for there may be a million. */
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
