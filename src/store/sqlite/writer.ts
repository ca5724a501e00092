import type { Database } from 'better-sqlite3';
import { faultOf } from '../files.ts';
import { StoreUnavailable } from '../store.ts';

/** Commits writes in groups. A commit contains the writes of one or a few turns of the event loop. */
export type Writer = {
  /**
   * Runs `job` inside the next commit. Resolves with its result after that commit has reached the
   * disk. A job may only read and write the database, because it runs again when another job of its
   * commit fails.
   */
  readonly write: <T>(job: () => T) => Promise<T>;
  /** The number of jobs that wait for their commit. */
  readonly queued: () => number;
  /** Resolves when no job waits any more. */
  readonly drained: () => Promise<void>;
};

type Job = {
  readonly run: () => unknown;
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
};

/** Runs all jobs in one transaction and returns their results. */
type RunAll = (batch: readonly Job[]) => readonly unknown[];

/** The most jobs in one commit. Before the next commit, other work such as health checks gets a turn. */
const longestBatch = 256;
/**
 * A commit is delayed while each turn of the event loop brings more jobs, but at most for this many
 * turns. A commit costs more than a few turns. Without this delay, `bench drain` misses its goals.
 */
const maxTurns = 5;

/**
 * Creates a writer. Its commits run in `setImmediate`, after all ready sockets were read. So one batch
 * contains everything that arrived in this turn. During the commit, the kernel queues further requests.
 * @param isInPlace returns false if the file was removed or replaced. Then nothing is written, because
 *   the writes would be lost
 */
export function createWriter(database: Database, isInPlace = () => true): Writer {
  const runAll = database.transaction((batch: readonly Job[]) => batch.map((job) => job.run()));
  let queue: Job[] = [];
  let isScheduled = false;
  let whenDrained: (() => void)[] = [];

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => gather(0, maxTurns));
  }

  /** Waits for another turn of the event loop as long as each turn brings more jobs. */
  function gather(before: number, turnsLeft: number): void {
    const { length } = queue;
    if (length === before || turnsLeft === 0 || length >= longestBatch) flush();
    else setImmediate(() => gather(length, turnsLeft - 1));
  }

  function flush(): void {
    isScheduled = false;
    const batch = queue.slice(0, longestBatch);
    queue = queue.slice(longestBatch);
    if (isInPlace()) commitBatch(runAll.immediate, batch, database.name);
    else {
      const text = `${database.name} was removed or replaced while this service uses it`;
      for (const job of batch) job.reject(new StoreUnavailable(text));
    }
    if (queue.length > 0) {
      schedule();
      return;
    }
    for (const resolve of whenDrained) resolve();
    whenDrained = [];
  }

  return {
    write(job) {
      schedule();
      return new Promise((resolve, reject) => {
        queue.push({ run: job, resolve, reject });
      });
    },
    queued: () => queue.length,
    drained: () =>
      queue.length === 0 ? Promise.resolve() : new Promise((resolve) => whenDrained.push(resolve)),
  };
}

/**
 * Commits a batch. If a job throws, the batch is rolled back, and each half is tried by itself, so one
 * bad job does not fail the others. If the database cannot be written, the whole batch fails at once.
 */
function commitBatch(runAll: RunAll, batch: readonly Job[], file: string): void {
  let results: readonly unknown[];
  try {
    results = runAll(batch);
  } catch (error) {
    const fault = faultOf(error, file);
    if (fault !== null) {
      for (const job of batch) job.reject(fault);
      return;
    }
    if (batch.length === 1) {
      batch[0]?.reject(error);
      return;
    }
    const middle = Math.ceil(batch.length / 2);
    commitBatch(runAll, batch.slice(0, middle), file);
    commitBatch(runAll, batch.slice(middle), file);
    return;
  }
  batch.forEach((job, index) => {
    // Each result goes to the promise of its own job. The type is `never`, because the results of
    // jobs have different types.
    job.resolve(results[index] as never);
  });
}
