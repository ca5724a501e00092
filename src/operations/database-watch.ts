import type { Clock } from '../clock.ts';
import type { Health } from '../health.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';

/**
 * Checks every second whether the SQLite file was removed or replaced, and whether the clock was set
 * back. Each health report checks the file, too.
 */
export type DatabaseWatch = {
  /** Reports in `health` if the SQLite file was removed or replaced. */
  readonly check: () => void;
  /** @param isLeader whether this process corrects stored times: of several replicas only one may */
  readonly start: (wake: () => void, isLeader: () => boolean) => void;
  /** Resolves when the watch no longer uses the store. */
  readonly stop: () => Promise<void>;
};

const everyMs = 1_000;
/** Only a step back of at least this length counts. Shorter steps are usual corrections of a clock. */
const shortestJumpMs = 2_000;

export function createDatabaseWatch(deps: {
  readonly store: Pick<Store, 'isInPlace' | 'noteProgress' | 'advanceWaits'>;
  readonly databaseName: string;
  readonly health: Pick<Health, 'set'>;
  readonly clock: Clock;
  readonly log: Log;
}): DatabaseWatch {
  const { store, databaseName, health, clock, log } = deps;
  // The difference is rounded, because the stored times are whole milliseconds.
  const clockDifference = () => Math.round(clock.now() - clock.elapsed());
  let isInPlace = true;
  let differenceMs = 0;
  let wake = () => {};
  let mayCorrect = () => false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | null = null;

  function check(): void {
    const wasInPlace = isInPlace;
    isInPlace = store.isInPlace();
    if (!isInPlace) health.set('store', 'wrong', 'database_moved');
    if (isInPlace === wasInPlace) return;
    if (isInPlace) {
      log.info({}, `${databaseName} is back: the service goes on`);
      // `wake` makes the worker write to the store. Only a write can show that the store works again.
      health.set('store', 'wrong', 'database_not_writable');
      wake();
    } else {
      log.error(
        {},
        `${databaseName}, or its -wal file, was removed or replaced while the service uses it: deliveries are answered with 503 and nothing is sent. Put the file back, or restart the service to go on with the file that is there now`,
      );
    }
  }

  /** If the clock was set back, moves the stored due times back by the same time. */
  async function followClock(): Promise<void> {
    const before = differenceMs;
    differenceMs = clockDifference();
    const setBackByMs = before - differenceMs;
    if (setBackByMs < shortestJumpMs || !mayCorrect()) return;
    log.warn(
      { seconds: Math.round(setBackByMs / 1000) },
      'the clock was set back: all stored due times were moved back by the same time',
    );
    try {
      await store.advanceWaits(setBackByMs, clock.now());
      wake();
    } catch (error) {
      // The correction is tried again at the next tick.
      differenceMs = before;
      log.error(
        { err: error },
        'the stored waiting times could not be adjusted to the changed clock: this is tried again',
      );
    }
  }

  return {
    check,
    start(wakeWorker, isLeader) {
      wake = wakeWorker;
      mayCorrect = isLeader;
      // Only now, because with PostgreSQL the clock follows the database since the first beat.
      differenceMs = clockDifference();
      // The timer does not use `clock`, because that clock is being watched.
      timer = setInterval(() => {
        check();
        store.noteProgress();
        // If the clock is set back again during a correction, a later tick corrects that.
        running ??= followClock().finally(() => {
          running = null;
        });
      }, everyMs);
    },
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
