import type { Outcome } from './outcome.ts';

/** Refusals and unknown outcomes of one channel in a row. They are stored and survive a restart. */
export type Refusals = {
  readonly streak: string;
  readonly count: number;
  /** The members (for letters: the invitations) whose outcomes are counted, the newest last. */
  readonly userIds: readonly string[];
};

/** The value of `streak` for unknown outcomes. Like refusals, several in a row mean a faulty channel. */
export const unknownStreak = 'unknown';

/** This many refusals in a row are not about single people (docs/design.md#what-an-answer-means). */
const refusalsToPause = 3;

/**
 * `userIds` contains at most this many members. A channel never has more attempts in progress than that,
 * and a paused channel starts only one attempt at a time.
 */
const maxRemembered = 200;

/** After this time, one attempt tests whether a paused channel works again. */
export const channelProbeAfterMs = 15 * 60_000;

/**
 * Counts an outcome. Only `sent` clears the count. A refusal after refusals with another `streak` starts
 * a new count.
 * @returns the count to store (null if nothing is counted), and whether the channel has to pause
 */
export function countRefusals(
  before: Refusals | null,
  outcome: Outcome,
  userId: string,
): { readonly refusals: Refusals | null; readonly pauses: boolean } {
  if (outcome.kind === 'sent') return { refusals: null, pauses: false };
  const streak = streakOf(outcome);
  if (streak === null) return { refusals: before, pauses: false };
  const inARow = before && continues(before.streak, streak) ? before : null;
  // Each person counts once, because repeated refusals of one person say nothing about others.
  const others = (inARow?.userIds ?? []).filter((id) => id !== userId);
  const isNew = others.length === (inARow?.userIds.length ?? 0);
  const refusals: Refusals = {
    // An unknown outcome continues the count of the refusals before it, whatever their `streak` is.
    streak: streak === unknownStreak ? (inARow?.streak ?? streak) : streak,
    count: (inARow?.count ?? 0) + (isNew ? 1 : 0),
    userIds: [...others.slice(1 - maxRemembered), userId],
  };
  return { refusals, pauses: isTooMany(refusals) };
}

/** The `streak` of an outcome. Null if the outcome says nothing about the channel. */
function streakOf(outcome: Outcome): string | null {
  if (outcome.reason.code === 'service_stopping') return null;
  if (outcome.kind === 'unknown') return unknownStreak;
  return outcome.kind === 'refused' ? outcome.streak : null;
}

function continues(before: string, streak: string): boolean {
  return before === streak || before === unknownStreak || streak === unknownStreak;
}

/** Whether an outcome may be counted against its channel. */
export function isRefusal(outcome: Outcome): boolean {
  return streakOf(outcome) !== null;
}

/** Whether these refusals are a fault of the channel. */
export function isTooMany(refusals: Refusals): boolean {
  return refusals.count >= refusalsToPause;
}
