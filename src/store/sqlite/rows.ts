import { asc, eq, getTableColumns, sql } from 'drizzle-orm';
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core';
import type { LetterAttempt } from '../../domain/decide-letter.ts';
import type { Invitation } from '../../domain/invitation.ts';
import type { Member } from '../../domain/member.ts';
import type { Entry } from '../../domain/timeline.ts';
import { emailKeyOf, invitationSearchText, memberSearchText, storedStatus } from '../rules.ts';
import type { PageOf, Paging, TimelineEntry } from '../store.ts';
import type { Db } from './open.ts';
import { deliveries, invitations, letters, members, type timeline } from './schema.ts';

/* Converts rows into the types of the domain, and back. */

const {
  seq: _memberSeq,
  emailKey: _memberKey,
  searchText: _memberText,
  reasonCode: _reasonCode,
  seenInRun: _seenInRun,
  priority: _priority,
  ...ofMember
} = getTableColumns(members);
export const memberColumns = ofMember;

const {
  seq: _seq,
  emailKey: _emailKey,
  searchText: _searchText,
  status: _status,
  current: _current,
  idempotencyKey: _idempotencyKey,
  ...ofInvitation
} = getTableColumns(invitations);
export const invitationColumns = ofInvitation;

/** The columns of a delivery without its body, which may be large. */
const { body: _body, ...ofDelivery } = getTableColumns(deliveries);
export const deliveryColumns = ofDelivery;

/** The columns of an invitation, including those that are derived from other columns. */
export function invitationValues(invitation: Invitation) {
  return {
    ...invitation,
    emailKey: emailKeyOf(invitation.email),
    searchText: invitationSearchText(invitation),
    status: storedStatus(invitation),
  };
}

/** A member for a prepared statement, for which Drizzle stores a null of JSON as JSON text. */
export function memberParameters(member: Member) {
  return {
    ...member,
    emailKey: emailKeyOf(member.email),
    searchText: memberSearchText(member),
    reason: member.reason && JSON.stringify(member.reason),
    acceptedByOperator: Number(member.acceptedByOperator),
    hinted: Number(member.hinted),
    openAttempt: member.openAttempt && JSON.stringify(member.openAttempt),
    sentLate: Number(member.sentLate),
    refusedBy: JSON.stringify(member.refusedBy),
  };
}

export function entryValues({ event, actor, cause, ...params }: Entry) {
  return { event, actor, cause, params: Object.keys(params).length === 0 ? null : params };
}

/** A timeline entry as parameters for a prepared statement: see `memberParameters`. */
export function entryParameters(entry: Entry) {
  const { event, actor, cause, params } = entryValues(entry);
  return {
    event,
    actor: JSON.stringify(actor),
    cause: JSON.stringify(cause),
    params: params && JSON.stringify(params),
  };
}

type EntryRow = Omit<typeof timeline.$inferSelect, 'id' | 'member'>;

export function timelineEntryOf(row: EntryRow & { readonly userId: string | null }): TimelineEntry {
  const { at, userId, invitationId, event, params, actor, cause } = row;
  // `entryValues` split the entry into these columns.
  return { at, userId, invitationId, event, ...params, actor, cause } as TimelineEntry;
}

const { seq: letterSeq, invitationId: letterInvitation, ...ofLetter } = getTableColumns(letters);

/** The attempts at letters of an invitation, oldest first. */
export function lettersOf(db: Db, invitationId: string): LetterAttempt[] {
  const rows = db.select(ofLetter).from(letters).where(eq(letterInvitation, invitationId));
  return rows.orderBy(asc(letterSeq)).all();
}

/**
 * Builds a page.
 * @param rows one row more than the page, if there is a further page
 * @param seqOf the cursor of a page that ends with this row
 */
export function pageOf<Row, T>(
  rows: readonly Row[],
  { limit }: Paging,
  seqOf: (row: Row) => number,
  convert: (row: Row) => T,
): PageOf<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const isMore = rows.length > limit && last !== undefined;
  return { items: shown.map(convert), nextCursor: isMore ? seqOf(last) : null };
}

/**
 * How many rows have each value. It reads one index range per value, which is faster than GROUP BY.
 * The count of the commonest value is the rest of all rows, because SQLite counts a whole table much
 * faster than a range.
 */
export function countEach<Value extends string>(
  db: Db,
  options: {
    readonly table: SQLiteTable;
    readonly column: SQLiteColumn;
    readonly values: readonly Value[];
    readonly commonest: Value;
  },
): ReadonlyMap<Value, number> {
  const { table, column, commonest } = options;
  const others = options.values.filter((value) => value !== commonest);
  const rows = db.all<{ value: Value; count: number }>(
    sql`SELECT value, (SELECT count(*) FROM ${table} WHERE ${column} = value) AS count
      FROM json_each(${JSON.stringify(others)})`,
  );
  const counts = new Map(rows.map(({ value, count }) => [value, count]));
  // A statement of its own: as part of another one it would read every row.
  const all = db.get<{ count: number }>(sql`SELECT count(*) AS count FROM ${table}`);
  const rest = rows.reduce((sum, { count }) => sum - count, all.count);
  return counts.set(commonest, rest);
}
