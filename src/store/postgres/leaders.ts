import { and, eq, gt, lt, ne, or, sql } from 'drizzle-orm';
import { type Access, databaseNow } from './connection.ts';

/** A leader that has not called `lead` for this long is not the leader any more. */
const leadMs = 15_000;
/** The name of the only row. One leader does everything that only one replica may do at a time. */
const name = 'poll';

/**
 * Makes this replica the leader, or lets it stay the leader, unless another replica leads.
 * @returns whether this replica leads now
 */
export async function lead({ db, tables }: Access, replica: string): Promise<boolean> {
  const { leaders } = tables;
  const until = sql<number>`${databaseNow} + ${leadMs}`;
  const isFree = sql`${or(eq(leaders.replica, replica), lt(leaders.until, databaseNow))}`;
  const { rowCount } = await db
    .insert(leaders)
    .values({ name, replica, until })
    .onConflictDoUpdate({ target: leaders.name, set: { replica, until }, setWhere: isFree });
  return rowCount === 1;
}

export async function giveUpLead({ db, tables }: Access, replica: string): Promise<void> {
  await db.delete(tables.leaders).where(eq(tables.leaders.replica, replica));
}

/**
 * Locks the row of the leader, so that the leader does not change before the transaction ends.
 * @throws Error if another replica leads
 */
export async function refuseWithoutLead(
  { db, tables: { leaders } }: Access,
  replica: string,
): Promise<void> {
  const isOther = sql<boolean>`${and(ne(leaders.replica, replica), gt(leaders.until, databaseNow))}`;
  const [leader] = await db.select({ isOther }).from(leaders).for('share');
  if (leader?.isOther) throw new Error('another replica leads the poll now');
}
