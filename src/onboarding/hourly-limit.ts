import type { Clock } from '../clock.ts';
import { leftThisHour } from '../domain/hourly-limit.ts';
import type { Store } from '../store/store.ts';

/** Counts attempts against `WELCOME_MAX_PER_HOUR`. */
export type HourlyLimit = {
  readonly maxPerHour: number;
  /** Reads the attempts of the last hour and the last grant from the store. */
  readonly load: () => Promise<void>;
  /**
   * Reserves one attempt.
   * @returns `reached` if committed attempts alone fill the limit; `busy` if attempts that are being
   *   committed might fill it; otherwise the function that ends the reservation and takes whether the
   *   attempt was committed
   */
  readonly reserve: () => 'reached' | 'busy' | ((isCommitted: boolean) => void);
  /** Resets the limit, by order of an operator. */
  readonly grant: () => Promise<void>;
};

const hourMs = 3_600_000;

export function createHourlyLimit(deps: {
  readonly store: Pick<Store, 'attemptsSince' | 'getValue' | 'setValue'>;
  readonly maxPerHour: number;
  readonly clock: Clock;
}): HourlyLimit {
  const { store, maxPerHour, clock } = deps;
  // Times in memory are from `clock.elapsed`, so setting the machine's clock does not change the limit.
  /** Start times of committed attempts, oldest first. */
  let startedAt: number[] = [];
  let grantedAt = Number.NEGATIVE_INFINITY;
  let reserved = 0;

  function count(at: number): void {
    // Only the newest `maxPerHour` attempts matter. The list is cut rarely, because copying takes time.
    if (startedAt.length >= 2 * maxPerHour) startedAt = startedAt.slice(-maxPerHour);
    // Attempts that were reserved at the same time may be committed in any order.
    const place = startedAt.findLastIndex((earlier) => earlier <= at) + 1;
    startedAt.splice(place, 0, at);
  }

  return {
    maxPerHour,
    async load() {
      const now = clock.now();
      const elapsed = clock.elapsed();
      const attempts = await store.attemptsSince(now - hourMs);
      // An attempt in the future means that the clock was set back. It counts as if it began now.
      startedAt = attempts.map((at) => elapsed - Math.max(0, now - at));
      const granted = Number((await store.getValue('hour_granted_at')) ?? 0);
      // A grant in the future would allow everything.
      grantedAt = granted <= now ? elapsed - (now - granted) : Number.NEGATIVE_INFINITY;
    },
    reserve() {
      const at = clock.elapsed();
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
      grantedAt = clock.elapsed();
      await store.setValue('hour_granted_at', String(clock.now()));
    },
  };
}
