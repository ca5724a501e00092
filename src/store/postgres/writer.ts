import { eq, type SQL, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { PgDialect } from 'drizzle-orm/pg-core';
import type pg from 'pg';
import type { Place } from '../place.ts';
import { StoreUnavailable } from '../store.ts';
import {
  type Access,
  beginStatement,
  endClient,
  faultOf,
  isCollision,
  isDivisionByZero,
  mostCollisions,
  openClient,
} from './connection.ts';
import { tablesIn } from './schema.ts';

/** Writes several inputs of one kind in one transaction. The results are in the order of the inputs. */
export type Together<In, Out> =
  | { readonly run: (access: Access, inputs: readonly In[]) => Promise<readonly Out[]> }
  /**
   * Makes one statement that writes the inputs, and records the number and the results of the batch as
   * `note` does. The statement returns the results in the column `results`, as a JSON list. It is a
   * transaction of its own, so a writer that gets such inputs must get no inputs of other kinds.
   */
  | { readonly call: (inputs: readonly In[], number: number) => SQL };

/**
 * Commits writes in groups, one transaction at a time. A transaction contains the writes that wait when
 * it begins, up to `longestBatch`.
 */
export type Writer = {
  /**
   * Runs `job` inside the next transaction. Resolves with the result of the job after the commit. A job
   * may only use the database, because it runs again when another job of its transaction fails. The
   * result must be JSON.
   */
  readonly write: <T>(job: (access: Access) => Promise<T>) => Promise<T>;
  /**
   * Writes the input in the next transaction. Resolves with the result after the commit. Inputs of the
   * same kind are written together, with a few statements.
   */
  readonly writeTogether: <In, Out>(kind: Together<In, Out>, input: In) => Promise<Out>;
  /** The number of jobs whose transaction has not begun. */
  readonly queued: () => number;
  /** Waits for the jobs, and ends the connection. */
  readonly close: () => Promise<void>;
};

export type Numbers = { batch: number; intake: number };

/** The id of a replica, and the number of the last batch of each of its two writers. */
export type Lane = Numbers & {
  readonly replica: string;
  /**
   * What the database had when missing commits were reported. A number is deleted when its writer
   * connects again. So the same loss is not reported twice.
   */
  reported?: Partial<Numbers>;
};

/** Returns the numbers that the database has, unless commits are missing that were not reported. */
export function expected({ batch, intake, reported }: Lane): Numbers {
  return {
    batch: Math.min(batch, reported?.batch ?? batch),
    intake: Math.min(intake, reported?.intake ?? intake),
  };
}

/**
 * Reports commits of this process that are missing, as they are if a standby without them has taken over.
 * @param wanted returned by `expected` before the stored numbers were read
 */
export async function reportMissing(
  lane: Lane,
  wanted: Numbers,
  { batch, intake }: Numbers,
  report: () => Promise<void>,
): Promise<void> {
  if (batch >= wanted.batch && intake >= wanted.intake) return;
  await report();
  lane.reported = { batch, intake };
}

type Job = {
  readonly kind: Together<never, unknown>;
  readonly input: unknown;
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
};

/** The most jobs in one transaction. */
const longestBatch = 256;
const dialect = new PgDialect();

/**
 * @param options.lane the lane of this process, which has a row in `replicas`
 * @param options.counts which number of the lane this writer raises. There is one writer for each
 *   number, and each writer has its own connection
 * @param options.onWentBack called when commits of this process are missing in the database
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: short functions that share one state
export function createWriter(options: {
  readonly place: Place;
  readonly lane: Lane;
  readonly counts: keyof Numbers;
  readonly onWentBack: (access: Access) => Promise<void>;
}): Writer {
  const { place, lane, counts, onWentBack } = options;
  const tables = tablesIn(place.schemaName);
  const { [counts]: number, [counts === 'batch' ? 'results' : 'intakeResults']: answers } =
    tables.replicas;
  const lostLane = `${place.shown} does not know this replica at the moment`;
  let queue: Job[] = [];
  let client: pg.Client | null = null;
  let working: Promise<void> | null = null;
  let isClosed = false;

  function start(): void {
    working ??= new Promise<void>((resolve) => {
      // `setImmediate` waits until all ready sockets are read, so one transaction contains the jobs that
      // arrived in this turn.
      setImmediate(() => void work().finally(resolve));
    }).finally(() => {
      working = null;
      if (queue.length > 0) start();
    });
  }

  /** Sends each batch before it settles the jobs of the previous batch, so the server need not wait. */
  async function work(): Promise<void> {
    let settle = () => {};
    while (queue.length > 0) {
      const batch = queue.slice(0, longestBatch);
      queue = queue.slice(longestBatch);
      const committing = commitBatch(batch);
      settle();
      settle = await committing;
    }
    settle();
  }

  /**
   * Commits a batch. If it fails, each half is tried by itself, so one bad job does not fail the
   * others. If the server cannot be used, the whole batch fails at once.
   * @returns a function that settles the promises of the jobs
   */
  async function commitBatch(batch: readonly Job[]): Promise<() => void> {
    try {
      const results = await runAll(batch);
      // `never`, because the types of the jobs differ: each result goes to the promise of its job.
      return () => batch.forEach((job, index) => void job.resolve(results[index] as never));
    } catch (error) {
      const fault = faultOf(error, place);
      if (fault !== null || batch.length === 1) {
        return () => batch.forEach((job) => void job.reject(fault ?? error));
      }
      const middle = Math.ceil(batch.length / 2);
      const first = await commitBatch(batch.slice(0, middle));
      const second = await commitBatch(batch.slice(middle));
      return () => {
        first();
        second();
      };
    }
  }

  async function runAll(batch: readonly Job[]): Promise<readonly unknown[]> {
    let isRepeated = false;
    for (let collisions = 0; ; collisions += 1) {
      // `connected` is called outside of `try`, because nothing of this batch was sent yet. If it finds
      // a commit whose answer was lost, that commit belongs to an earlier batch.
      const connection = client ?? (await connected());
      try {
        return await runOnce(connection, batch);
      } catch (error) {
        if (isCollision(error) && collisions < mostCollisions) continue;
        if (faultOf(error, place) === null) throw error;
        dropClient();
        if (isRepeated) throw error;
        isRepeated = true;
        // The answer to COMMIT may have been lost. If the server does not answer now, the next batch
        // connects again.
        const found = await reconnect().catch(() => null);
        if (found === null) throw error;
        if (found.lost !== null) return found.lost.slice(0, batch.length);
      }
    }
  }

  async function runOnce(
    connection: pg.Client,
    batch: readonly Job[],
  ): Promise<readonly unknown[]> {
    const kind = batch[0]?.kind;
    try {
      const results =
        kind && 'call' in kind
          ? // `never`: see `add`.
            await ask(
              connection,
              kind.call(
                batch.map(({ input }) => input as never),
                lane[counts],
              ),
            )
          : await runInTransaction(connection, batch);
      lane[counts] += 1;
      return results;
    } catch (error) {
      // The connection still works, so only the transaction is rolled back. After a fault of the server
      // or the connection, `runAll` ends the connection instead.
      if (faultOf(error, place) === null) {
        await connection.query('ROLLBACK').catch(() => dropClient());
      }
      throw error;
    }
  }

  /**
   * Runs the jobs in one transaction. To save time, BEGIN is sent together with the first statement, and
   * COMMIT together with the last one, without waiting for the answers in between.
   */
  async function runInTransaction(connection: pg.Client, batch: readonly Job[]) {
    const access = { db: drizzle(connection), tables };
    const begun = connection.query(beginStatement);
    const [results] = await Promise.all([runJobs(access, batch), begun]);
    const answer = JSON.stringify(results.map((one) => one ?? null));
    await Promise.all([note(connection, answer), connection.query('COMMIT')]);
    return results;
  }

  /**
   * Records the number of the batch and its results, so that a lost answer can be looked up. If the
   * stored number is not `lane[counts]`, the statement fails in the database, so that a COMMIT after it
   * commits nothing.
   */
  function note(connection: pg.Client, results: string): Promise<unknown> {
    const { replicas } = tables;
    const isNext = sql`${eq(replicas.id, lane.replica)} AND ${eq(number, lane[counts])}`;
    const statement = sql`WITH noted AS (
      UPDATE ${replicas} SET ${sql.identifier(number.name)} = ${number} + 1, ${sql.identifier(answers.name)} = ${results}::jsonb
      WHERE ${isNext} RETURNING 1
    ) SELECT 1 / (SELECT count(*) FROM noted) AS results`;
    return ask(connection, statement);
  }

  async function ask(connection: pg.Client, statement: SQL) {
    // Drizzle would send this statement later than the COMMIT that must follow it.
    const { sql: text, params } = dialect.sqlToQuery(statement);
    try {
      return (await connection.query(text, params)).rows[0].results;
    } catch (error) {
      throw isDivisionByZero(error) ? new StoreUnavailable(lostLane, { cause: error }) : error;
    }
  }

  async function connected(): Promise<pg.Client> {
    if (client === null) await reconnect();
    if (client === null) throw new StoreUnavailable(`the connection to ${place.shown} was lost`);
    return client;
  }

  /**
   * Opens the connection, and compares the stored number of the last batch with `lane`. An earlier
   * transaction of this process may still be open. If that transaction has updated the row of this
   * replica, `readLane` waits until the transaction ends, because `readLane` locks the same row.
   * Otherwise either that transaction or the repeated batch fails, because `note` checks the number.
   * @returns `lost`: the results of a batch that was committed, but whose answer was lost. Null if there
   *   is no such batch
   */
  async function reconnect(): Promise<{ readonly lost: readonly unknown[] | null }> {
    const opened = await openClient(place, { pipeline: true });
    opened.on('error', () => {
      if (client === opened) client = null;
    });
    const row = await readLane(opened).catch(async (error: unknown) => {
      await endClient(opened);
      throw error;
    });
    const isLost = row.number > lane[counts];
    lane[counts] = row.number;
    client = opened;
    // `note` and `accept_deliveries` store a list.
    return { lost: isLost ? (row.answers as unknown[]) : null };
  }

  async function readLane(opened: pg.Client) {
    const { replicas } = tables;
    const { id, batch, intake } = replicas;
    const wanted = expected(lane);
    const rows = drizzle(opened).select({ batch, intake, answers }).from(replicas);
    const [row] = await rows.where(eq(id, lane.replica)).for('update');
    if (row === undefined) throw new StoreUnavailable(lostLane);
    await reportMissing(lane, wanted, row, () => onWentBack({ db: drizzle(opened), tables }));
    delete lane.reported?.[counts];
    return { number: row[counts], answers: row.answers };
  }

  function dropClient(): void {
    if (client) void endClient(client);
    client = null;
  }

  function add<In, Out>(kind: Together<In, Out>, input: In): Promise<Out> {
    if (isClosed) return Promise.reject(new StoreUnavailable('the store is closed'));
    const added = new Promise<Out>((resolve, reject) => {
      // The cast to `never` is safe, because a job's input is passed only to the kind of the same job.
      queue.push({ kind: kind as Together<never, unknown>, input, resolve, reject });
    });
    start();
    return added;
  }

  return {
    write: (job) => add(single, job) as never,
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

const single = { run: runEach };

/** Runs the jobs in their order. Neighbouring jobs of the same kind run together. */
async function runJobs(access: Access, batch: readonly Job[]): Promise<unknown[]> {
  const results: unknown[] = [];
  for (let from = 0; from < batch.length; ) {
    const kind = batch[from]?.kind;
    const behind = batch.findIndex((job, index) => index > from && job.kind !== kind);
    const group = batch.slice(from, behind === -1 ? undefined : behind);
    if (kind && 'run' in kind) {
      // `never`: see `add`.
      results.push(...(await kind.run(access, group.map(({ input }) => input) as never)));
    }
    from += group.length;
  }
  return results;
}
