/**
 * Under load, the answers to webhook requests have priority: background work (hints, checks) gets a
 * small share of the event loop, which is never zero. Without load, the worker does not rest.
 */
export type Backpressure = {
  /** Counts a delivery that was stored. */
  readonly arrived: () => void;
  /** Returns how many deliveries the next turn may turn into hints in one commit. */
  readonly hintsAtATime: () => number;
  /** Returns how many members the next turn may begin to process. */
  readonly checksAtATime: () => number;
  /**
   * Returns how long the worker rests before its next turn.
   * @param tookMs how long the last turn took
   */
  readonly restMs: (tookMs: number) => number;
};

/** This many deliveries in a window count as load (300 a second). A normal portal sends far fewer. */
const busyFrom = 30;
const windowMs = 100;
const hints = { calm: 200, busy: 25 };
const checks = { calm: Number.POSITIVE_INFINITY, busy: 4 };
/**
 * The share of the time that turns may take. The checks that they begin take about as much time again.
 */
const share = 0.03;
/** The shortest rest. It matters for turns of less than a millisecond, which are timed as 0. */
const shortestRestMs = 10;
/** The longest rest. Without this limit, a turn that other work made slow would cause a long rest. */
const longestRestMs = 250;

/** @param now UTC ms */
export function createBackpressure(now: () => number): Backpressure {
  let windowAt = 0;
  let inWindow = 0;
  let inWindowBefore = 0;

  function toWindow(): void {
    const windows = Math.floor((now() - windowAt) / windowMs);
    if (windows === 0) return;
    inWindowBefore = windows === 1 ? inWindow : 0;
    inWindow = 0;
    windowAt += windows * windowMs;
  }

  function isBusy(): boolean {
    toWindow();
    return Math.max(inWindow, inWindowBefore) >= busyFrom;
  }

  return {
    arrived() {
      toWindow();
      inWindow += 1;
    },
    hintsAtATime: () => (isBusy() ? hints.busy : hints.calm),
    checksAtATime: () => (isBusy() ? checks.busy : checks.calm),
    restMs(tookMs) {
      if (!isBusy()) return 0;
      const restMs = tookMs * (1 / share - 1);
      return Math.min(Math.max(restMs, shortestRestMs), longestRestMs);
    },
  };
}
