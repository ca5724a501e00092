import { eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import type { Place } from '../place.ts';
import { StoreUnavailable } from '../store.ts';
import {
  type Access,
  beginStatement,
  endClient,
  faultOf,
  isCollision,
  openClient,
} from './connection.ts';
import { tablesIn } from './schema.ts';

/** Runs several inputs of one kind inside a transaction, and returns their results in order. */
type Together<In, Out> = (access: Access, inputs: readonly In[]) => Promise<readonly Out[]>;

/** Commits all writes of one turn of the event loop in one transaction, one transaction at a time. */
export type Writer = {
  /**
   * Runs `job` inside the next transaction. Resolves with its result after the commit. A job may
   * only use the database, because it runs again when another job of its transaction fails. Its
   * result must be JSON.
   */
  readonly write: <T>(job: (access: Access) => Promise<T>) => Promise<T>;
  /** The same for inputs that one function writes with a few statements for all of them. */
  readonly writeTogether: <In, Out>(together: Together<In, Out>, input: In) => Promise<Out>;
  /** The number of jobs that wait for their commit. */
  readonly queued: () => number;
  /** Waits for the jobs, and ends the connection. */
  readonly close: () => Promise<void>;
};

/** The commits of a replica: its id, and the number of its last commit. */
export type Lane = { readonly replica: string; batch: number };

type Job = {
  readonly run: Together<never, unknown>;
  readonly input: unknown;
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
};

/** The most jobs in one transaction. */
const longestBatch = 256;
const mostCollisions = 10;

/**
 * @param options.lane of this process; its row in `replicas` exists
 * @param options.onWentBack called when commits of this process are missing in the database
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: short functions that share one state
export function createWriter(options: {
  readonly place: Place;
  readonly lane: Lane;
  readonly onWentBack: (access: Access) => Promise<void>;
}): Writer {
  const { place, lane, onWentBack } = options;
  const tables = tablesIn(place.schemaName);
  const lostLane = `${place.shown} does not know this replica at the moment`;
  let queue: Job[] = [];
  let client: pg.Client | null = null;
  let working: Promise<void> | null = null;
  let isClosed = false;

  function start(): void {
    working ??= new Promise<void>((resolve) => {
      // After all ready sockets were read, so that one transaction holds what arrived in this turn.
      setImmediate(() => void work().finally(resolve));
    }).finally(() => {
      working = null;
      if (queue.length > 0) start();
    });
  }

  async function work(): Promise<void> {
    const batch = queue.slice(0, longestBatch);
    queue = queue.slice(longestBatch);
    await commitBatch(batch);
  }

  /**
   * Commits a batch. If it fails, each half is tried by itself, so one bad job does not fail the
   * others. If the server cannot be used, the whole batch fails at once.
   */
  async function commitBatch(batch: readonly Job[]): Promise<void> {
    let results: readonly unknown[];
    try {
      results = await runAll(batch);
    } catch (error) {
      const fault = faultOf(error, place);
      if (fault !== null || batch.length === 1) {
        for (const job of batch) job.reject(fault ?? error);
        return;
      }
      const middle = Math.ceil(batch.length / 2);
      await commitBatch(batch.slice(0, middle));
      await commitBatch(batch.slice(middle));
      return;
    }
    batch.forEach((job, index) => {
      // `never`, because the types of the jobs differ: each result goes to the promise of its job.
      job.resolve(results[index] as never);
    });
  }

  async function runAll(batch: readonly Job[]): Promise<readonly unknown[]> {
    let isRepeated = false;
    for (let collisions = 0; ; collisions += 1) {
      try {
        return await runOnce(batch);
      } catch (error) {
        if (isCollision(error) && collisions < mostCollisions) continue;
        if (faultOf(error, place) === null) throw error;
        dropClient();
        if (isRepeated) throw error;
        isRepeated = true;
        // The answer to COMMIT may have been lost. If the server does not answer, the next batch
        // connects again.
        const found = await reconnect().catch(() => null);
        if (found === null) throw error;
        if (found.lost !== null) return found.lost.slice(0, batch.length);
      }
    }
  }

  async function runOnce(batch: readonly Job[]): Promise<readonly unknown[]> {
    const connection = await connected();
    const access = { db: drizzle(connection), tables };
    try {
      await connection.query(beginStatement);
      const results = await runJobs(access, batch);
      await nextBatch(access, results);
      await connection.query('COMMIT');
      lane.batch += 1;
      return results;
    } catch (error) {
      // After a fault of the server or the connection, `runAll` ends the connection.
      if (faultOf(error, place) === null) {
        await connection.query('ROLLBACK').catch(() => dropClient());
      }
      throw error;
    }
  }

  /** Records the number of the batch and its results, so that a lost answer can be looked up. */
  async function nextBatch({ db }: Access, results: readonly unknown[]): Promise<void> {
    const { replicas } = tables;
    const isNext = sql`${eq(replicas.id, lane.replica)} AND ${eq(replicas.batch, lane.batch)}`;
    const next = { batch: lane.batch + 1, results: [...results].map((one) => one ?? null) };
    const { rowCount } = await db.update(replicas).set(next).where(isNext);
    if (rowCount !== 1) throw new StoreUnavailable(lostLane);
  }

  async function connected(): Promise<pg.Client> {
    if (client === null) await reconnect();
    if (client === null) throw new StoreUnavailable(`the connection to ${place.shown} was lost`);
    return client;
  }

  /**
   * Opens the connection and compares the number of the last batch. The row stays locked until an
   * earlier transaction of this process has ended, so its number is final.
   * @returns `lost`: the results of a batch that was committed without an answer; null if there is none
   */
  async function reconnect(): Promise<{ readonly lost: readonly unknown[] | null }> {
    const opened = await openClient(place);
    opened.on('error', () => {
      if (client === opened) client = null;
    });
    const row = await readLane(opened).catch(async (error: unknown) => {
      await endClient(opened);
      throw error;
    });
    const isLost = row.batch > lane.batch;
    lane.batch = row.batch;
    client = opened;
    // `nextBatch` wrote a list.
    return { lost: isLost ? (row.results as unknown[]) : null };
  }

  async function readLane(opened: pg.Client) {
    const { replicas } = tables;
    const rows = drizzle(opened).select().from(replicas).where(eq(replicas.id, lane.replica));
    const [row] = await rows.for('update');
    if (row === undefined) throw new StoreUnavailable(lostLane);
    // A standby without the last commits has taken over.
    if (row.batch < lane.batch) await onWentBack({ db: drizzle(opened), tables });
    return row;
  }

  function dropClient(): void {
    if (client) void endClient(client);
    client = null;
  }

  function add<In, Out>(run: Together<In, Out>, input: In): Promise<Out> {
    if (isClosed) return Promise.reject(new StoreUnavailable('the store is closed'));
    const added = new Promise<Out>((resolve, reject) => {
      // `never`: the function gets only the inputs that came with it.
      queue.push({ run: run as Together<never, unknown>, input, resolve, reject });
    });
    start();
    return added;
  }

  return {
    write: (job) => add(runEach, job) as never,
    writeTogether: add,
    queued: () => queue.length,
    async close() {
      while (working) await working;
      isClosed = true;
      if (client) await endClient(client);
    },
  };
}

async function runEach(
  access: Access,
  jobs: readonly ((access: Access) => Promise<unknown>)[],
): Promise<readonly unknown[]> {
  const results: unknown[] = [];
  for (const job of jobs) results.push(await job(access));
  return results;
}

/** Runs the jobs in their order; neighbours with the same function run together. */
async function runJobs(access: Access, batch: readonly Job[]): Promise<unknown[]> {
  const results: unknown[] = [];
  for (let from = 0; from < batch.length; ) {
    const run = batch[from]?.run;
    const behind = batch.findIndex((job, index) => index > from && job.run !== run);
    const group = batch.slice(from, behind === -1 ? undefined : behind);
    // `never`: see `add`.
    results.push(...((await run?.(access, group.map(({ input }) => input) as never)) ?? []));
    from += group.length;
  }
  return results;
}
