import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';
import pg from 'pg';
import { EnvHttpProxyAgent } from 'undici';

/*
 * Loaded before the program by `--import`. Tests import only its types. It kills its process with
 * SIGKILL at the point CRASH_AT, when that point is reached for the CRASH_NTH time. It patches the
 * libraries in this one process, so that production code needs no hook.
 */

type CommitPoint = {
  readonly moment: 'before' | 'after';
  /** A statement that the intended transaction contains, of either store. */
  readonly sql: RegExp;
  /** A text in a value of this statement. */
  readonly value?: string;
};

/** On PostgreSQL, a function of the database stores deliveries, and names contain the schema. */
const statements = {
  delivery: /insert into "deliveries"|accept_deliveries/,
  entry: /insert into ("docspace_welcome"\.)?"timeline"/i,
  begin: /insert into ("docspace_welcome"\.)?"attempts"/i,
  outcome: /update ("docspace_welcome"\.)?"attempts"/i,
};

const commitPoints = {
  delivery_before_commit: { moment: 'before', sql: statements.delivery },
  delivery_after_commit: { moment: 'after', sql: statements.delivery },
  hint_before_commit: { moment: 'before', sql: statements.entry, value: '{"kind":"portal"}' },
  hint_after_commit: { moment: 'after', sql: statements.entry, value: '{"kind":"portal"}' },
  attempt_before_commit: { moment: 'before', sql: statements.begin },
  attempt_after_commit: { moment: 'after', sql: statements.begin },
  outcome_before_commit: { moment: 'before', sql: statements.outcome },
  outcome_after_commit: { moment: 'after', sql: statements.outcome },
  poll_before_commit: { moment: 'before', sql: statements.entry, value: '{"kind":"poll"}' },
  poll_after_commit: { moment: 'after', sql: statements.entry, value: '{"kind":"poll"}' },
} as const satisfies Record<string, CommitPoint>;

export type CrashPoint =
  | keyof typeof commitPoints
  /** The portal's answer to a welcome has arrived, but has not been used yet. */
  | 'answer_arrived'
  /** After the n-th statement of the migration, including BEGIN and COMMIT. */
  | 'migration_statement'
  /** CRASH_DELAY_MS after the start of `wal_checkpoint`, with a log that was allowed to grow. */
  | 'checkpoint';

const point = process.env['CRASH_AT'];
const nth = Number(process.env['CRASH_NTH'] ?? 1);
let reached = 0;

if (point !== undefined && Object.hasOwn(commitPoints, point)) {
  // `hasOwn` has checked the name.
  const meant = commitPoints[point as keyof typeof commitPoints];
  watchCommits(meant);
  watchCommitsOnPostgres(meant);
}
if (point === 'answer_arrived') watchAnswers();
if (point === 'migration_statement') watchMigration();
if (point === 'checkpoint') watchCheckpoint(Number(process.env['CRASH_DELAY_MS'] ?? 0));

function reach(): void {
  reached += 1;
  if (reached !== nth) return;
  announce();
  process.kill(process.pid, 'SIGKILL');
  // The signal is on its way. Nothing more may happen on this thread.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function announce(): void {
  writeSync(2, `crash point reached: ${point}\n`);
}

function watchCommits(meant: CommitPoint): void {
  let depth = 0;
  let hasSql = false;
  let hasValue = meant.value === undefined;
  onStatement((source, values) => {
    if (!meant.sql.test(source)) return;
    hasSql = true;
    if (contains(values, meant.value)) hasValue = true;
  });
  const original = Database.prototype.transaction;

  function transaction(this: Database.Database, work: (...values: unknown[]) => unknown) {
    const begun = original.call(this, (...values: unknown[]) => {
      const result = work(...values);
      if (depth === 1 && meant.moment === 'before' && hasSql && hasValue) reach();
      return result;
    });
    const watched = (run: (...values: unknown[]) => unknown) =>
      function inTransaction(...values: unknown[]) {
        if (depth === 0) {
          hasSql = false;
          hasValue = meant.value === undefined;
        }
        depth += 1;
        try {
          const result = run(...values);
          if (depth === 1 && meant.moment === 'after' && hasSql && hasValue) reach();
          return result;
        } finally {
          depth -= 1;
        }
      };
    return Object.assign(watched(begun), { immediate: watched(begun.immediate) });
  }
  Object.assign(Database.prototype, { transaction });
}

function contains(values: readonly unknown[], text: string | undefined): boolean {
  if (text === undefined) return true;
  return values.some((value) => typeof value === 'string' && value.includes(text));
}

/** A statement that stores deliveries is a transaction of its own. */
function watchCommitsOnPostgres(meant: CommitPoint): void {
  const isDelivery = meant.sql === statements.delivery;
  const hasMeant = new WeakSet<pg.Client>();
  const original: (...given: unknown[]) => unknown = pg.Client.prototype.query;
  function query(this: pg.Client, ...given: unknown[]) {
    const [config, values] = given;
    const text = typeof config === 'object' ? Reflect.get(config ?? {}, 'text') : config;
    if (typeof text !== 'string') return original.apply(this, given);
    if (text.startsWith('BEGIN')) hasMeant.delete(this);
    const isMeant =
      meant.sql.test(text) && contains(Array.isArray(values) ? values : [], meant.value);
    if (isMeant) hasMeant.add(this);
    const commits = isDelivery ? isMeant : text === 'COMMIT' && hasMeant.has(this);
    if (commits && meant.moment === 'before') reach();
    const result = original.apply(this, given);
    if (!commits || meant.moment === 'before' || !(result instanceof Promise)) return result;
    return result.then((answer) => {
      reach();
      return answer;
    });
  }
  Object.assign(pg.Client.prototype, { query });
}

/**
 * Calls `tell` for every statement that runs. The library does not export the class of statements,
 * so it is taken from a statement.
 */
function onStatement(tell: (source: string, values: readonly unknown[]) => void): void {
  const memory = new Database(':memory:');
  const prototype: Database.Statement = Object.getPrototypeOf(memory.prepare('SELECT 1'));
  memory.close();
  for (const name of ['run', 'all', 'get'] as const) {
    const original = prototype[name];
    function watched(this: Database.Statement, ...values: unknown[]) {
      const result = original.apply(this, values);
      tell(this.source, values);
      return result;
    }
    Object.assign(prototype, { [name]: watched });
  }
}

function watchAnswers(): void {
  const original = EnvHttpProxyAgent.prototype.dispatch;
  function dispatch(this: EnvHttpProxyAgent, ...[options, handler]: Parameters<typeof original>) {
    if (!options.path.includes('sendcongratulations')) return original.call(this, options, handler);
    return original.call(this, options, { ...handler, onResponseEnd: reach });
  }
  Object.assign(EnvHttpProxyAgent.prototype, { dispatch });
}

function watchMigration(): void {
  let isMigrating = false;
  onStatement((source) => {
    if (/CREATE TABLE IF NOT EXISTS "__drizzle_migrations"/.test(source)) isMigrating = true;
    const isRead = /^\s*select/i.test(source);
    if (isMigrating && !isRead) reach();
    if (/^\s*COMMIT/.test(source)) isMigrating = false;
  });
}

/** A separate thread sends the signal, because the checkpoint keeps this one inside SQLite. */
function watchCheckpoint(delayMs: number): void {
  const begun = new Int32Array(new SharedArrayBuffer(8));
  const killer = `
    const { workerData } = require('node:worker_threads');
    Atomics.store(workerData.begun, 1, 1);
    Atomics.wait(workerData.begun, 0, 0);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, workerData.delayMs);
    process.kill(process.pid, 'SIGKILL');`;
  // Without `execArgv` the thread would load this module again, endlessly.
  const thread = new Worker(killer, { eval: true, execArgv: [], workerData: { begun, delayMs } });
  thread.unref();
  const original = Database.prototype.pragma;
  function pragma(this: Database.Database, source: string, options?: Database.PragmaOptions) {
    if (source.startsWith('wal_checkpoint')) {
      announce();
      Atomics.store(begun, 0, 1);
      Atomics.notify(begun, 0);
    }
    const result = original.call(this, source, options);
    if (source === 'synchronous = FULL') original.call(this, 'wal_autocheckpoint = 0');
    return result;
  }
  Object.assign(Database.prototype, { pragma });
}
