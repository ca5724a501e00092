import type { Database } from 'better-sqlite3';
import { StoreUnavailable } from '../store.ts';

/** Commits everything that was asked for in one turn of the event loop as one transaction. */
export type Writer = {
  /**
   * Runs `job` inside the next commit and resolves with its result after that commit reached the
   * disk. A job only reads and writes the database: it runs again when a neighbour fails.
   */
  readonly write: <T>(job: () => T) => Promise<T>;
  /** The same for what nobody outside waits for: shortly after a commit it waits for company. */
  readonly writeSoon: <T>(job: () => T) => Promise<T>;
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

/** Runs all jobs in one transaction and gives their results. */
type RunAll = (batch: readonly Job[]) => readonly unknown[];

/** Time that nobody sets, and what runs after so much of it; `later` gives what cancels it. */
type Time = {
  readonly nowMs: () => number;
  readonly later: (run: () => void, afterMs: number) => () => void;
};
const ownTime: Time = {
  nowMs: () => performance.now(),
  later(run, afterMs) {
    const timer = setTimeout(run, afterMs);
    return () => clearTimeout(timer);
  },
};

/** More than this goes into further commits, so that health checks get a turn between them. */
const longestBatch = 256;

/**
 * With at most one commit in so long for what may wait, a drain of a portal that answers after 50 ms
 * takes 0.62 (8 and 32 connections) to 0.85 (128) of the processor's time; 8 ms give no more.
 */
const gatherMs = 4;

/**
 * `setImmediate` is the moment: after the poll phase every ready socket was read, so a batch is all
 * that arrived in this turn, and while it commits the kernel queues the next (performance.md).
 */
export function createWriter(database: Database, onCommit = () => {}, time = ownTime): Writer {
  // Made once: for each commit anew, a single delivery takes a tenth longer.
  const runAll = database.transaction((batch: readonly Job[]) => batch.map((job) => job.run()));
  let queue: Job[] = [];
  let isScheduled = false;
  let cancelGathering: (() => void) | null = null;
  let committedAt = Number.NEGATIVE_INFINITY;
  let whenDrained: (() => void)[] = [];

  function enqueue<T>(job: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      queue.push({ run: job, resolve, reject });
    });
  }

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(flush);
  }

  function scheduleSoon(): void {
    const waitMs = committedAt + gatherMs - time.nowMs();
    if (waitMs <= 0) schedule();
    else cancelGathering ??= time.later(schedule, waitMs);
  }

  function flush(): void {
    isScheduled = false;
    cancelGathering?.();
    cancelGathering = null;
    const batch = queue.slice(0, longestBatch);
    queue = queue.slice(longestBatch);
    commitBatch(runAll.immediate, batch);
    committedAt = time.nowMs();
    onCommit();
    if (queue.length > 0) {
      schedule();
      return;
    }
    for (const resolve of whenDrained) resolve();
    whenDrained = [];
  }

  return {
    write(job) {
      const written = enqueue(job);
      schedule();
      return written;
    },
    writeSoon(job) {
      const written = enqueue(job);
      scheduleSoon();
      return written;
    },
    queued: () => queue.length,
    drained: () =>
      queue.length === 0 ? Promise.resolve() : new Promise((resolve) => whenDrained.push(resolve)),
  };
}

/**
 * One bad job never fails its neighbours: a batch that throws is rolled back and each half tried
 * again. A database that cannot write fails all of it at once instead.
 */
function commitBatch(runAll: RunAll, batch: readonly Job[]): void {
  if (batch.length === 0) return;
  let results: readonly unknown[];
  try {
    results = runAll(batch);
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
    commitBatch(runAll, batch.slice(0, middle));
    commitBatch(runAll, batch.slice(middle));
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
