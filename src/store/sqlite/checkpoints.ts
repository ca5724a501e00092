import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { Database } from 'better-sqlite3';

/**
 * Moves what was committed from the log into the database, in a thread with a connection of its own,
 * so that no answer waits for it.
 */
export type Checkpoints = {
  /** There is something to move. */
  readonly committed: () => void;
  /** Ends the thread; resolves when its connection is closed. */
  readonly stop: () => Promise<void>;
};

/** Commits before the thread is worth its memory: a command that writes a little never starts it. */
const commitsBefore = 500;
/**
 * Between two checkpoints. On one core the thread takes its time from the answers: every 50 ms 0.61 of a
 * bare receiver with a p99 of 29 ms, every 400 ms 0.76 and 16 ms (seven rounds of bench/load).
 */
const everyMs = 400;
/**
 * On one core the answers come first: 0.71 of a bare receiver instead of 0.62 (five rounds of bench/load).
 * Linux has a niceness for each thread (sched(7)); elsewhere it would be the whole process's.
 */
const niceness = process.platform === 'linux' ? 10 : null;
/** Pages in the log from which on SQLite checkpoints while it commits; 1,000 is its default. */
const automatic = { alone: 1_000, behindThread: 8_000 };

const written = 0;
const stopping = 1;

/**
 * The thread has no sources of its own: evaluated text runs the same from src/ and from dist/. It
 * sleeps until something is written, and PASSIVE waits for nobody (sqlite.org/pragma.html).
 */
const source = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { driver, file, shared, everyMs, niceness } = workerData;
  if (niceness !== null) require('node:os').setPriority(niceness);
  const database = new (require(driver))(file, { fileMustExist: true, timeout: 0 });
  database.pragma('synchronous = FULL');
  let seen = 0;
  let fails = false;
  for (;;) {
    Atomics.wait(shared, ${written}, seen);
    Atomics.wait(shared, ${stopping}, 0, everyMs);
    if (Atomics.load(shared, ${stopping}) === 1) break;
    seen = Atomics.load(shared, ${written});
    try {
      database.pragma('wal_checkpoint(PASSIVE)');
      fails = false;
    } catch (error) {
      if (!fails) parentPort.postMessage(String(error.message));
      fails = true;
    }
  }
  database.close();
`;

/**
 * p99 of a commit of 27 deliveries was 0.5 to 0.9 of what it is with the automatic ones alone, by how
 * busy the disk was.
 * @param onTrouble told when checkpoints begin to fail, with what SQLite said; its automatic ones,
 *   in the thread that commits, go on
 */
export function createCheckpoints(
  database: Database,
  onTrouble: (detail: string) => void,
): Checkpoints {
  const shared = new Int32Array(new SharedArrayBuffer(8));
  let commits = 0;
  let thread: Worker | null = null;

  function start(): void {
    const driver = createRequire(import.meta.url).resolve('better-sqlite3');
    const workerData = { driver, file: database.name, shared, everyMs, niceness };
    // Without the parent's --import hooks: the thread runs plain JavaScript.
    thread = new Worker(source, { eval: true, execArgv: [], workerData });
    thread.on('message', (detail) => onTrouble(String(detail)));
    thread.on('error', (error) => onTrouble(error.message));
    thread.once('exit', () => {
      thread = null;
      if (database.open) checkpointFrom(automatic.alone);
    });
    thread.unref();
    checkpointFrom(automatic.behindThread);
  }

  function checkpointFrom(pages: number): void {
    database.pragma(`wal_autocheckpoint = ${pages}`);
  }

  function wake(place: number, value: number): void {
    Atomics.store(shared, place, value);
    Atomics.notify(shared, place);
  }

  return {
    committed() {
      commits += 1;
      if (commits === commitsBefore) start();
      if (thread) wake(written, commits);
    },
    async stop() {
      if (!thread) return;
      const ended = new Promise((resolve) => thread?.once('exit', resolve));
      // Else the process could end before it.
      thread.ref();
      wake(stopping, 1);
      wake(written, commits + 1);
      await ended;
    },
  };
}
