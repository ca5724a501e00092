import { asc, eq, lte } from 'drizzle-orm';
import type { SessionVerbs, TokenReads, TokenWrites } from '../store.ts';
import type { Access } from './connection.ts';
import type { Writer } from './writer.ts';

export function tokenReads({ db, tables: { tokens } }: Access): TokenReads {
  return {
    tokens: async () => db.select().from(tokens).orderBy(asc(tokens.createdAt), asc(tokens.name)),
  };
}

export function tokenWrites(writer: Writer): TokenWrites {
  return {
    addToken: (token) =>
      writer.write(async ({ db, tables: { tokens } }) => {
        const { rowCount } = await db.insert(tokens).values(token).onConflictDoNothing();
        return rowCount === 1;
      }),
    removeToken: (name) =>
      writer.write(async ({ db, tables: { tokens } }) => {
        const { rowCount } = await db.delete(tokens).where(eq(tokens.name, name));
        return rowCount === 1;
      }),
  };
}

/** The functions of the store about sessions of the dashboard that were signed out. */
export function sessionVerbs(
  { db, tables: { endedSessions } }: Access,
  writer: Writer,
): SessionVerbs {
  return {
    endSession: ({ id, until, now }) =>
      writer.write(async (inside) => {
        await inside.db.delete(endedSessions).where(lte(endedSessions.until, now));
        await inside.db.insert(endedSessions).values({ id, until }).onConflictDoNothing();
      }),
    async isSessionEnded(id) {
      const rows = db.select({ id: endedSessions.id }).from(endedSessions);
      return (await rows.where(eq(endedSessions.id, id))).length > 0;
    },
  };
}
