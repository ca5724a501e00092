import { asc, eq, inArray, isNull, lt } from 'drizzle-orm';
import type { Begun, KeyedAnswers } from '../keyed-answers.ts';
import type { Db } from './open.ts';
import { keyedAnswers } from './schema.ts';
import type { Writer } from './writer.ts';

type Asked = Parameters<KeyedAnswers['beginKeyed']>[0];

export function keyedAnswerWrites(db: Db, writer: Writer): KeyedAnswers {
  return {
    beginKeyed: (asked) => writer.write(() => begin(db, asked)),
    endKeyed: (key, { status, body }) =>
      writer.write(() => {
        db.update(keyedAnswers).set({ status, body }).where(eq(keyedAnswers.key, key)).run();
      }),
    releaseKey: (key) =>
      writer.write(() => {
        db.delete(keyedAnswers).where(eq(keyedAnswers.key, key)).run();
      }),
    releaseKeys: () =>
      writer.write(() => {
        db.delete(keyedAnswers).where(isNull(keyedAnswers.status)).run();
      }),
    deleteKeys: ({ before, limit }) =>
      writer.write(() => {
        const key = { key: keyedAnswers.key };
        const old = db.select(key).from(keyedAnswers).where(lt(keyedAnswers.begunAt, before));
        const keys = old
          .orderBy(asc(keyedAnswers.begunAt))
          .limit(limit)
          .all()
          .map((row) => row.key);
        if (keys.length > 0) {
          db.delete(keyedAnswers).where(inArray(keyedAnswers.key, keys)).run();
        }
        return keys.length;
      }),
  };
}

function begin(db: Db, asked: Asked): Begun {
  const { key, request, at } = asked;
  const row = db.select().from(keyedAnswers).where(eq(keyedAnswers.key, key)).get();
  const known = row && !isOver(row, asked) ? row : null;
  if (!known) {
    const fresh = { request, begunAt: at, status: null, body: null };
    db.insert(keyedAnswers)
      .values({ key, ...fresh })
      .onConflictDoUpdate({ target: keyedAnswers.key, set: fresh })
      .run();
    return { kind: 'begun' };
  }
  if (known.request !== request) return { kind: 'other_body' };
  const { status, body } = known;
  if (status === null || body === null) return { kind: 'under_way' };
  return { kind: 'answered', status, body };
}

function isOver(row: typeof keyedAnswers.$inferSelect, asked: Asked): boolean {
  const since = row.status === null ? asked.begunSince : asked.answeredSince;
  return row.begunAt < since;
}
