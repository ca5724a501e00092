import { type Clock, sleepUntil } from '../clock.ts';
import { type Exchange, longestWaitMs } from './classify.ts';

/** Keeps the whole client away from a portal that asked to be left alone for a while. */
export type Gate = {
  /** How long no request may leave, in ms; 0 while it is open. */
  readonly closedForMs: () => number;
  /** UTC ms until when the portal asked for it, believed or not; null while the gate is open. */
  readonly askedUntil: () => number | null;
  /** Takes note of an answer: 429 and 503 close the gate. */
  readonly saw: (exchange: Exchange) => void;
  /** Waits `ms`, or until the gate is opened by hand. */
  readonly rest: (ms: number) => Promise<void>;
  /** Ends every wait at once: an operator asked to go on. */
  readonly open: () => void;
};

export function createGate(clock: Clock): Gate {
  let closedUntil = 0;
  let askedUntil = 0;
  let resting = new AbortController();

  // A clock that was set back must not lengthen the wait beyond the longest one.
  const closedForMs = () => Math.min(Math.max(0, closedUntil - clock.now()), longestWaitMs);

  return {
    closedForMs,
    askedUntil: () => (closedForMs() > 0 ? Math.max(closedUntil, askedUntil) : null),
    saw(exchange) {
      if (exchange.kind === 'answered' && exchange.waitMs !== null) {
        closedUntil = Math.max(closedUntil, clock.now() + exchange.waitMs);
        const askedWaitMs = exchange.askedWaitMs ?? exchange.waitMs;
        askedUntil = Math.max(askedUntil, clock.now() + askedWaitMs);
      }
    },
    rest: (ms) => sleepUntil(clock, clock.now() + ms, resting.signal),
    open() {
      closedUntil = 0;
      askedUntil = 0;
      resting.abort();
      resting = new AbortController();
    },
  };
}
