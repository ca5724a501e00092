import { and, eq, gt, inArray, lte, type Placeholder, type SQL, sql } from 'drizzle-orm';
import type { Db } from './open.ts';
import { deliveries, members, progress, told } from './schema.ts';

/**
 * How far the inbox was applied: one number for a whole batch, where a mark on each delivery would
 * cost an update a row. Ids are given in the order of the commits, because one process writes.
 */
export const appliedThrough = 'applied_through';

/** Where deliveries about these users are found: what became a hint is in `told`, the rest is new. */
export function isAbout(db: Db, userIds: readonly string[]): SQL {
  const { known, fresh } = aboutUsers(db, userIds);
  return sql`(${known} OR ${fresh})`;
}

/** The two places apart, for a page that is read from one after the other: `fresh` is the newer. */
export function aboutUsers(
  db: Db,
  userIds: readonly (string | Placeholder)[],
): { known: SQL; fresh: SQL } {
  const theirs = db
    .select({ delivery: told.delivery })
    .from(told)
    .innerJoin(members, eq(members.seq, told.member))
    .where(inArray(members.userId, [...userIds]));
  const isFresh = and(gt(deliveries.id, through(db)), inArray(deliveries.userId, [...userIds]));
  // A delivery that is read again may be noted before its turn: it is only in one of the two.
  const isKnown = and(inArray(deliveries.id, theirs), lte(deliveries.id, through(db)));
  return { known: sql`(${isKnown})`, fresh: sql`(${isFresh})` };
}

/** A subquery, so that a statement with it is prepared once and stays true. */
function through(db: Db): SQL {
  const value = db
    .select({ value: progress.value })
    .from(progress)
    .where(eq(progress.key, appliedThrough));
  return sql`coalesce(CAST(${value} AS INTEGER), 0)`;
}

/**
 * @returns a function that notes whose deliveries these are, once each of them has its member, inside
 *   the transaction of the caller
 */
export function prepareNoteOwners(db: Db): (range: { after: number; through: number }) => void {
  const owners = db
    .select({ member: members.seq, delivery: deliveries.id })
    .from(deliveries)
    .innerJoin(members, eq(members.userId, deliveries.userId))
    .where(
      and(
        gt(deliveries.id, sql.placeholder('after')),
        lte(deliveries.id, sql.placeholder('through')),
      ),
    );
  const note = db.insert(told).select(owners).onConflictDoNothing().prepare();
  return (range) => {
    note.run(range);
  };
}
