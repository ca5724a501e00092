import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';
import pg from 'pg';
import type { Place } from '../place.ts';
import { DatabaseRefused, ServerUnavailable, StoreUnavailable } from '../store.ts';
import { type Tables, tablesIn } from './schema.ts';

/** Gives access to the tables through one connection or a pool of connections. */
export type Access = { readonly db: NodePgDatabase; readonly tables: Tables };

// Times and ids are whole numbers below 2⁵³. Without this parser they would arrive as texts.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** The settings of a transaction in which all queries see the same moment. */
export const readOnlySnapshot = {
  isolationLevel: 'repeatable read',
  accessMode: 'read only',
} as const;

/** The database's clock, in UTC milliseconds. The clocks of two machines may differ. */
export const databaseNow = sql<number>`(extract(epoch FROM clock_timestamp()) * 1000)::bigint`;

/**
 * Whether a column has one of the values that a query with a limit returns. Inside an array, the query
 * runs once. With IN, PostgreSQL may run the query again for each row, and a query that locks rows would
 * lock further rows each time.
 */
export function isAnyOf(column: AnyPgColumn, query: SQLWrapper): SQL {
  return sql`${column} = ANY(ARRAY(${query}))`;
}

/** Quotes a name for SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Makes transactions wait for each other if they begin an attempt, begin a pause or end pauses. */
export async function lockControl({ db, tables: { control } }: Access): Promise<void> {
  await db.select({ id: control.id }).from(control).for('update');
}

/** The most checks of `waitForWriters`, and the time between two checks. */
const waits = 100;
const waitMs = 10;

/**
 * Waits until the transactions that are writing into a table at this moment have ended. Each of them
 * holds a lock on the table.
 * @returns false if one of them does not end in time
 */
export async function waitForWriters(
  { db, tables: { schema } }: Access,
  table: 'timeline' | 'deliveries',
): Promise<boolean> {
  const name = `${quoted(schema.schemaName)}.${table}`;
  const isWriting = sql`relation = ${name}::regclass AND mode = 'RowExclusiveLock'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
  const { rows } = await db.execute<{ id: string }>(
    sql`SELECT virtualtransaction AS id FROM pg_locks WHERE ${isWriting}`,
  );
  const writers = rows.map(({ id }) => id);
  for (let left = waits; writers.length > 0; left -= 1) {
    if (left === 0) return false;
    const still = await db.execute(
      sql`SELECT FROM pg_locks WHERE ${isWriting} AND virtualtransaction = ANY(${sql.param(writers)}) LIMIT 1`,
    );
    if (still.rows.length === 0) break;
    await sleep(waitMs);
  }
  return true;
}

const connectTimeoutMs = 5_000;
/** Except for migrations, no statement takes this long, unless the server or the network hangs. */
const statementTimeoutMs = 30_000;
const readConnections = 4;
/** How long a server may take to close a connection that this process ends. */
const goodbyeMs = 1_000;

const tlsParameters = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey'] as const;

function clientSettings(url: string): pg.ClientConfig {
  const address = new URL(url);
  const ssl = tlsSettings(address.searchParams);
  for (const name of tlsParameters) address.searchParams.delete(name);
  return {
    connectionString: address.href,
    ssl,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: statementTimeoutMs,
    keepAlive: true,
    application_name: 'docspace-welcome',
  };
}

/**
 * Reads the files for TLS. The driver would read them for each connection, where a file that is gone ends
 * the process. All modes but `no-verify` check the certificate of the server and its name.
 * @returns undefined if the address says nothing about TLS
 */
function tlsSettings(parameters: URLSearchParams): pg.ClientConfig['ssl'] {
  const mode = parameters.get('sslmode');
  if (mode === 'disable') return false;
  if (!tlsParameters.some((name) => parameters.has(name))) return undefined;
  const read = (name: (typeof tlsParameters)[number]) => {
    const path = parameters.get(name);
    return path === null ? undefined : readFileSync(path, 'utf8');
  };
  try {
    const files = { ca: read('sslrootcert'), cert: read('sslcert'), key: read('sslkey') };
    return { ...files, rejectUnauthorized: mode !== 'no-verify' };
  } catch (cause) {
    const text = `a file that DATABASE_URL names cannot be read (${rootOf(cause).message}): correct sslrootcert, sslcert or sslkey there`;
    throw new DatabaseRefused(text, { cause });
  }
}

/** Opens a pool of connections. The pool replaces connections that are lost. */
export function openPool(
  { url, schemaName }: Place,
  { connections = readConnections, timeoutMs = statementTimeoutMs } = {},
): Access & { readonly end: () => Promise<void> } {
  const pool = new pg.Pool({
    ...clientSettings(url),
    max: connections,
    query_timeout: timeoutMs,
    // A connection whose server is silent must not keep this process from ending.
    allowExitOnIdle: true,
  });
  // Without these listeners, a lost connection would end the process. The first one is for idle
  // connections, the second one for connections in a transaction, whose statements fail anyway.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const end = () => sayGoodbye(pool.end());
  return { db: drizzle(pool), tables: tablesIn(schemaName), end };
}

/**
 * Opens one connection. The caller ends it with `endClient`.
 * @param options.pipeline if true, each statement is sent at once, before earlier ones are answered
 */
export async function openClient(place: Place, { pipeline = false } = {}): Promise<pg.Client> {
  const client = new pg.Client({ ...clientSettings(place.url), pipeline });
  client.on('error', () => {});
  await client.connect().catch((error: unknown) => {
    // After a time-out, the server would still wait for the rest of the sign-in.
    void endClient(client);
    throw error;
  });
  return client;
}

/** Waits until connections have ended, but not longer than `goodbyeMs`. */
async function sayGoodbye(goodbye: Promise<void>): Promise<void> {
  const ended = new AbortController();
  const tooLong = sleep(goodbyeMs, undefined, { signal: ended.signal });
  await Promise.race([goodbye, tooLong]).finally(() => ended.abort());
}

/** Ends a connection. Waits for the server no longer than `goodbyeMs`. */
export async function endClient(client: pg.Client): Promise<void> {
  await sayGoodbye(client.end());
  // The types lack this method of the driver.
  (client as pg.Client & { unref: () => void }).unref();
}

/** Opens one connection, works with it, and ends it. Errors are translated as `withFaults` does. */
export async function withClient<T>(
  place: Place,
  work: (access: Access, client: pg.Client) => Promise<T>,
): Promise<T> {
  try {
    const client = await openClient(place);
    try {
      return await work({ db: drizzle(client), tables: tablesIn(place.schemaName) }, client);
    } finally {
      await endClient(client);
    }
  } catch (error) {
    throw faultOf(error, place) ?? error;
  }
}

/**
 * Begins a transaction. If this process is silent for ten seconds inside it, the server ends the
 * connection: otherwise the row locks of a process that was halted would stop the other replicas.
 */
export const beginStatement = `BEGIN ISOLATION LEVEL READ COMMITTED;
  SET LOCAL idle_in_transaction_session_timeout = '10s'`;

/*
 * Classes and codes of errors about the server or the connection, not about the data of a statement
 * (postgresql.org/docs/current/errcodes-appendix.html): lost connections, no resources, a server
 * that starts, stops, is read-only or has ended a silent session.
 */
const serverClasses = ['08', '53', '57', '58', 'XX'];
const serverCodes = ['25006', '25P03'];
const networkCodes = ['ECONN', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_', 'EHOST', 'ENET'];
const networkTexts = ['timeout expired', 'timeout exceeded'];
const driverTexts = [
  'Connection terminated',
  'Query read timeout',
  'Client has encountered a connection error',
  'Client was closed',
  'not queryable',
];
/** The password is wrong or missing, or the role may not sign in. */
const loginCodes = ['28P01', '28000'];
const loginTexts = ['client password must be'];
/** Codes and texts of errors of TLS, and what to do. */
const tlsCauses = [
  [
    ['ERR_TLS_CERT_ALTNAME'],
    [],
    'name the server in DATABASE_URL by a name that is in the certificate',
  ],
  [
    ['SELF_SIGNED', 'DEPTH_ZERO', 'UNABLE_TO'],
    [],
    'name the file with the certificate of its authority in DATABASE_URL: sslrootcert=/path/ca.pem',
  ],
  [
    ['CERT_', 'ERR_TLS', 'ERR_SSL', 'ERR_OSSL', 'EPROTO'],
    ['does not support SSL', 'SSL connection'],
    'check the certificate of the server, and sslmode, sslcert and sslkey in DATABASE_URL',
  ],
] as const;

/**
 * Translates errors of the server, the connection or the settings.
 * @returns null for any other error, such as one about the data of a statement
 */
export function faultOf(
  error: unknown,
  { shown, url }: Pick<Place, 'shown' | 'url'>,
): StoreUnavailable | null {
  if (error instanceof StoreUnavailable) return error;
  const { code, message, cause } = rootOf(error);
  const is = (codes: readonly string[], texts: readonly string[] = []) =>
    codes.some((one) => code.startsWith(one)) ||
    // Errors of the driver have no code.
    (code === '' && texts.some((one) => message.includes(one)));
  const why = [code, message].filter((text) => text !== '').join(': ');
  const refused = (text: string) => new DatabaseRefused(text, { cause });
  const role = `the role ${roleIn(url)}`;
  if (is(loginCodes, loginTexts)) {
    // The server has no code of its own for a connection that should have TLS.
    const check =
      code === '28000'
        ? 'the user in DATABASE_URL, whether the server demands TLS (sslmode=verify-full)'
        : 'the user and the password in DATABASE_URL';
    return refused(
      `the server refuses ${role} for the database ${shown} (${why}): check ${check}, and pg_hba.conf of the server`,
    );
  }
  if (code === '3D000') {
    return refused(
      `the database ${shown} does not exist (${why}): create it, or correct DATABASE_URL`,
    );
  }
  if (code === '42501') {
    return refused(
      `${role} may not do this in the database ${shown} (${why}): grant the right to it, or use the role that owns the tables`,
    );
  }
  if (code === '55P03') {
    const text = `another process locks the tables of ${shown} (${why}), as "docspace-welcome move" does: try again when it has ended`;
    return new ServerUnavailable(text, { cause });
  }
  const tlsAdvice = tlsCauses.find(([codes, texts]) => is(codes, texts))?.[2];
  if (tlsAdvice) {
    return refused(`there is no secure connection to the database ${shown} (${why}): ${tlsAdvice}`);
  }
  // A Unix socket that is missing, or that this user may not use, is an error of `connect`.
  if (is(networkCodes, networkTexts) || message.startsWith('connect E')) {
    const text = `the database ${shown} cannot be reached (${why}): check that its server runs, and the host and the port in DATABASE_URL`;
    return new ServerUnavailable(text, { cause });
  }
  const isServer = code.length === 5 && is(serverClasses);
  if (!isServer && !is(serverCodes, driverTexts)) return null;
  const text = `the database ${shown} cannot be used (${why}): look into the log of its server`;
  return new ServerUnavailable(text, { cause });
}

/**
 * Wraps each function, so that errors of the server or the connection become `StoreUnavailable`. A
 * function whose statement collided with another transaction is called again: with a stricter isolation
 * than READ COMMITTED, which the database may have as its default, that also happens to single statements.
 */
export function withFaults<Verbs extends object>(verbs: Verbs, place: Place): Verbs {
  const guarded = Object.entries(verbs).map(([name, verb]) => [
    name,
    async (...given: unknown[]) => {
      for (let collisions = 0; ; collisions += 1) {
        try {
          return await verb(...given);
        } catch (error) {
          if (isCollision(error) && collisions < mostCollisions) continue;
          throw faultOf(error, place) ?? error;
        }
      }
    },
  ]);
  // Every verb is an asynchronous function, and keeps its name and its types.
  return Object.fromEntries(guarded) as Verbs;
}

function roleIn(url: string): string {
  return decodeURIComponent(new URL(url).username) || '(none)';
}

/** How often a transaction that collided is repeated. */
export const mostCollisions = 10;

/** Whether two transactions collided (a deadlock, for example), so that this one may be repeated. */
export function isCollision(error: unknown): boolean {
  return ['40P01', '40001'].includes(rootOf(error).code);
}

/** Whether a statement divided by zero. Some statements do so on purpose, to fail: see `writer.ts`. */
export function isDivisionByZero(error: unknown): boolean {
  return rootOf(error).code === '22012';
}

/**
 * Returns the error of the driver. Drizzle wraps it in an error whose message contains the values of the
 * statement.
 */
function rootOf(error: unknown): {
  readonly code: string;
  readonly message: string;
  readonly cause: unknown;
} {
  if (!(error instanceof Error)) return { code: '', message: '', cause: error };
  if ('code' in error && typeof error.code === 'string') {
    return { code: error.code, message: error.message, cause: error };
  }
  if (error.cause instanceof Error) return rootOf(error.cause);
  return { code: '', message: error.message, cause: error };
}
