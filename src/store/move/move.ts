import { copyForgetKey } from '../forget-key.ts';
import type { Database } from '../place.ts';
import { ForgetKeyUnusable, type Holder } from '../store.ts';
import { openPostgresSide } from './postgres-side.ts';
import { fullNameOf, type OpenedSide, refusalOf, type Side, sentenceOf } from './side.ts';
import { openSqliteSide } from './sqlite-side.ts';
import {
  addRow,
  type Digest,
  emptyDigest,
  type MovedTable,
  movedRow,
  type Row,
  tableNames,
} from './tables.ts';

export type MoveResult =
  | {
      readonly kind: 'moved';
      readonly from: string;
      readonly to: string;
      readonly counts: Readonly<Record<string, number>>;
      /** True if people were forgotten, and the source has no key that recognises them. */
      readonly isKeyLost: boolean;
    }
  /** Another process uses one of the databases. */
  | {
      readonly kind: 'busy';
      readonly database: Database;
      readonly holder: Holder | null;
      readonly hint?: string;
    }
  | { readonly kind: 'refused'; readonly reason: string };

/** How many rows are in memory at a time. SQLite accepts at most 32,766 values in a statement. */
const rowsAtOnce = 500;

/**
 * Moves everything from a SQLite file into a PostgreSQL database, or the other way round. A move that
 * was interrupted can be run again. There is no moment at which both databases can be served.
 * @param options.now UTC ms
 * @param options.open opens one of the databases; tests replace it to interrupt the move
 * @throws StoreUnavailable when a database cannot be used
 */
export async function moveDatabase(options: {
  readonly from: Database;
  readonly to: Database;
  readonly now: number;
  readonly open?: typeof openSide;
}): Promise<MoveResult> {
  const { from, to, now, open = openSide } = options;
  const source = await open(from, now);
  if (source.kind === 'busy') return { ...source, database: from };
  try {
    const target = await open(to, now);
    if (target.kind === 'busy') return { ...target, database: to };
    try {
      return await moveBetween({ ...options, source: source.side, target: target.side });
    } finally {
      await target.side.close();
    }
  } finally {
    await source.side.close();
  }
}

export function openSide(database: Database, now: number): Promise<OpenedSide> {
  return database.kind === 'sqlite'
    ? openSqliteSide(database.file, now)
    : openPostgresSide(database.place);
}

type Move = {
  readonly from: Database;
  readonly to: Database;
  readonly source: Side;
  readonly target: Side;
};

async function moveBetween({ from, to, source, target }: Move): Promise<MoveResult> {
  const names = { from: fullNameOf(from), to: fullNameOf(to) };
  const left = await source.marks();
  const arrived = await target.marks();
  const isOurs = arrived.arrivingFrom === names.from;
  const isOver = refusalOf(names.to, arrived) === null && (await holdsPeople(target));
  if (left.movedTo === names.to && (isOurs || isOver)) {
    if (isOurs) await target.arrive();
    const digests = await digestsOf(target);
    return { kind: 'moved', ...names, counts: countsOf(digests), isKeyLost: false };
  }
  const refusal = refusalOf(names.from, left) ?? (isOurs ? null : refusalOf(names.to, arrived));
  if (refusal !== null) return { kind: 'refused', reason: sentenceOf(refusal) };
  if (isOver) {
    const reason = `${names.to} already holds people, invitations or deliveries, and a move would overwrite them: name an empty database or a new file`;
    return { kind: 'refused', reason };
  }
  const key = await moveForgetKey(from, to, source);
  if (key.kind === 'refused') return key;
  const digests = await copyAll(source, target);
  await target.commitArriving(names.from);
  await source.commitMoved(names.to);
  await target.arrive();
  return { kind: 'moved', ...names, counts: countsOf(digests), isKeyLost: key.isLost };
}

async function holdsPeople(side: Side): Promise<boolean> {
  for (const table of ['invitations', 'members', 'deliveries'] as const) {
    if ((await side.page(table, null, 1)).length > 0) return true;
  }
  return false;
}

// ── The key of forgotten people ─────────────────────────────────────────────────────────────────

async function moveForgetKey(
  from: Database,
  to: Database,
  source: Side,
): Promise<
  | { readonly kind: 'ready'; readonly isLost: boolean }
  | { readonly kind: 'refused'; readonly reason: string }
> {
  const isAnybodyForgotten = (await source.page('forgotten', null, 1)).length > 0;
  const [fromFile, toFile] = [keyFileOf(from), keyFileOf(to)];
  if (fromFile === null || toFile === null) {
    if (!isAnybodyForgotten) return { kind: 'ready', isLost: false };
    const reason =
      'people were forgotten in this database, and the key that recognises them when they return must be moved too: set FORGET_KEY_FILE to its file for PostgreSQL, and run this again';
    return { kind: 'refused', reason };
  }
  try {
    const copied = copyForgetKey(fromFile, toFile);
    if (copied !== 'other_key_is_there') {
      return { kind: 'ready', isLost: copied === 'none' && isAnybodyForgotten };
    }
    const reason = `${toFile} holds the key of another database, and the move does not overwrite it: move that file away if nobody needs it, and run this again`;
    return { kind: 'refused', reason };
  } catch (error) {
    if (error instanceof ForgetKeyUnusable) return { kind: 'refused', reason: error.message };
    throw error;
  }
}

function keyFileOf(database: Database): string | null {
  return database.kind === 'sqlite' ? `${database.file}.forget-key` : database.forgetKeyFile;
}

// ── Copying ─────────────────────────────────────────────────────────────────────────────────────

type Digests = ReadonlyMap<MovedTable, Digest>;

/** Copies all rows in one transaction of the target, and compares the tables of the two databases. */
async function copyAll(source: Side, target: Side): Promise<Digests> {
  await target.clear();
  const given = await digestsOf(source, target.insert);
  await target.setLastNumbers(await source.lastNumbers());
  const stored = await digestsOf(target);
  for (const [table, { count, sum }] of given) {
    const found = stored.get(table);
    if (found?.count === count && found.sum === sum) continue;
    throw new Error(
      `the table ${table} is not the same in both databases (${count} and ${found?.count} rows): nothing was moved`,
    );
  }
  await target.setAppliedThrough(await source.appliedThrough());
  return given;
}

/**
 * Reads all tables and returns the digest of each.
 * @param onRows called with the rows that `movedRow` makes
 */
async function digestsOf(
  side: Side,
  onRows: (table: MovedTable, rows: readonly Row[]) => Promise<void> = async () => {},
): Promise<Digests> {
  const digests = new Map<MovedTable, Digest>();
  for (const table of tableNames) {
    let digest = emptyDigest;
    let page = await side.page(table, null, rowsAtOnce);
    while (page.length > 0) {
      const rows = page.map((row) => movedRow(table, row)).filter((row) => row !== null);
      for (const row of rows) digest = addRow(digest, row);
      if (rows.length > 0) await onRows(table, rows);
      page = await side.page(table, page.at(-1) ?? null, rowsAtOnce);
    }
    digests.set(table, digest);
  }
  return digests;
}

function countsOf(digests: Digests): Record<string, number> {
  return Object.fromEntries([...digests].map(([table, { count }]) => [table, count]));
}
