/*
 * While deliveries come fast, their answers come first: what follows from them, hints and looks, takes
 * a bounded share of the event loop, and never none. As soon as it is calm there is no bound.
 */

/** How many hints the next turn applies, and how long it is rested after that turn. */
export type Pace = {
  /** A delivery was stored. */
  readonly arrived: () => void;
  /** Hints in one commit: each of them keeps the answers waiting that come meanwhile. */
  readonly hintsAtATime: () => number;
  /** Members that the next turn may take in hand. */
  readonly looksAtATime: () => number;
  /** @param tookMs how long the turn took that just ended */
  readonly restMs: (tookMs: number) => number;
};

/** Deliveries in a window from which on it is busy: 300 a second. A portal at work sends a few. */
const busyFrom = 30;
const windowMs = 100;
const hints = { calm: 200, busy: 25 };
const looks = { calm: Number.POSITIVE_INFINITY, busy: 4 };
/** The share of the time that is for turns; the looks that they begin take about as much again. */
const share = 0.03;
/** Turns are timed in whole milliseconds; below this their share could not be told. */
const shortestRestMs = 10;
/** A turn that something else held up does not hold up the next one for as long. */
const longestRestMs = 250;

/** @param now UTC ms */
export function createPace(now: () => number): Pace {
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
    looksAtATime: () => (isBusy() ? looks.busy : looks.calm),
    restMs(tookMs) {
      if (!isBusy()) return 0;
      const restMs = tookMs * (1 / share - 1);
      return Math.min(Math.max(restMs, shortestRestMs), longestRestMs);
    },
  };
}
