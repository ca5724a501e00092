import { and, eq, gt, lt, ne, or, sql } from 'drizzle-orm';
import { type Access, databaseNow } from './connection.ts';

/** A leader that was not seen for this long has lost the poll. */
const leadMs = 15_000;
/** There is one leader, for everything that only one replica may do at a time. */
const name = 'poll';

/** @returns whether this replica leads from now on */
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

/** Gives the lead up. */
export async function giveUpLead({ db, tables }: Access, replica: string): Promise<void> {
  await db.delete(tables.leaders).where(eq(tables.leaders.replica, replica));
}

/** @throws Error when another replica leads; until the transaction ends, none can become the leader */
export async function refuseWithoutLead(
  { db, tables: { leaders } }: Access,
  replica: string,
): Promise<void> {
  const isOther = sql<boolean>`${and(ne(leaders.replica, replica), gt(leaders.until, databaseNow))}`;
  const [leader] = await db.select({ isOther }).from(leaders).for('share');
  if (leader?.isOther) throw new Error('another replica leads the poll now');
}
