import { asc, eq, lte, sql } from 'drizzle-orm';
import type { SessionVerbs, TokenReads, TokenWrites } from '../store.ts';
import type { Db } from './open.ts';
import { endedSessions, tokens } from './schema.ts';
import type { Writer } from './writer.ts';

export function tokenReads(db: Db): TokenReads {
  // Every request with a named token reads the tokens, so the statement is prepared once.
  const all = db.select().from(tokens).orderBy(asc(tokens.createdAt), asc(tokens.name)).prepare();
  return { tokens: async () => all.all() };
}

export function tokenWrites(db: Db, writer: Writer): TokenWrites {
  return {
    addToken: (token) =>
      writer.write(() => db.insert(tokens).values(token).onConflictDoNothing().run().changes === 1),
    removeToken: (name) =>
      writer.write(() => db.delete(tokens).where(eq(tokens.name, name)).run().changes === 1),
  };
}

/** The functions that store and find sessions of the dashboard that were signed out. */
export function sessionVerbs(db: Db, writer: Writer): SessionVerbs {
  // Every request of the dashboard runs this query, so the statement is prepared once.
  const ended = db
    .select({ id: endedSessions.id })
    .from(endedSessions)
    .where(eq(endedSessions.id, sql.placeholder('id')))
    .prepare();
  return {
    endSession: ({ id, until, now }) =>
      writer.write(() => {
        db.delete(endedSessions).where(lte(endedSessions.until, now)).run();
        db.insert(endedSessions).values({ id, until }).onConflictDoNothing().run();
      }),
    isSessionEnded: async (id) => ended.get({ id }) !== undefined,
  };
}
