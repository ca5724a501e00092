import { asc, eq, sql } from 'drizzle-orm';
import type { MemberState } from '../../domain/member.ts';
import type { Entry } from '../../domain/timeline.ts';
import { entryValues } from '../rows.ts';
import type { PauseRow, Store, ValueKey, ValueReads } from '../store.ts';
import { type Access, lockControl } from './connection.ts';
import { refuseWithoutLead } from './leaders.ts';
import { countMembers } from './members.ts';
import { memberColumns } from './rows.ts';
import type { Writer } from './writer.ts';

/**
 * Keys that only the store itself uses. Of these, a move copies only `copied_at`: see
 * `../move/tables.ts`.
 */
type OwnKey =
  /**
   * Approximately when this database was copied (UTC ms): see `markRestored`. `liftPauses` deletes this
   * value.
   */
  | 'copied_at'
  /** Identifies the database that was last served with these tables: see `identity.ts`. */
  | 'identity'
  /** How many processes have joined the replicas: see `replicas.ts`. */
  | 'joined'
  | 'probe'
  /** The marks of a move of the whole database: see `../move/side.ts`. */
  | 'moved_to'
  | 'arriving';

/** How many members of a restored copy are listed. Further members are only counted. */
const maxListed = 1_000;
const owedStates: MemberState[] = ['ready', 'sending', 'unknown'];

export function valueReads(access: Access): ValueReads {
  const { db, tables } = access;
  return {
    getValue: (key) => getValue(access, key),
    pauses: () => db.select().from(tables.pauses),
    async restored() {
      const copiedAt = await getValue(access, 'copied_at');
      if (copiedAt === null) return null;
      const counts = await countMembers(access);
      return {
        copiedAt: Number(copiedAt),
        members: await owedMembers(access),
        count: owedStates.reduce((sum, state) => sum + (counts[state] ?? 0), 0),
        notYetActive: counts.waiting ?? 0,
      };
    },
  };
}

function owedMembers({ db, tables }: Access) {
  const { members } = tables;
  const owed = sql`${members.state} = ANY(${sql.param(owedStates)})`;
  const rows = db.select(memberColumns(tables)).from(members).where(owed);
  return rows.orderBy(asc(members.seq)).limit(maxListed);
}

export function valueWrites(
  writer: Writer,
  replica: string,
): Pick<Store, 'setValue' | 'pause' | 'liftPauses' | 'probe'> {
  return {
    setValue: (key, value) =>
      writer.write(async (access) => {
        if (isPollKey(key)) await refuseWithoutLead(access, replica);
        if (key === 'hour_granted_at') await lockControl(access);
        await setValue(access, key, value);
      }),
    probe: () =>
      writer.write(async (access) => {
        const count = Number((await getValue(access, 'probe')) ?? 0);
        await setValue(access, 'probe', String(count + 1));
      }),
    pause: (pause, entry) =>
      writer.write(async (access) => {
        await lockControl(access);
        await addPause(access, pause, entry);
      }),
    liftPauses: (lifted) =>
      writer.write(async (access) => {
        await lockControl(access);
        if (lifted) await access.db.update(access.tables.control).set({ resumedAt: lifted.at });
        const { db, tables } = access;
        const { rowCount } = await db.delete(tables.pauses);
        await db.delete(tables.keyValues).where(eq(tables.keyValues.key, 'copied_at'));
        if (lifted && rowCount) await addEntry(access, lifted.entry, lifted.at);
      }),
  };
}

/**
 * Keys of values that say how far the poll and the events have come. While a replica leads, no other
 * replica may write these values.
 */
const pollKeys: readonly ValueKey[] = [
  'journal_seen',
  'not_yet_active_run',
  'not_yet_active_place',
  'sweep_place',
  'swept_at',
  'baseline',
  'baseline_started_at',
  'baseline_place',
  'asked_addresses',
  'events_cursor',
];

function isPollKey(key: ValueKey): boolean {
  return pollKeys.includes(key) || key.startsWith('notices:');
}

export async function addPause(access: Access, pause: PauseRow, entry?: Entry): Promise<void> {
  const { db, tables } = access;
  const { rowCount } = await db.insert(tables.pauses).values(pause).onConflictDoNothing();
  if (entry && rowCount === 1) await addEntry(access, entry, pause.since);
}

/** Adds an entry about the whole service to the timeline. */
async function addEntry({ db, tables }: Access, entry: Entry, at: number): Promise<void> {
  await db.insert(tables.timeline).values({ ...entryValues(entry), at });
}

/** @returns null if there is no value for this key */
export async function getValue(
  { db, tables: { keyValues } }: Access,
  key: ValueKey | OwnKey,
): Promise<string | null> {
  const rows = db.select({ value: keyValues.value }).from(keyValues).where(eq(keyValues.key, key));
  return (await rows)[0]?.value ?? null;
}

export async function setValue(
  { db, tables: { keyValues } }: Access,
  key: ValueKey | OwnKey,
  value: string,
): Promise<void> {
  const insert = db.insert(keyValues).values({ key, value });
  await insert.onConflictDoUpdate({ target: keyValues.key, set: { value } });
}
