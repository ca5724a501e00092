import Database from 'better-sqlite3';
import { asc, eq, max, sql } from 'drizzle-orm';
import type { MemberState } from '../../domain/member.ts';
import { type Entry, service } from '../../domain/timeline.ts';
import { entryValues } from '../rows.ts';
import type { PauseRow, Store, ValueKey, ValueReads } from '../store.ts';
import { countMembers } from './members.ts';
import { type Db, openForReading, openForWriting } from './open.ts';
import { memberColumns } from './rows.ts';
import { keyValues, members, pauses, timeline } from './schema.ts';
import type { Writer } from './writer.ts';

/** Keys that only the store itself uses. A move copies only `copied_at`: see `../move/tables.ts`. */
type OwnKey =
  /**
   * The id of the last delivery that became a hint. Ids grow in the order of the commits, because only
   * one process writes. So no delivery with a lower id still has to become a hint.
   */
  | 'applied_through'
  /**
   * When this file was copied (UTC ms). If that is not known, the time of its newest timeline entry is
   * stored (see `markRestored`). `liftPauses` deletes this value.
   */
  | 'copied_at'
  /** Set while erased texts may remain in the bytes of the files: see `erasure.ts`. */
  | 'overwrite_owed'
  | 'probe'
  /** The marks of a move of the whole database: see `../move/side.ts`. */
  | 'moved_to'
  | 'arriving';

/** How many members of a restored copy are listed. Further members are only counted. */
const maxListed = 1_000;
const owedStates: MemberState[] = ['ready', 'sending', 'unknown'];

export function valueReads(db: Db): ValueReads {
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

/**
 * Reads the members of each state with a separate query, which uses an index. One query for all states
 * would have to sort all of these members.
 */
function owedMembers(db: Db) {
  const inState = (state: MemberState) =>
    db
      .select({ seq: members.seq, member: memberColumns })
      .from(members)
      .where(eq(members.state, state))
      .orderBy(asc(members.seq))
      .limit(maxListed)
      .all();
  return owedStates
    .flatMap(inState)
    .sort((a, b) => a.seq - b.seq)
    .slice(0, maxListed)
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
    pause: (pause, entry) => writer.write(() => addPause(db, pause, entry)),
    liftPauses: (lifted) =>
      writer.write(() => {
        const { changes } = db.delete(pauses).run();
        deleteValue(db, 'copied_at');
        if (lifted && changes > 0) addEntry(db, lifted.entry, lifted.at);
      }),
  };
}

export function addPause(db: Db, pause: PauseRow, entry?: Entry): void {
  const { changes } = db.insert(pauses).values(pause).onConflictDoNothing().run();
  if (entry && changes === 1) addEntry(db, entry, pause.since);
}

/** Adds a timeline entry about the whole service. */
function addEntry(db: Db, entry: Entry, at: number): void {
  db.insert(timeline)
    .values({ ...entryValues(entry), at })
    .run();
}

/** @returns a function that reads one value, and returns null if the key has no value */
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
 * Writes one value while another process may be serving the database. SQLite makes this short write
 * wait for the writes of that process. A database that does not exist is created; an older one is not
 * migrated.
 * @throws when the database is older or newer than this program, or cannot be written
 */
export function setValueWhileServed(options: {
  readonly file: string;
  readonly exists: boolean;
  /** Whether the database may be created. */
  readonly migrates?: boolean;
  readonly key: ValueKey;
  readonly value: string;
}): void {
  if (!options.exists) openForWriting(options.file, options.migrates).$client.close();
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

/** Marks and pauses a database that is older than the one that was used at this path before. */
export function markRestored(db: Db, now: number): void {
  const lastEntryAt = db
    .select({ at: max(timeline.at) })
    .from(timeline)
    .get()?.at;
  db.transaction(() => {
    prepareSetValue(db)('copied_at', String(lastEntryAt ?? now));
    const reason = { code: 'restored_copy' } as const;
    const source = { actor: service, cause: { kind: 'restart' } } as const;
    const entry = { event: 'service_paused', reason, ...source } as const;
    addPause(db, { name: 'restored', reason, since: now }, entry);
  });
}
