import { eq, sql } from 'drizzle-orm';
import type { Store, StoreReads } from '../store.ts';
import type { Db } from './open.ts';
import { pauses, progress } from './schema.ts';
import type { Writer } from './writer.ts';

/** The stamp of a copy: when it was made (UTC ms). `backup` writes it, `liftPauses` removes it. */
export const copiedAtKey = 'copied_at';

export function progressReads(db: Db): Pick<StoreReads, 'progress' | 'pauses'> {
  const read = readProgress(db);
  return {
    progress: async (key) => read(key),
    pauses: async () => db.select().from(pauses).all(),
  };
}

export function progressWrites(
  db: Db,
  writer: Writer,
): Pick<Store, 'remember' | 'pause' | 'liftPauses' | 'probe'> {
  const write = writeProgress(db);
  return {
    remember: (key, value) => writer.write(() => write(key, value)),
    probe: () =>
      writer.write(() => write('probe', String(Number(readProgress(db)('probe') ?? 0) + 1))),
    pause: (pause) =>
      writer.write(() => {
        db.insert(pauses).values(pause).onConflictDoNothing().run();
      }),
    liftPauses: () =>
      writer.write(() => {
        db.delete(pauses).run();
        db.delete(progress).where(eq(progress.key, copiedAtKey)).run();
      }),
  };
}

/** @returns a function that reads one small fact, null when it was never written */
export function readProgress(db: Db): (key: string) => string | null {
  const select = db
    .select({ value: progress.value })
    .from(progress)
    .where(eq(progress.key, sql.placeholder('key')))
    .prepare();
  return (key) => select.get({ key })?.value ?? null;
}

/** @returns a function that writes one small fact, inside the transaction of the caller */
export function writeProgress(db: Db): (key: string, value: string) => void {
  const upsert = db
    .insert(progress)
    .values({ key: sql.placeholder('key'), value: sql.placeholder('value') })
    .onConflictDoUpdate({ target: progress.key, set: { value: sql`excluded.value` } })
    .prepare();
  return (key, value) => {
    upsert.run({ key, value });
  };
}
