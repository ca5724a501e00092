import type { Database } from 'better-sqlite3';
import { StoreUnavailable } from '../store.ts';

/** Commits everything that was asked for in one turn of the event loop as one transaction. */
export type Writer = {
  /**
   * Runs `job` inside the next commit and resolves with its result after that commit has reached the
   * disk. A job only reads and writes the database: it runs again when another job of its commit fails.
   */
  readonly write: <T>(job: () => T) => Promise<T>;
  /** Jobs that wait for their commit. */
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

/** More jobs go into further commits, so that health checks get a turn between them. */
const longestBatch = 256;

/**
 * A commit is made in `setImmediate`: after the poll phase every ready socket was read, so a batch is
 * all that arrived in this turn, and while it commits the kernel queues the next.
 */
export function createWriter(database: Database): Writer {
  const runAll = database.transaction((batch: readonly Job[]) => batch.map((job) => job.run()));
  let queue: Job[] = [];
  let isScheduled = false;
  let whenDrained: (() => void)[] = [];

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(flush);
  }

  function flush(): void {
    isScheduled = false;
    const batch = queue.slice(0, longestBatch);
    queue = queue.slice(longestBatch);
    commitBatch(runAll.immediate, batch);
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
 * One bad job never fails the others: a batch that throws is rolled back and each half tried again.
 * A database that cannot write fails the whole batch at once instead.
 */
function commitBatch(runAll: RunAll, batch: readonly Job[]): void {
  let results: readonly unknown[];
  try {
    results = runAll(batch);
  } catch (error) {
    const fault = faultOf(error);
    if (fault !== null) {
      for (const job of batch) job.reject(fault);
      return;
    }
    if (batch.length === 1) {
      batch[0]?.reject(error);
      return;
    }
    const middle = Math.ceil(batch.length / 2);
    commitBatch(runAll, batch.slice(0, middle));
    commitBatch(runAll, batch.slice(middle));
    return;
  }
  batch.forEach((job, index) => {
    // `never`: each job's result goes to the promise that was made for it.
    job.resolve(results[index] as never);
  });
}

/** Codes of SQLite that are about the database, not about what a job wrote (sqlite.org/rescode.html). */
const storeFaults = [
  'FULL',
  'IOERR',
  'READONLY',
  'BUSY',
  'LOCKED',
  'CANTOPEN',
  'CORRUPT',
  'NOTADB',
  'NOMEM',
];

/** @returns null when the error is not about the database itself */
export function faultOf(error: unknown): StoreUnavailable | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOSPC' || code === 'SQLITE_FULL') {
    return new StoreUnavailable('the disk of the database is full', { cause: error });
  }
  if (!storeFaults.some((fault) => code.startsWith(`SQLITE_${fault}`))) return null;
  return new StoreUnavailable(faultSentence(code), { cause: error });
}

function faultSentence(code: string): string {
  if (code.startsWith('SQLITE_READONLY')) return 'the database file is read-only';
  if (code.startsWith('SQLITE_BUSY')) return 'another program holds the database';
  return `the database cannot be used (${code})`;
}
