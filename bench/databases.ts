import { randomBytes } from 'node:crypto';
import Database from 'better-sqlite3';
import pg from 'pg';
import { launchPostgres } from '../test/support/postgres-server.ts';
import { cpuMsOf } from './drain/cpu.ts';

/** The store that a bench measures. */
export type StoreKind = 'sqlite' | 'postgres';

/** The database of a measured program, as the bench checks it meanwhile. */
export type BenchDatabase = {
  /** The setting `DATABASE_URL`. */
  readonly url: string;
  readonly eventIds: () => Promise<ReadonlySet<number>>;
  /** The number of deliveries that have become hints. */
  readonly hints: () => Promise<number>;
  /** Whether every delivery has become a hint and nobody is due any more. */
  readonly isSettled: () => Promise<boolean>;
  readonly welcomed: () => Promise<number>;
  /** The processes that serve its sessions, and the CPU time of each (ms). A file has none. */
  readonly sessions: () => Promise<ReadonlyMap<number, number>>;
};

const welcomedQuery = "SELECT count(*) AS count FROM members WHERE state = 'welcomed'";

export function sqliteDatabase(file: string): BenchDatabase {
  return {
    url: `file:${file}`,
    eventIds: async () =>
      reading(file, (database) => {
        const ids = database.prepare<[], number>('SELECT event_id FROM deliveries').pluck().all();
        return new Set(ids);
      }),
    hints: async () => reading(file, appliedThrough),
    isSettled: async () =>
      reading(file, (database) => {
        const last = database.prepare('SELECT max(id) FROM deliveries').pluck().get();
        const due = database.prepare('SELECT 1 FROM members WHERE due_at <= ? LIMIT 1');
        return appliedThrough(database) === last && due.get(Date.now()) === undefined;
      }),
    welcomed: async () =>
      reading(file, (database) => Number(database.prepare(welcomedQuery).pluck().get())),
    sessions: async () => new Map(),
  };
}

function appliedThrough(database: Database.Database): number {
  const value = database
    .prepare("SELECT value FROM key_values WHERE key = 'applied_through'")
    .pluck();
  return Number(value.get() ?? 0);
}

function reading<T>(file: string, read: (database: Database.Database) => T): T {
  const database = new Database(file, { readonly: true, timeout: 5_000 });
  try {
    return read(database);
  } finally {
    database.close();
  }
}

export type BenchServer = {
  readonly newDatabase: () => Promise<BenchDatabase>;
  readonly remove: () => Promise<void>;
};

/**
 * Starts PostgreSQL with `fsync`, for both cores: it belongs neither to the server nor to the load.
 * The caller has not pinned itself yet.
 */
export async function startPostgresForBench(): Promise<BenchServer> {
  const { url, remove } = await launchPostgres({ fsync: true });
  return {
    remove,
    async newDatabase() {
      const name = `bench_${randomBytes(4).toString('hex')}`;
      await asked(url, `CREATE DATABASE ${name}`);
      const its = new URL(url);
      its.pathname = `/${name}`;
      return postgresDatabase(its.href);
    },
  };
}

function postgresDatabase(url: string): BenchDatabase {
  const count = async (query: string) => Number((await asked(url, query))[0]?.['count']);
  return {
    url,
    async eventIds() {
      const rows = await asked(url, 'SELECT event_id FROM docspace_welcome.deliveries');
      return new Set(rows.map((row) => Number(row['event_id'])));
    },
    hints: () =>
      count(`SELECT (SELECT count(*) FROM docspace_welcome.deliveries)
        - (SELECT count(*) FROM docspace_welcome.inbox) AS count`),
    async isSettled() {
      const rows = await asked(
        url,
        `SELECT FROM docspace_welcome.inbox UNION ALL (SELECT FROM docspace_welcome.members
          WHERE due_at <= extract(epoch FROM now()) * 1000) LIMIT 1`,
      );
      return rows.length === 0;
    },
    welcomed: () => count(welcomedQuery.replace('members', 'docspace_welcome.members')),
    async sessions() {
      const found = await asked(
        url,
        `SELECT pid FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      );
      return new Map(found.map(({ pid }) => [Number(pid), cpuMsOf(Number(pid))]));
    },
  };
}

async function asked(url: string, query: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(query)).rows;
  } finally {
    await client.end();
  }
}
