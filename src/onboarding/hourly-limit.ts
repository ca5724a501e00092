import { leftThisHour } from '../domain/circuit-breaker.ts';
import type { Store } from '../store/store.ts';

/** Counts welcomes against `WELCOME_MAX_PER_HOUR`. */
export type Quota = {
  /** Reads what was begun in the last hour, and the last grant. */
  readonly load: () => Promise<void>;
  readonly left: () => number;
  /** Counts one that begins now; what is returned takes it back, when it did not begin after all. */
  readonly take: () => () => void;
  /** An operator grants a new hour. */
  readonly grant: () => Promise<void>;
};

export function createQuota(options: {
  readonly store: Store;
  readonly maxPerHour: number;
  readonly now: () => number;
}): Quota {
  const { store, maxPerHour, now } = options;
  let startedAt: number[] = [];
  let grantedAt = 0;

  return {
    async load() {
      startedAt = [...(await store.attemptsSince(now() - 3_600_000))];
      grantedAt = Number((await store.progress('hour_granted_at')) ?? 0);
    },
    left: () => leftThisHour({ startedAt, grantedAt, maxPerHour, now: now() }),
    take() {
      const at = now();
      // Who is older than the newest `maxPerHour` can no longer make a difference; cut in steps, for
      // to copy them for each welcome costs more than the welcome.
      if (startedAt.length >= 2 * maxPerHour) startedAt = startedAt.slice(-maxPerHour);
      // A clock that was set back: the order is kept.
      const place = startedAt.findLastIndex((earlier) => earlier <= at) + 1;
      startedAt.splice(place, 0, at);
      return () => {
        startedAt.splice(startedAt.lastIndexOf(at), 1);
      };
    },
    async grant() {
      grantedAt = now();
      await store.remember('hour_granted_at', String(grantedAt));
    },
  };
}
