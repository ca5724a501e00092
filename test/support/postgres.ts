import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject, onTestFinished, TestRunner } from 'vitest';
import { type CuttableProxy, openCuttableProxy } from './cuttable-proxy.ts';
import {
  launchPgBouncer,
  launchPostgres,
  type PostgresOptions,
  type PostgresServer,
  pgBouncerPath,
  postgresFolder,
} from './postgres-server.ts';
import { until } from './until.ts';

/*
 * PostgreSQL for tests. What is started in a test ends with the test. What is started outside of a
 * test (`beforeAll`) ends at the latest with the process of its test file, and a database with the
 * run.
 */

// In CI these tests are never left out: they fail if a program is missing.
const isCi = process.env['CI'] === 'true';

/** Whether there is a server for the tests of this run. */
export const hasPostgres =
  isCi || Boolean(process.env['TEST_POSTGRES_URL']) || postgresFolder() !== null;
/** Whether a test can start a server of its own. `TEST_POSTGRES_URL` is not enough for that. */
export const canStartPostgres = isCi || postgresFolder() !== null;
export const canStartPgBouncer = isCi || (hasPostgres && pgBouncerPath() !== null);

const caughtUpWithinMs = 10_000;

export type DatabaseOptions = {
  readonly locale?: 'C' | 'C.UTF-8';
  /** The URL of a server of the test's own, with its superuser. Left out: the shared server. */
  readonly server?: string;
};

/** The role that owns the databases of the tests. It is not a superuser, as in production. */
const owner = { name: 'dw_test_owner', password: 'owner-of-the-tests' };

/**
 * Makes a new, empty UTF-8 database, and drops it when the test is over.
 * @returns its URL, with a role that owns the database and has no other rights
 */
export async function freshDatabase(options: DatabaseOptions = {}): Promise<string> {
  const url = await createDatabase(options);
  // The whole server of a test is deleted after it.
  if (TestRunner.getCurrentTest() && !options.server) onTestFinished(() => dropDatabase(url));
  return url;
}

async function createDatabase({ locale = 'C.UTF-8', server }: DatabaseOptions): Promise<string> {
  const admin = server ?? (await sharedServer());
  const name = `${inject('postgres').prefix}${randomBytes(4).toString('hex')}`;
  await queryOnce(admin, createOwner);
  await queryOnce(
    admin,
    `CREATE DATABASE ${name} OWNER ${owner.name} TEMPLATE template0 ENCODING 'UTF8' LOCALE '${locale}'`,
  );
  const url = new URL(admin);
  url.username = owner.name;
  url.password = owner.password;
  url.pathname = `/${name}`;
  return url.href;
}

async function dropDatabase(url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  await queryOnce(await sharedServer(), `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
}

const createOwner = `DO $$ BEGIN
  CREATE ROLE ${owner.name} LOGIN PASSWORD '${owner.password}';
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`;

/** Starts a server of the test's own, which the test may stop, restart and disturb. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const server = await launchPostgres(options);
  if (TestRunner.getCurrentTest()) onTestFinished(server.remove);
  return server;
}

/** A database whose server has a standby. */
export type Pair = {
  /** The database, behind an address that stays the same. */
  readonly url: string;
  readonly primary: PostgresServer;
  /** Every commit so far reaches the standby, and no later one does. */
  readonly cutOff: () => Promise<void>;
  /** The primary crashes, and the standby takes over. */
  readonly failOver: () => Promise<void>;
};

export async function startPair(): Promise<Pair> {
  const primary = await startPostgres();
  const url = await freshDatabase({ server: primary.url });
  const standby = await primary.standby();
  onTestFinished(standby.remove);
  const proxy = await cuttableProxy(url);
  let isFollowing = true;
  return {
    url: proxy.url,
    primary,
    async cutOff() {
      const [now] = await queryOnce(primary.url, 'SELECT pg_current_wal_lsn() AS lsn');
      const hasIt = `SELECT WHERE pg_last_wal_replay_lsn() >= '${now?.['lsn']}'`;
      const hasCaughtUp = async () => (await queryOnce(standby.url, hasIt)).length === 1;
      await until('the standby has every commit', hasCaughtUp, caughtUpWithinMs);
      await standby.stop();
      isFollowing = false;
    },
    async failOver() {
      await primary.stop('immediate');
      if (!isFollowing) await standby.start();
      await queryOnce(standby.url, 'SELECT pg_promote()');
      proxy.pointAt(standby.url);
    },
  };
}

/**
 * Starts PgBouncer in transaction mode before the server of this database.
 * @returns the URL of the same database through PgBouncer
 */
export async function startPgBouncer(url: string): Promise<string> {
  const bouncer = await launchPgBouncer(url);
  if (TestRunner.getCurrentTest()) onTestFinished(bouncer.remove);
  return bouncer.url;
}

/** Starts a proxy before the server of this URL. */
export async function cuttableProxy(url: string): Promise<CuttableProxy> {
  const proxy = await openCuttableProxy(url);
  if (TestRunner.getCurrentTest()) onTestFinished(proxy.close);
  return proxy;
}

export type PooledDatabase = { readonly url: string; readonly giveBack: () => Promise<void> };

/**
 * Databases for many short tests, one after the other. A database that is given back is emptied,
 * which is much faster than a new one.
 * @param prepare makes the tables in a new database. The rows that it leaves there come back
 *   whenever the database is emptied
 */
export function databasePool(
  prepare: (url: string) => Promise<void>,
): () => Promise<PooledDatabase> {
  const free: PooledDatabase[] = [];
  return async () => {
    const found = free.pop();
    if (found) return found;
    const url = await createDatabase({});
    await prepare(url);
    const superuser = new URL(await sharedServer());
    superuser.pathname = new URL(url).pathname;
    const client = new pg.Client(superuser.href);
    // The database may be dropped, and the server may end, before this process does.
    client.on('error', () => {});
    await client.connect();
    await client.query(keepRows);
    const database = {
      url,
      async giveBack() {
        await client.query(endConnections);
        await client.query(restoreRows);
        free.push(database);
      },
    };
    return database;
  };
}

/** A process that a test killed may be in the middle of a statement. */
const endConnections = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'`;

const tables = `SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
  WHERE relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'kept_rows')`;

/** Copies the rows of every table that is not empty. */
const keepRows = `DO $$ DECLARE t record; filled boolean; BEGIN
  CREATE SCHEMA kept_rows;
  FOR t IN ${tables} LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %s)', t.oid::regclass) INTO filled;
    IF filled THEN
      EXECUTE format('CREATE TABLE kept_rows.%I AS TABLE %s', t.oid, t.oid::regclass);
    END IF;
  END LOOP;
END $$`;

/** A superuser may turn off triggers and foreign keys, so the order of the tables does not matter. */
const restoreRows = `DO $$ DECLARE t record; BEGIN
  SET LOCAL session_replication_role = replica;
  FOR t IN ${tables} LOOP
    EXECUTE format('DELETE FROM %s', t.oid::regclass);
    IF to_regclass(format('kept_rows.%I', t.oid)) IS NOT NULL THEN
      EXECUTE format('INSERT INTO %s OVERRIDING SYSTEM VALUE TABLE kept_rows.%I', t.oid::regclass, t.oid);
    END IF;
  END LOOP;
  PERFORM setval(seqrelid, seqstart, false) FROM pg_sequence;
END $$`;

let shared: Promise<string> | undefined;

/** The URL of the shared server, with its superuser. */
function sharedServer(): Promise<string> {
  shared ??= askBroker();
  return shared;
}

async function askBroker(): Promise<string> {
  const answer = await fetch(inject('postgres').broker);
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text;
}

async function queryOnce(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}
