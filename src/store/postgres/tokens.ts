import { asc, eq } from 'drizzle-orm';
import type { Store, StoreReads } from '../store.ts';
import type { Access } from './connection.ts';
import type { Writer } from './writer.ts';

export function tokenReads({ db, tables: { tokens } }: Access): Pick<StoreReads, 'tokens'> {
  return {
    tokens: async () => db.select().from(tokens).orderBy(asc(tokens.createdAt), asc(tokens.name)),
  };
}

export function tokenWrites(writer: Writer): Pick<Store, 'addToken' | 'removeToken'> {
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
