import type { Outcome } from './outcome.ts';

const hourMs = 3_600_000;

/**
 * Returns the start of the period whose attempts count towards `WELCOME_MAX_PER_HOUR`. That limit
 * prevents welcoming a whole company by mistake.
 * @param grantedAt when an operator last granted a new hour (UTC ms; 0: never)
 * @returns UTC ms. Attempts in the future count, too, because the clock may have been set back
 */
export function limitedSince(now: number, grantedAt: number): number {
  // If the clock was set back, the grant may lie in the future. Such a grant is ignored, because no
  // attempt would count until its time.
  return Math.max(now - hourMs, grantedAt <= now ? grantedAt : 0);
}

/** How long one process has an attempt to itself. It is longer than the time limit of a request. */
export const attemptLeaseMs = 2 * 60_000;

/**
 * Whether it is too late to send the request of an attempt: more than half of its lease is over, or it
 * has no lease. This process was halted, and another process may soon treat the attempt as lost.
 * @param leaseUntil UTC ms
 */
export function isTooLate(leaseUntil: number | null, now: number): boolean {
  return leaseUntil === null || leaseUntil - now < attemptLeaseMs / 2;
}

export const notSentTooLate: Outcome = {
  kind: 'not_sent',
  reason: { code: 'halted_before_request' },
  waitMs: null,
};
