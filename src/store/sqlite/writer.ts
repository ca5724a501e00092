import type { Database } from 'better-sqlite3';
import { StoreUnavailable } from '../store.ts';

/** Commits everything that was asked for in one turn of the event loop as one transaction. */
export type Writer = {
  /**
   * Runs `job` inside the next commit and resolves with its result after that commit reached the
   * disk. A job only reads and writes the database: it runs again when a neighbour fails.
   */
  readonly write: <T>(job: () => T) => Promise<T>;
  /** Jobs that wait for their commit. */
  readonly queued: () => number;
  /** Resolves when nothing waits any more. */
  readonly drained: () => Promise<void>;
};

type Job = {
  readonly run: () => unknown;
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
};

/** More than this goes into further commits, so that health checks get a turn between them. */
const longestBatch = 256;

/**
 * `setImmediate` is the moment: after the poll phase every ready socket was read, so a batch is all
 * that arrived in this turn, and while it commits the kernel queues the next (performance.md).
 */
export function createWriter(database: Database, onCommit = () => {}): Writer {
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
    commitBatch(database, batch);
    onCommit();
    if (queue.length > 0) {
      schedule();
      return;
    }
    for (const resolve of whenDrained) resolve();
    whenDrained = [];
  }

  return {
    write: (job) =>
      new Promise((resolve, reject) => {
        queue.push({ run: job, resolve, reject });
        schedule();
      }),
    queued: () => queue.length,
    drained: () =>
      queue.length === 0 ? Promise.resolve() : new Promise((resolve) => whenDrained.push(resolve)),
  };
}

/**
 * One bad job never fails its neighbours: a batch that throws is rolled back and each half tried
 * again. A database that cannot write fails all of it at once instead.
 */
function commitBatch(database: Database, batch: readonly Job[]): void {
  if (batch.length === 0) return;
  const results: unknown[] = [];
  try {
    database
      .transaction(() => {
        results.length = 0;
        for (const job of batch) results.push(job.run());
      })
      .immediate();
  } catch (error) {
    if (isStoreFault(error)) {
      const unavailable = new StoreUnavailable(faultSentence(error), { cause: error });
      for (const job of batch) job.reject(unavailable);
      return;
    }
    if (batch.length === 1) {
      batch[0]?.reject(error);
      return;
    }
    const middle = Math.ceil(batch.length / 2);
    commitBatch(database, batch.slice(0, middle));
    commitBatch(database, batch.slice(middle));
    return;
  }
  // `never`: each job's result goes to the promise that was made for it.
  batch.forEach((job, index) => {
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

function isStoreFault(error: unknown): error is Error & { code: string } {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    storeFaults.some((fault) => String(error.code).startsWith(`SQLITE_${fault}`))
  );
}

function faultSentence(error: { readonly code: string }): string {
  if (error.code.startsWith('SQLITE_FULL')) return 'the disk of the database is full';
  if (error.code.startsWith('SQLITE_READONLY')) return 'the database file is read-only';
  if (error.code.startsWith('SQLITE_BUSY')) return 'another program holds the database';
  return `the database cannot be used (${error.code})`;
}
