import { asc, eq } from 'drizzle-orm';
import type { Store, StoreReads } from '../store.ts';
import type { Db } from './open.ts';
import { tokens } from './schema.ts';
import type { Writer } from './writer.ts';

export function tokenReads(db: Db): Pick<StoreReads, 'tokens'> {
  // Every request with a named token reads them, so the statement is prepared once.
  const all = db.select().from(tokens).orderBy(asc(tokens.createdAt), asc(tokens.name)).prepare();
  return { tokens: async () => all.all() };
}

export function tokenWrites(db: Db, writer: Writer): Pick<Store, 'addToken' | 'removeToken'> {
  return {
    addToken: (token) =>
      writer.write(() => db.insert(tokens).values(token).onConflictDoNothing().run().changes === 1),
    removeToken: (name) =>
      writer.write(() => db.delete(tokens).where(eq(tokens.name, name)).run().changes === 1),
  };
}
