import { createHash } from 'node:crypto';
import { getTableColumns, type SQL, sql } from 'drizzle-orm';
import { storable } from '../postgres/schema.ts';
import * as schema from '../sqlite/schema.ts';

/*
 * A move copies the tables that both kinds of database have. It reads and writes them through the
 * schemas of Drizzle, so that each side converts its own types.
 */

const { memberDeliveries: _derived, ...moved } = schema;
/**
 * `member_deliveries` is left out: its rows follow from other tables, and PostgreSQL does not have it.
 */
export const sqliteTables = moved;

/** The tables in an order that foreign keys allow, each with the columns of its key. */
export const movedTables = {
  invitations: ['seq'],
  letters: ['seq'],
  members: ['seq'],
  memberAddresses: ['emailKey', 'member'],
  attempts: ['id'],
  deliveries: ['id'],
  timeline: ['id'],
  keyValues: ['key'],
  pauses: ['name'],
  idempotencyKeys: ['key'],
  durations: ['kind', 'bucket'],
  activity: ['quarter', 'kind'],
  forgotten: ['hash'],
  tokens: ['id'],
  endedSessions: ['id'],
  runs: ['id'],
  runRows: ['run', 'row'],
} as const satisfies Record<keyof typeof sqliteTables, readonly string[]>;

export type MovedTable = keyof typeof movedTables;
// `Object.keys` yields only the keys of `movedTables`.
export const tableNames = Object.keys(movedTables) as readonly MovedTable[];

/** Tables whose rows are numbered by the database. Numbers of deleted rows must not be used again. */
export const numberedTables = tableNames.filter((table) =>
  Object.values(getTableColumns(sqliteTables[table])).some(
    (column) => 'autoIncrement' in column && column.autoIncrement === true,
  ),
);

/** A row. Its fields have the names that the schemas of Drizzle give the columns. */
export type Row = Readonly<Record<string, unknown>>;

/** Selects the columns that both kinds of database have. Generated columns are left out. */
export function movedColumns<Column>(
  table: MovedTable,
  columns: Readonly<Record<string, Column>>,
): Record<string, Column> {
  const names = Object.entries(getTableColumns(sqliteTables[table]))
    .filter(([, column]) => column.generated === undefined)
    .map(([name]) => name);
  return Object.fromEntries(Object.entries(columns).filter(([name]) => names.includes(name)));
}

/** Whether a row comes after another one in the order of the table's key. */
export function isAfter(
  table: MovedTable,
  columns: Readonly<Record<string, unknown>>,
  after: Row,
): SQL {
  const list = (values: Readonly<Record<string, unknown>>) =>
    sql.join(
      movedTables[table].map((name) => sql`${values[name]}`),
      sql`, `,
    );
  return sql`(${list(columns)}) > (${list(after)})`;
}

/**
 * Keys of values that are not moved, because they describe one database and not the people in it.
 * Instead of `applied_through`, PostgreSQL has the table `inbox`: see `Side.setAppliedThrough`.
 */
const ownKeys: readonly unknown[] = [
  'applied_through',
  'identity',
  'overwrite_owed',
  'probe',
  'moved_to',
  'arriving',
];

/** Returns the row as the target stores it. Null if the row is not moved. */
export function movedRow(table: MovedTable, row: Row): Row | null {
  if (table === 'keyValues') return ownKeys.includes(row['key']) ? null : row;
  // No process uses the database during a move. So the requests without an answer, and the checks,
  // have ended.
  if (table === 'idempotencyKeys') return row['status'] === null ? null : row;
  if (table === 'members' && row['state'] !== 'sending') return { ...row, leaseUntil: null };
  return row;
}

/** The number of rows, and the sum of their hashes. The order of the rows does not change the sum. */
export type Digest = { readonly count: number; readonly sum: bigint };
export const emptyDigest: Digest = { count: 0, sum: 0n };

export function addRow({ count, sum }: Digest, row: Row): Digest {
  const text = JSON.stringify(comparable(row));
  const hash = createHash('sha256').update(text).digest('hex');
  return { count: count + 1, sum: BigInt.asUintN(256, sum + BigInt(`0x${hash}`)) };
}

/** Converts a value to a form that is equal for a stored value and its copy in the other database. */
function comparable(value: unknown): unknown {
  if (typeof value === 'string') return storable(value);
  if (Buffer.isBuffer(value)) return value.toString('base64');
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  // PostgreSQL does not keep the order of the fields of a JSON value.
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return fields.map(([name, field]) => [name, comparable(field)]);
}
