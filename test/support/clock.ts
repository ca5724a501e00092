import type { Clock } from '../../src/clock.ts';

/** The real clock, which a test may set forward or back. Timers that become due run at once. */
export type MovableClock = Clock & {
  /** Lets time pass. */
  readonly move: (ms: number) => void;
  /** Sets the clock of the machine, without letting time pass. */
  readonly set: (byMs: number) => void;
};

export function createMovableClock(): MovableClock {
  let offsetMs = 0;
  let setByMs = 0;
  const waiting = new Set<{
    readonly at: number;
    readonly work: () => void;
    timer: NodeJS.Timeout;
  }>();
  const now = () => Date.now() + offsetMs + setByMs;

  function arm(at: number, work: () => void) {
    const entry = {
      at,
      work,
      timer: setTimeout(run, Math.min(Math.max(0, at - now()), 2 ** 31 - 1)),
    };
    function run(): void {
      waiting.delete(entry);
      work();
    }
    waiting.add(entry);
    return entry;
  }

  return {
    now,
    elapsed: () => performance.now() + offsetMs,
    set(byMs) {
      setByMs += byMs;
    },
    schedule(at, work) {
      const entry = arm(at, work);
      return () => {
        clearTimeout(entry.timer);
        waiting.delete(entry);
      };
    },
    move(ms) {
      offsetMs += ms;
      for (const entry of [...waiting]) {
        if (entry.at > now()) continue;
        clearTimeout(entry.timer);
        waiting.delete(entry);
        setImmediate(entry.work);
      }
    },
  };
}
