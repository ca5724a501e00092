import type { Database } from '../place.ts';
import type { Holder } from '../store.ts';
import type { MovedTable, Row } from './tables.ts';

/** What a move writes into the databases, so that only one of them serves. */
export type Marks = {
  /** The database to which this one was moved. Null: it was not moved. */
  readonly movedTo: string | null;
  /** The database from which a move into this one has not ended. Null: there is none. */
  readonly arrivingFrom: string | null;
};

/** One of the two databases of a move. No other process writes it until it is closed. */
export type Side = {
  readonly marks: () => Promise<Marks>;
  /** The next rows in the order of the key. `after`: the last row that was read; null: the first. */
  readonly page: (table: MovedTable, after: Row | null, limit: number) => Promise<readonly Row[]>;
  /** The last number that each of `numberedTables` has given, also to a row that was deleted. */
  readonly lastNumbers: () => Promise<Readonly<Record<string, number>>>;
  /** Accepted deliveries behind this one may not have become hints. */
  readonly appliedThrough: () => Promise<number>;

  /** Deletes all rows. This and what follows is one transaction until `commitArriving`. */
  readonly clear: () => Promise<void>;
  readonly insert: (table: MovedTable, rows: readonly Row[]) => Promise<void>;
  readonly setLastNumbers: (numbers: Readonly<Record<string, number>>) => Promise<void>;
  readonly setAppliedThrough: (id: number) => Promise<void>;
  /** The first step of a move: the target is complete, and may not serve yet. */
  readonly commitArriving: (from: string) => Promise<void>;

  /** The second step: the source does not serve any more. */
  readonly commitMoved: (to: string) => Promise<void>;
  /** The third step: the target may serve. */
  readonly arrive: () => Promise<void>;
  /** Ends the transaction without a commit, and lets other processes use the database. */
  readonly close: () => Promise<void>;
};

export type OpenedSide =
  | { readonly kind: 'opened'; readonly side: Side }
  | { readonly kind: 'busy'; readonly holder: Holder | null; readonly hint?: string };

/** The name of a database for messages and for `Marks`. It has no password. */
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
