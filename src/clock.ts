import os from 'node:os';

/** The source of time. It is passed as an argument, so that tests never sleep. Times are UTC milliseconds. */
export type Clock = {
  readonly now: () => number;
  /** Milliseconds since an arbitrary moment. Setting the machine's clock does not change it. */
  readonly elapsed: () => number;
  /**
   * Runs `work` once, at about `at`. It may run earlier if the clock is set back, so the caller
   * checks the time again. Returns a function that cancels the timer.
   */
  readonly schedule: (at: number, work: () => void) => () => void;
  /** Sets how far `now` is ahead of the machine's clock. The clocks of tests do not have this function. */
  readonly follow?: (offsetMs: number) => void;
};

/** A longer delay overflows the 32-bit timer of Node and would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  schedule(at, work) {
    let timer: NodeJS.Timeout;
    function arm(): void {
      const delayMs = Math.max(0, at - Date.now());
      timer =
        delayMs > longestTimerMs ? setTimeout(arm, longestTimerMs) : setTimeout(work, delayMs);
    }
    arm();
    return () => clearTimeout(timer);
  },
};

/** If the machine's clock and its time since the start differ by more than this, the clock was set. */
const setByMs = 1_000;

/**
 * Creates a clock that can follow another clock. Replicas use the clock of their database. When the
 * machine's clock is set after that, the time of this clock does not change.
 */
export function createFollowingClock(): Clock {
  let offsetMs = 0;
  /** What the machine showed when `offsetMs` was right. Null before the first `follow`. */
  let then: ReturnType<typeof lookAtMachine> | null = null;

  function now(): number {
    const wall = Date.now();
    if (then !== null && Math.abs(wall - performance.now() - then.aheadMs) > setByMs) {
      // The clock was set, or the machine was asleep. Only `os.uptime` counts the time asleep.
      const seen = lookAtMachine();
      offsetMs -= seen.wall - then.wall - (seen.upMs - then.upMs);
      then = seen;
    }
    return Math.round(wall + offsetMs);
  }

  return {
    ...systemClock,
    now,
    schedule: (at, work) => systemClock.schedule(at - offsetMs, work),
    follow(ms) {
      offsetMs = ms;
      then = lookAtMachine();
    },
  };
}

function lookAtMachine() {
  const wall = Date.now();
  return { wall, aheadMs: wall - performance.now(), upMs: os.uptime() * 1000 };
}

/**
 * Waits until `at` (UTC ms) or until `signal` is aborted, whichever comes first.
 * Resolves in both cases; the caller checks its signal.
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
