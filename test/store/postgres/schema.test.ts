import { getTableColumns, getTableName } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';
import { SQLiteTable } from 'drizzle-orm/sqlite-core';
import { expect, test } from 'vitest';
import { tablesIn } from '../../../src/store/postgres/schema.ts';
import * as sqlite from '../../../src/store/sqlite/schema.ts';

/** What only PostgreSQL has: tables, and columns as `table.column`. */
const onlyPostgres = [
  'inbox',
  'replicas',
  'leaders',
  'control',
  'members.lease_by',
  'idempotency_keys.replica',
];

/** PostgreSQL finds the deliveries of a user by an index, which SQLite is slow to keep. */
const onlySqlite = ['member_deliveries'];

function namesOf(tables: readonly (PgTable | SQLiteTable)[]): string[] {
  const names = tables.flatMap((table) => {
    const columns = Object.values(getTableColumns(table)).map((column) => column.name);
    return columns.map((column) => `${getTableName(table)}.${column}`);
  });
  return names.sort();
}

test('both databases have the same tables and columns, apart from what only PostgreSQL needs', () => {
  const ofSqlite = Object.values(sqlite).filter((one) => one instanceof SQLiteTable);
  const ofPostgres = Object.values(tablesIn('any')).filter((one) => one instanceof PgTable);
  const without = (names: readonly string[], left: readonly string[]) =>
    names.filter((name) => !left.some((one) => name === one || name.startsWith(`${one}.`)));
  expect(without(namesOf(ofPostgres), onlyPostgres)).toEqual(
    without(namesOf(ofSqlite), onlySqlite),
  );
});
