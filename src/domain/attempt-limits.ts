import type { Outcome } from './outcome.ts';

const hourMs = 3_600_000;

/**
 * The limit that prevents welcoming a whole company by mistake (`WELCOME_MAX_PER_HOUR`).
 * @param grantedAt when an operator last granted a new hour (UTC ms; 0: never)
 * @returns attempts that began after this time count (UTC ms). Those from the future (the clock was set
 *   back) count, too
 */
export function limitedSince(now: number, grantedAt: number): number {
  // A grant from the future would allow any number.
  return Math.max(now - hourMs, grantedAt <= now ? grantedAt : 0);
}

/** How long an attempt is in the hands of one process. It is longer than the time limit of a request. */
export const attemptLeaseMs = 2 * 60_000;

/**
 * Whether so much of the lease is over that the request must not leave: this process was halted, and
 * another one may soon take the attempt for lost.
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
