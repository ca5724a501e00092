import Database from 'better-sqlite3';
import { asc, eq, sql } from 'drizzle-orm';
import type { MemberState } from '../../domain/member.ts';
import type { Store, StoreReads, ValueKey } from '../store.ts';
import { countMembers } from './members.ts';
import { type Db, openForReading, openForWriting } from './open.ts';
import { memberColumns } from './rows.ts';
import { keyValues, members, pauses } from './schema.ts';

import type { Writer } from './writer.ts';

/** The keys that this store has beside those of its callers. */
type OwnKey =
  /** The last delivery that became a hint: ids grow with the commits, because one process writes. */
  | 'applied_through'
  /** When this file was copied (UTC ms): `backup` writes it, `liftPauses` removes it. */
  | 'copied_at'
  /** Erased content may still lie in the bytes of the files: see `erasure.ts`. */
  | 'overwrite_owed'
  | 'probe';

/** Members of a restored copy that are listed; the others are only counted. */
const mostListed = 1_000;
const owedStates: MemberState[] = ['ready', 'sending', 'unknown'];

export function valueReads(db: Db): Pick<StoreReads, 'getValue' | 'pauses' | 'restored'> {
  const get = prepareGetValue(db);
  return {
    getValue: async (key) => get(key),
    pauses: async () => db.select().from(pauses).all(),
    async restored() {
      const copiedAt = get('copied_at');
      if (copiedAt === null) return null;
      const counts = countMembers(db);
      return {
        copiedAt: Number(copiedAt),
        members: owedMembers(db),
        count: owedStates.reduce((sum, state) => sum + (counts[state] ?? 0), 0),
        notYetActive: counts.waiting ?? 0,
      };
    },
  };
}

/** State by state, each in the order of its index: all of them at once would be sorted as a whole. */
function owedMembers(db: Db) {
  const inState = (state: MemberState) =>
    db
      .select({ seq: members.seq, member: memberColumns })
      .from(members)
      .where(eq(members.state, state))
      .orderBy(asc(members.seq))
      .limit(mostListed)
      .all();
  return owedStates
    .flatMap(inState)
    .sort((a, b) => a.seq - b.seq)
    .slice(0, mostListed)
    .map(({ member }) => member);
}

export function valueWrites(
  db: Db,
  writer: Writer,
): Pick<Store, 'setValue' | 'pause' | 'liftPauses' | 'probe'> {
  const get = prepareGetValue(db);
  const set = prepareSetValue(db);
  return {
    setValue: (key, value) => writer.write(() => set(key, value)),
    probe: () => writer.write(() => set('probe', String(Number(get('probe') ?? 0) + 1))),
    pause: (pause) =>
      writer.write(() => {
        db.insert(pauses).values(pause).onConflictDoNothing().run();
      }),
    liftPauses: () =>
      writer.write(() => {
        db.delete(pauses).run();
        deleteValue(db, 'copied_at');
      }),
  };
}

/** @returns a function that reads one value; null: it was never written */
export function prepareGetValue(db: Db): (key: ValueKey | OwnKey) => string | null {
  const select = db
    .select({ value: keyValues.value })
    .from(keyValues)
    .where(eq(keyValues.key, sql.placeholder('key')))
    .prepare();
  return (key) => select.get({ key })?.value ?? null;
}

/** @returns a function that writes one value, inside the transaction of the caller */
export function prepareSetValue(db: Db): (key: ValueKey | OwnKey, value: string) => void {
  const upsert = db
    .insert(keyValues)
    .values({ key: sql.placeholder('key'), value: sql.placeholder('value') })
    .onConflictDoUpdate({ target: keyValues.key, set: { value: sql`excluded.value` } })
    .prepare();
  return (key, value) => {
    upsert.run({ key, value });
  };
}

export function deleteValue(db: Db, key: OwnKey): void {
  db.delete(keyValues).where(eq(keyValues.key, key)).run();
}

/**
 * Writes one value beside a process that may be serving the database: one short write, which SQLite
 * puts in line with the others. Makes the database when there is none yet; never migrates one.
 * @throws when the database is older or newer than this program, or cannot be written
 */
export function setValueWhileServed(options: {
  readonly file: string;
  readonly exists: boolean;
  readonly key: ValueKey;
  readonly value: string;
}): void {
  if (!options.exists) openForWriting(options.file).$client.close();
  openForReading(options.file).$client.close();
  const client = new Database(options.file, { timeout: 5_000 });
  client.pragma('synchronous = FULL');
  client
    .prepare(
      'INSERT INTO key_values (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    )
    .run(options.key, options.value);
  client.close();
}
