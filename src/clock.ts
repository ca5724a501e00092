/** Time as an argument, so that tests never sleep. Times are UTC milliseconds. */
export type Clock = {
  readonly now: () => number;
  /** Runs `work` once at `at` or soon after; returns what cancels it. */
  readonly schedule: (at: number, work: () => void) => () => void;
};

/** A longer delay overflows the 32-bit timer of Node and would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  schedule(at, work) {
    const delayMs = Math.min(Math.max(0, at - Date.now()), longestTimerMs);
    const timer = setTimeout(work, delayMs);
    return () => clearTimeout(timer);
  },
};

/**
 * Waits until `at` (UTC ms) or until `signal` is aborted, whichever comes first.
 * Resolves in both cases: the caller looks at its signal.
 */
export function sleepUntil(clock: Clock, at: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const cancel = clock.schedule(at, done);
    function done(): void {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done, { once: true });
  });
}
