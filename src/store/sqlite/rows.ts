import { asc, eq, getTableColumns, sql } from 'drizzle-orm';
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core';
import type { LetterAttempt } from '../../domain/decide-letter.ts';
import type { Member } from '../../domain/member.ts';
import type { Entry } from '../../domain/timeline.ts';
import { entryValues, hiddenInInvitations, hiddenInMembers, omit } from '../rows.ts';
import { emailKeyOf, memberSearchText } from '../rules.ts';
import type { Db } from './open.ts';
import { deliveries, invitations, letters, members } from './schema.ts';

/* Converts rows into the types of the domain, and back. */

export const memberColumns = omit(getTableColumns(members), hiddenInMembers);
export const invitationColumns = omit(getTableColumns(invitations), hiddenInInvitations);
/** The columns of a delivery without its body, which may be large. */
export const deliveryColumns = omit(getTableColumns(deliveries), ['body']);

/**
 * Returns a member as parameters for a prepared statement. JSON is converted here, because Drizzle
 * would store a null as the JSON text `null`.
 */
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

const { seq: letterSeq, invitationId: letterInvitation, ...ofLetter } = getTableColumns(letters);

/** Returns the attempts to mail the letters of an invitation, oldest first. */
export function lettersOf(db: Db, invitationId: string): LetterAttempt[] {
  const rows = db.select(ofLetter).from(letters).where(eq(letterInvitation, invitationId));
  return rows.orderBy(asc(letterSeq)).all();
}

/**
 * Counts the rows with each value. Each count reads one range of an index, which is faster than GROUP
 * BY. The count of the commonest value is the number of all rows minus the other counts, because SQLite
 * counts a whole table much faster than a range.
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
  // This count must be a separate statement. As part of another statement, it would read every row.
  const all = db.get<{ count: number }>(sql`SELECT count(*) AS count FROM ${table}`);
  const rest = rows.reduce((sum, { count }) => sum - count, all.count);
  return counts.set(commonest, rest);
}
