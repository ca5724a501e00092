import { asc, eq, inArray, isNull, lt } from 'drizzle-orm';
import { answerTo } from '../rules.ts';
import type { IdempotencyKeys, IdempotencyStart } from '../store.ts';
import type { Db } from './open.ts';
import { idempotencyKeys } from './schema.ts';
import type { Writer } from './writer.ts';

export function idempotencyWrites(db: Db, writer: Writer): IdempotencyKeys {
  const { key: ofKey, begunAt } = idempotencyKeys;
  return {
    beginIdempotent: (request) => writer.write(() => begin(db, request)),
    completeIdempotent: (key, { status, body }) =>
      writer.write(() => {
        db.update(idempotencyKeys).set({ status, body }).where(eq(ofKey, key)).run();
      }),
    abandonIdempotent: (key) =>
      writer.write(() => {
        db.delete(idempotencyKeys).where(eq(ofKey, key)).run();
      }),
    deleteIdempotencyKeys: ({ before, limit }) =>
      writer.write(() => {
        const old = db
          .select({ key: ofKey })
          .from(idempotencyKeys)
          .where(lt(begunAt, before))
          .orderBy(asc(begunAt))
          .limit(limit);
        return db.delete(idempotencyKeys).where(inArray(ofKey, old)).run().changes;
      }),
  };
}

/**
 * Deletes the keys of unanswered requests, inside the transaction of the caller. This is done when every
 * process that could answer these requests has ended.
 */
export function releaseKeys(db: Db): void {
  db.delete(idempotencyKeys).where(isNull(idempotencyKeys.status)).run();
}

type Start = Parameters<IdempotencyKeys['beginIdempotent']>[0];

function begin(db: Db, start: Start): IdempotencyStart {
  const { key, request, at } = start;
  const row = db.select().from(idempotencyKeys).where(eq(idempotencyKeys.key, key)).get();
  const answer = row && answerTo(row, start);
  if (answer) return answer;
  const fresh = { request, begunAt: at, status: null, body: null };
  db.insert(idempotencyKeys)
    .values({ key, ...fresh })
    .onConflictDoUpdate({ target: idempotencyKeys.key, set: fresh })
    .run();
  return { kind: 'begun' };
}
