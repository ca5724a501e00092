import type { Database } from '../place.ts';
import type { Holder } from '../store.ts';
import type { MovedTable, Row } from './tables.ts';

/** The marks that a move writes into the databases, so that only one of them can be served. */
export type Marks = {
  /** The database to which this one was moved. Null: it was not moved. */
  readonly movedTo: string | null;
  /** The source of a move into this database that has not ended. Null: there is no such move. */
  readonly arrivingFrom: string | null;
};

/** One of the two databases of a move. Locks and marks keep other processes from serving it. */
export type Side = {
  readonly marks: () => Promise<Marks>;
  /** Reads rows in the order of the key. `after`: the last row of the previous page, or null. */
  readonly page: (table: MovedTable, after: Row | null, limit: number) => Promise<readonly Row[]>;
  /** Returns the highest number that each of `numberedTables` has used, even if its row was deleted. */
  readonly lastNumbers: () => Promise<Readonly<Record<string, number>>>;
  /** Returns a delivery id. All accepted deliveries up to this id have become hints. */
  readonly appliedThrough: () => Promise<number>;

  /** Deletes all rows. The calls from this one to `commitArriving` form one transaction. */
  readonly clear: () => Promise<void>;
  readonly insert: (table: MovedTable, rows: readonly Row[]) => Promise<void>;
  readonly setLastNumbers: (numbers: Readonly<Record<string, number>>) => Promise<void>;
  readonly setAppliedThrough: (id: number) => Promise<void>;
  /** The first step of a move: commits the copy. The target must not be served yet. */
  readonly commitArriving: (from: string) => Promise<void>;

  /** The second step: from now on, the source must not be served. */
  readonly commitMoved: (to: string) => Promise<void>;
  /** The third step: from now on, the target may be served. */
  readonly arrive: () => Promise<void>;
  /** Ends the transaction without a commit, and lets other processes use the database. */
  readonly close: () => Promise<void>;
};

export type OpenedSide =
  | { readonly kind: 'opened'; readonly side: Side }
  | { readonly kind: 'busy'; readonly holder: Holder | null; readonly hint?: string };

/** Returns the name of a database for messages and for `Marks`. The name contains no password. */
export function fullNameOf(database: Database): string {
  return database.kind === 'sqlite'
    ? database.file
    : `${database.name} (schema ${database.place.schemaName})`;
}

/** Why a database may not be written: what happened, and what to do. */
export type MoveRefusal = { readonly seen: string; readonly mend: string };

/** @returns null if the database may be written */
export function refusalOf(name: string, { movedTo, arrivingFrom }: Marks): MoveRefusal | null {
  if (movedTo !== null) {
    const mend = 'set DATABASE_URL to that database';
    return { seen: `${name} was moved to ${movedTo}`, mend };
  }
  if (arrivingFrom !== null) {
    const mend = `set DATABASE_URL to ${arrivingFrom}, and run the same "move" again`;
    return { seen: `a move from ${arrivingFrom} to ${name} has not ended`, mend };
  }
  return null;
}

export function sentenceOf({ seen, mend }: MoveRefusal): string {
  return `${seen}: ${mend}`;
}
