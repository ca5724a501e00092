import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import type { Place } from '../place.ts';
import { StoreUnavailable } from '../store.ts';
import { type Tables, tablesIn } from './schema.ts';

/** The database as one connection, or a pool of them, sees it. */
export type Access = { readonly db: NodePgDatabase; readonly tables: Tables };

// Times and ids are whole numbers below 2⁵³. Without this they would arrive as texts.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

const connectTimeoutMs = 5_000;
/** Longer than any statement of this service takes, unless the server or the network stands still. */
const statementTimeoutMs = 30_000;
const readConnections = 4;

function clientSettings(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: statementTimeoutMs,
    keepAlive: true,
    application_name: 'docspace-welcome',
  };
}

/** Opens the connections for reading. The pool replaces those that are lost. */
export function openPool(
  { url, schemaName }: Place,
  connections = readConnections,
): Access & { readonly end: () => Promise<void> } {
  const pool = new pg.Pool({ ...clientSettings(url), max: connections });
  // Without a listener, a connection that is lost while nobody uses it would end the process.
  pool.on('error', () => {});
  return { db: drizzle(pool), tables: tablesIn(schemaName), end: () => pool.end() };
}

/** Opens the one connection for writing. The caller listens to its errors and ends it. */
export async function openClient(place: Place): Promise<pg.Client> {
  const client = new pg.Client(clientSettings(place.url));
  client.on('error', () => {});
  await client.connect();
  return client;
}

/*
 * Classes and codes of errors about the server or the connection, not about the data of a statement
 * (postgresql.org/docs/current/errcodes-appendix.html): lost connections, no resources, a server
 * that starts, stops or is read-only.
 */
const serverClasses = ['08', '53', '57', '58', 'XX'];
const serverCodes = ['25006'];
const networkCodes = ['ECONN', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_', 'EHOST', 'ENET'];
const driverTexts = [
  'Connection terminated',
  'Query read timeout',
  'timeout expired',
  'timeout exceeded',
  'Client has encountered a connection error',
  'Client was closed',
  'not queryable',
];

/** @returns null if the error concerns the data of a statement, not the server */
export function faultOf(error: unknown, { shown }: Pick<Place, 'shown'>): StoreUnavailable | null {
  if (error instanceof StoreUnavailable) return error;
  const { code, message } = rootOf(error);
  const isServer =
    serverClasses.some((one) => code.length === 5 && code.startsWith(one)) ||
    serverCodes.includes(code) ||
    networkCodes.some((one) => code.startsWith(one)) ||
    driverTexts.some((one) => message.includes(one));
  if (!isServer) return null;
  const why = code === '' ? message : `${code}: ${message}`;
  return new StoreUnavailable(`the database ${shown} cannot be used (${why})`, { cause: error });
}

/** Whether the statement may be repeated as it is: two transactions were in each other's way. */
export function isCollision(error: unknown): boolean {
  return ['40P01', '40001'].includes(rootOf(error).code);
}

/** Drizzle wraps the errors of the driver. */
function rootOf(error: unknown): { readonly code: string; readonly message: string } {
  if (!(error instanceof Error)) return { code: '', message: '' };
  if ('code' in error && typeof error.code === 'string') {
    return { code: error.code, message: error.message };
  }
  return error.cause instanceof Error ? rootOf(error.cause) : { code: '', message: error.message };
}
