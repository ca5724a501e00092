import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { asc, getTableColumns, getTableName } from 'drizzle-orm';
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core';
import { faultOf, flush } from '../files.ts';
import { commitNumber, writeStamp } from '../sqlite/file-watch.ts';
import { deleteValue, prepareGetValue, prepareSetValue } from '../sqlite/key-values.ts';
import { acquireLock } from '../sqlite/lock.ts';
import { noteMembers } from '../sqlite/members.ts';
import { openForWriting, openReadonly } from '../sqlite/open.ts';
import { memberDeliveries } from '../sqlite/schema.ts';
import type { Marks, OpenedSide, Side } from './side.ts';
import {
  isAfter,
  type MovedTable,
  movedColumns,
  movedTables,
  numberedTables,
  sqliteTables,
  tableNames,
} from './tables.ts';

/** Reads the marks of a file, which may not exist yet, or may be of another version. */
export function readSqliteMarks(file: string): Marks {
  if (!existsSync(file)) return { movedTo: null, arrivingFrom: null };
  const client = openReadonly(file);
  try {
    const isTable = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'key_values'";
    if (!client.prepare(isTable).get()) return { movedTo: null, arrivingFrom: null };
    const select = client.prepare('SELECT value FROM key_values WHERE key = ?').pluck();
    const read = (key: string) => {
      const value = select.get(key);
      return value === undefined ? null : String(value);
    };
    return { movedTo: read('moved_to'), arrivingFrom: read('arriving') };
  } catch (error) {
    throw faultOf(error, file) ?? error;
  } finally {
    client.close();
  }
}

/** Opens a SQLite file for a move, and takes its lock. The file is created or migrated if necessary. */
export async function openSqliteSide(file: string, now: number): Promise<OpenedSide> {
  const locked = acquireLock(file);
  if (locked.kind === 'busy') return locked;
  try {
    return { kind: 'opened', side: sideOf(file, now, locked.lock.release) };
  } catch (error) {
    locked.lock.release();
    throw faultOf(error, file) ?? error;
  }
}

function sideOf(file: string, now: number, release: () => void): Side {
  const db = openForWriting(file);
  const client = db.$client;
  // Other processes can still read the file. A command that writes one value has to wait.
  client.exec('BEGIN IMMEDIATE');
  const getValue = prepareGetValue(db);
  const setValue = prepareSetValue(db);
  const tableOf = (table: MovedTable): SQLiteTable => sqliteTables[table];
  const nameOf = (table: MovedTable) => getTableName(sqliteTables[table]);
  const columnsOf = (table: MovedTable) =>
    movedColumns<SQLiteColumn>(table, getTableColumns(sqliteTables[table]));
  return {
    marks: async () => ({ movedTo: getValue('moved_to'), arrivingFrom: getValue('arriving') }),
    async page(table, after, limit) {
      const columns = columnsOf(table);
      const order = movedTables[table].flatMap((name) => columns[name] ?? []);
      return db
        .select(columns)
        .from(tableOf(table))
        .where(after === null ? undefined : isAfter(table, columns, after))
        .orderBy(...order.map((column) => asc(column)))
        .limit(limit)
        .all();
    },
    async lastNumbers() {
      const select = client.prepare('SELECT seq FROM sqlite_sequence WHERE name = ?').pluck();
      return Object.fromEntries(
        numberedTables.map((table) => [table, Number(select.get(nameOf(table)) ?? 0)]),
      );
    },
    appliedThrough: async () => Number(getValue('applied_through') ?? 0),

    async clear() {
      for (const table of [...tableNames].reverse()) db.delete(tableOf(table)).run();
    },
    async insert(table, rows) {
      db.insert(tableOf(table))
        .values([...rows])
        .run();
    },
    async setLastNumbers(numbers) {
      const drop = client.prepare('DELETE FROM sqlite_sequence WHERE name = ?');
      const add = client.prepare('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)');
      for (const table of numberedTables) {
        drop.run(nameOf(table));
        add.run(nameOf(table), numbers[table] ?? 0);
      }
    },
    async setAppliedThrough(id) {
      setValue('applied_through', String(id));
      db.delete(memberDeliveries).run();
      noteMembers(db, { after: 0, through: id });
    },
    async commitArriving(from) {
      setValue('arriving', from);
      client.exec('COMMIT');
      // The file may be new. Then its entry in the folder must reach the disk, too.
      flush(dirname(file));
    },
    async commitMoved(to) {
      setValue('moved_to', to);
      client.exec('COMMIT');
    },
    async arrive() {
      // An earlier database at this path may have left its stamp, which could make this file look like
      // an older copy. So the stamp is replaced.
      writeStamp(file, { commit: commitNumber(client), at: now });
      deleteValue(db, 'arriving');
      if (client.inTransaction) client.exec('COMMIT');
    },
    async close() {
      client.close();
      release();
    },
  };
}
