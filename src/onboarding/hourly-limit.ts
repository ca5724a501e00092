import { leftThisHour } from '../domain/hourly-limit.ts';
import type { Store } from '../store/store.ts';

/** Counts attempts against `WELCOME_MAX_PER_HOUR`. */
export type HourlyLimit = {
  readonly maxPerHour: number;
  /** Reads the attempts of the last hour and the last grant from the store. */
  readonly load: () => Promise<void>;
  /**
   * Reserves one attempt.
   * @returns `reached` when committed attempts alone fill the limit; `busy` when attempts that are
   *   being committed might fill it; else what ends the reservation: the attempt was committed or not
   */
  readonly reserve: () => 'reached' | 'busy' | ((isCommitted: boolean) => void);
  /** An operator grants a new hour. */
  readonly grant: () => Promise<void>;
};

const hourMs = 3_600_000;

export function createHourlyLimit(deps: {
  readonly store: Pick<Store, 'attemptsSince' | 'getValue' | 'setValue'>;
  readonly maxPerHour: number;
  readonly now: () => number;
}): HourlyLimit {
  const { store, maxPerHour, now } = deps;
  /** Start times of committed attempts, oldest first. */
  let startedAt: number[] = [];
  let grantedAt = 0;
  let reserved = 0;

  function count(at: number): void {
    // Attempts before the newest `maxPerHour` cannot matter any more. Cut rarely: copying costs time.
    if (startedAt.length >= 2 * maxPerHour) startedAt = startedAt.slice(-maxPerHour);
    // The clock may have been set back: the order is kept.
    const place = startedAt.findLastIndex((earlier) => earlier <= at) + 1;
    startedAt.splice(place, 0, at);
  }

  return {
    maxPerHour,
    async load() {
      startedAt = [...(await store.attemptsSince(now() - hourMs))];
      grantedAt = Number((await store.getValue('hour_granted_at')) ?? 0);
    },
    reserve() {
      const at = now();
      const left = leftThisHour({ startedAt, grantedAt, maxPerHour, now: at });
      if (left === 0) return 'reached';
      if (left <= reserved) return 'busy';
      reserved += 1;
      return (isCommitted) => {
        reserved -= 1;
        if (isCommitted) count(at);
      };
    },
    async grant() {
      grantedAt = now();
      await store.setValue('hour_granted_at', String(grantedAt));
    },
  };
}
