import { asc, eq, inArray, lt } from 'drizzle-orm';
import { answerTo } from '../rules.ts';
import type { IdempotencyKeys, IdempotencyStart } from '../store.ts';
import type { Access } from './connection.ts';
import type { Writer } from './writer.ts';

export function idempotencyWrites(writer: Writer, replica: string): IdempotencyKeys {
  return {
    beginIdempotent: (request) => writer.write((access) => begin(access, request, replica)),
    completeIdempotent: (key, { status, body }) =>
      writer.write(async ({ db, tables: { idempotencyKeys } }) => {
        await db.update(idempotencyKeys).set({ status, body }).where(eq(idempotencyKeys.key, key));
      }),
    abandonIdempotent: (key) =>
      writer.write(async ({ db, tables: { idempotencyKeys } }) => {
        await db.delete(idempotencyKeys).where(eq(idempotencyKeys.key, key));
      }),
    deleteIdempotencyKeys: ({ before, limit }) =>
      writer.write(async ({ db, tables: { idempotencyKeys } }) => {
        const old = db
          .select({ key: idempotencyKeys.key })
          .from(idempotencyKeys)
          .where(lt(idempotencyKeys.begunAt, before))
          .orderBy(asc(idempotencyKeys.begunAt))
          .limit(limit);
        const { rowCount } = await db
          .delete(idempotencyKeys)
          .where(inArray(idempotencyKeys.key, old));
        return rowCount ?? 0;
      }),
  };
}

type Start = Parameters<IdempotencyKeys['beginIdempotent']>[0];

async function begin(access: Access, start: Start, replica: string): Promise<IdempotencyStart> {
  const { db, tables } = access;
  const { idempotencyKeys } = tables;
  const { key, request, at } = start;
  const fresh = { request, begunAt: at, status: null, body: null, replica };
  const inserted = await db
    .insert(idempotencyKeys)
    .values({ key, ...fresh })
    .onConflictDoNothing();
  if (inserted.rowCount === 1) return { kind: 'begun' };
  const isKey = eq(idempotencyKeys.key, key);
  const [row] = await db.select().from(idempotencyKeys).where(isKey).for('update');
  // Another replica has released the key meanwhile.
  if (!row) return begin(access, start, replica);
  const answer = answerTo(row, start);
  if (answer) return answer;
  await db.update(idempotencyKeys).set(fresh).where(isKey);
  return { kind: 'begun' };
}
