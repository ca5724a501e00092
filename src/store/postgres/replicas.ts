import { hostname } from 'node:os';
import { and, eq, exists, gt, inArray, isNotNull, isNull, lt, ne, not, sql } from 'drizzle-orm';
import { version } from '../../project.ts';
import type { Place } from '../place.ts';
import {
  type Beat,
  type Holder,
  type Lock,
  type Replication,
  type SharedWait,
  StoreUnavailable,
} from '../store.ts';
import {
  type Access,
  beginStatement,
  databaseNow,
  openPool,
  withClient,
  withFaults,
} from './connection.ts';
import {
  checkIdentity,
  confirmation,
  followIdentity,
  hasCommits,
  markRestored,
  readIdentity,
} from './identity.ts';
import { getValue, setValue } from './key-values.ts';
import { giveUpLead, lead } from './leaders.ts';
import { migrate, programNumber, refuseNewer } from './migrate.ts';
import { expected, type Lane, reportMissing } from './writer.ts';

/*
 * Several processes may serve one database. Each of them has a row in `replicas`, and updates the row
 * once a second. A normal start takes nothing from other replicas. A replica that stops releases its
 * checks. Other replicas release its checks and idempotency keys only when it was not seen for a while.
 * Only two kinds of start delete rows of other replicas: a migration whose tables older programs cannot
 * use (`migrate.ts`), and the first start of a copy (`identity.ts`).
 */

/** A replica counts as running if it was seen within this time. */
const seenLatelyMs = 10_000;
/** If a replica was not seen for this long, its checks and idempotency keys are released. */
const goneAfterMs = 30_000;
/** If a replica was not seen for this long, its row is deleted. */
const forgottenAfterMs = 5 * 60_000;
/** Any replica may apply a delivery that has waited for this long. */
const leftAloneMs = 5_000;
/** A beat without an answer ends after this time, so that the next beat can use a new connection. */
const beatTimeoutMs = 4_000;
/** `releaseGone` runs once in this many beats. */
const beatsPerSweep = 5;
/**
 * If another server has taken over, the replicas have this many beats of the one that noticed it to find
 * their commits there.
 */
const beatsToConfirm = 30;

export type Joined = {
  readonly lock: Lock;
  readonly lane: Lane;
  readonly replication: Replication;
};

/**
 * Adds this process to the replicas of a database. The tables are created or migrated first.
 * @param replica a new id for this process
 * @param moveTimeoutMs how long to wait for the end of a move of the database
 * @throws StoreUnavailable when the server cannot be used now
 * @throws DatabaseRefused when the settings, the server or the tables must be changed first
 */
export async function joinPostgres(
  place: Place,
  replica: string,
  moveTimeoutMs = 20_000,
): Promise<Joined> {
  const holder: Holder = { pid: process.pid, url: null, host: hostname() };
  const lane: Lane = { replica, batch: 0, intake: 0 };
  // The number is read once, because an update may replace the files while this process runs.
  const program = programNumber();
  const joined = await withClient(place, async (access, client) => {
    await migrate(client, place);
    return join(access, rowOf(access, lane, program, holder), moveTimeoutMs);
  });
  return keepJoined(place, lane, program, holder, joined);
}

/**
 * If this throws, the caller ends the connection, and the transaction with it.
 * @returns how many processes have joined so far
 */
async function join(
  access: Access,
  row: ReturnType<typeof rowOf>,
  moveTimeoutMs: number,
): Promise<number> {
  const { db, tables } = access;
  const { schema, replicas, control } = tables;
  await db.execute(sql.raw(beginStatement));
  await db.execute(sql.raw(`SET LOCAL lock_timeout = ${moveTimeoutMs}`));
  await db.execute(sql`SELECT pg_advisory_xact_lock(hashtext(${`${schema.schemaName}.join`}))`);
  const isThere = gt(replicas.seenAt, sql`${databaseNow} - ${seenLatelyMs}`);
  const others = await db.select({ id: replicas.id }).from(replicas).where(isThere);
  await checkIdentity(access, others.length > 0);
  await db.insert(control).values({ id: 1 }).onConflictDoNothing();
  await db.insert(replicas).values(row);
  const joined = (await countJoined(access)) + 1;
  await setValue(access, 'joined', String(joined));
  await db.execute(sql`COMMIT`);
  return joined;
}

async function countJoined(access: Access): Promise<number> {
  return Number((await getValue(access, 'joined')) ?? 0);
}

function rowOf(access: Access, { replica, batch, intake }: Lane, program: number, holder: Holder) {
  const now = { startedAt: databaseNow, seenAt: databaseNow };
  return {
    id: replica,
    batch,
    intake,
    ...now,
    version,
    program,
    holder,
    waits: [],
    confirmedIn: readIdentity(access),
  };
}

function keepJoined(
  place: Place,
  lane: Lane,
  program: number,
  holder: Holder,
  joined: number,
): Joined {
  const pool = openPool(place, { connections: 1, timeoutMs: beatTimeoutMs });
  const { replica } = lane;
  const { control, replicas } = pool.tables;
  const isOurs = eq(replicas.id, replica);
  let shown = holder;
  let count = 0;
  let unconfirmed = 0;
  /** If the database has counted fewer, the join of a replica is missing, and its commits with it. */
  let joinedBefore = joined;
  /** When the last successful beat began (a time of `performance.now`). */
  let seenAt = performance.now();
  /** The database's time of that beat. */
  let lastAt = 0;

  async function beat(waits: readonly SharedWait[]): Promise<Beat> {
    const begunAt = performance.now();
    const wanted = expected(lane);
    const confirmedIn = confirmation(pool, wanted);
    const { batch, intake, results: stored } = replicas;
    // The results may contain addresses and links. This process has received them, unless they belong to
    // a batch whose answer has not arrived.
    const results = sql`CASE WHEN ${batch} > ${lane.batch} THEN ${stored} END`;
    const seen = { seenAt: databaseNow, holder: shown, waits, confirmedIn, results };
    const update = pool.db.update(replicas).set(seen).where(isOurs);
    const [row] = await update.returning({ batch, intake, at: replicas.seenAt });
    if (row) await reportMissing(lane, wanted, row, () => markRestored(pool));
    else await rejoin(begunAt);
    const at = row?.at ?? 0;
    // If the database's clock was set forward, the others seem silent until their next beat.
    const isSteady = Math.abs(at - lastAt - (begunAt - seenAt)) < beatTimeoutMs;
    lastAt = at;
    seenAt = begunAt;
    count += 1;
    const joinedNow = await countJoined(pool);
    if (joinedNow < joinedBefore) await markRestored(pool);
    joinedBefore = joinedNow;
    const isConfirmed = await followIdentity(pool, unconfirmed >= beatsToConfirm);
    unconfirmed = isConfirmed ? 0 : unconfirmed + 1;
    // The row of a replica that was lost is needed until the server is confirmed.
    if (isConfirmed && isSteady && count % beatsPerSweep === 0) await releaseGone(pool);
    const isLeader = shown.url !== null && (await lead(pool, replica));
    return readBeat(pool, replica, { isLeader, isConfirmed });
  }

  /**
   * Adds the row of this replica again. Unless one of the errors below is thrown, the row is missing for
   * one of two reasons: this process was silent for so long that another replica deleted the row, or the
   * database was set back to an earlier state. If the last beat is recent, the database was set back,
   * because the row was not old enough to be deleted.
   * @throws DatabaseRefused if the row was deleted because this program is too old for the tables
   * @throws StoreUnavailable if the database was moved
   */
  async function rejoin(begunAt: number): Promise<void> {
    await withClient(place, (_, client) => refuseNewer(client, place, program));
    await pool.db.transaction(async (db) => {
      // While the database is being moved, this insert waits.
      await db
        .insert(replicas)
        .values(rowOf(pool, lane, program, shown))
        .onConflictDoNothing();
      if ((await getValue({ ...pool, db }, 'moved_to')) !== null) {
        throw new StoreUnavailable(`${place.shown} was moved to another database`);
      }
      if (begunAt - seenAt < forgottenAfterMs / 2) await markRestored({ ...pool, db });
    });
  }

  const lock: Lock = {
    isAfterUncleanStop: false,
    isReliable: true,
    ...withFaults(
      {
        async announce(url: string) {
          shown = { ...holder, url };
          await pool.db.update(replicas).set({ holder: shown }).where(isOurs);
        },
        async release() {
          // If the server cannot be reached, the other replicas notice later that this one has ended.
          await leave(pool, lane).catch(() => {});
          await pool.end();
        },
      },
      place,
    ),
  };
  const replication: Replication = {
    beat,
    lead: () => lead(pool, replica),
    async hurry() {
      await pool.db.update(control).set({ hurried: sql`${control.hurried} + 1` });
    },
    async askForRun() {
      const next = sql`${control.runWanted} + 1`;
      const rows = await pool.db.update(control).set({ runWanted: next }).returning();
      return rows[0]?.runWanted ?? 0;
    },
    async answerRun(number, report) {
      const isNews = lt(control.runDone, number);
      await pool.db.update(control).set({ runDone: number, runReport: report }).where(isNews);
    },
    async runReport(number) {
      const [row] = await pool.db.select().from(control);
      // `answerRun` stored a string.
      return row && row.runDone >= number ? (row.runReport as string) : null;
    },
  };
  return { lock, lane, replication };
}

async function leave(access: Access, lane: Lane): Promise<void> {
  const { replica } = lane;
  const { db, tables } = access;
  const { members, replicas } = tables;
  const isChecked = and(eq(members.leaseBy, replica), ne(members.state, 'sending'));
  await db.update(members).set({ leaseUntil: null, leaseBy: null }).where(isChecked);
  await giveUpLead(access, replica);
  // If commits are missing, the row stays. It tells the other replicas: see `followIdentity`.
  await db
    .delete(replicas)
    .where(and(eq(replicas.id, replica), hasCommits(access, expected(lane))));
}

/**
 * Releases the checks and the unanswered idempotency keys of replicas that were not seen for a while.
 * Deletes the rows of replicas that were not seen for even longer.
 */
async function releaseGone({ db, tables }: Access): Promise<void> {
  const { members, idempotencyKeys, replicas } = tables;
  const seenSince = (ms: number) => sql`${databaseNow} - ${ms}`;
  const there = db
    .select({ id: replicas.id })
    .from(replicas)
    .where(gt(replicas.seenAt, seenSince(goneAfterMs)));
  const isLeft = and(
    isNotNull(members.leaseUntil),
    ne(members.state, 'sending'),
    not(inArray(members.leaseBy, there)),
  );
  await db.update(members).set({ leaseUntil: null, leaseBy: null }).where(isLeft);
  const isUnanswered = and(
    isNull(idempotencyKeys.status),
    not(inArray(idempotencyKeys.replica, there)),
  );
  await db.delete(idempotencyKeys).where(isUnanswered);
  await db.delete(replicas).where(lt(replicas.seenAt, seenSince(forgottenAfterMs)));
}

async function readBeat(
  access: Access,
  replica: string,
  known: Pick<Beat, 'isLeader' | 'isConfirmed'>,
): Promise<Beat> {
  const { db, tables } = access;
  const { control, pauses } = tables;
  const others = await readReplicas(access);
  const [state] = await db
    .select({ control, at: databaseNow.mapWith(Number), hasWork: hasWork(access, replica) })
    .from(control);
  if (state === undefined) throw new Error('the table "control" has no row');
  const { resumedAt, hurried, runWanted, runDone } = state.control;
  return {
    at: state.at,
    replicas: others.filter(({ holder }) => holder.url !== null),
    ...known,
    pauses: await db.select().from(pauses),
    waits: others.flatMap(({ id, waits }) => (id === replica ? [] : waits)),
    resumedAt,
    hurried,
    hasWork: state.hasWork,
    runWanted: runWanted > runDone ? runWanted : null,
  };
}

function hasWork(access: Access, replica: string) {
  const { db, tables } = access;
  const { members } = tables;
  const isFree = sql`(${members.leaseUntil} IS NULL OR ${members.leaseUntil} <= ${databaseNow})`;
  const isDue = and(sql`${members.dueAt} <= ${databaseNow}`, isFree);
  const due = db.select({ seq: members.seq }).from(members).where(isDue);
  const left = db.select().from(tables.inbox).where(mayApply(access, replica));
  return sql<boolean>`(${exists(due)} OR ${exists(left)})`;
}

/**
 * Whether this replica may apply a delivery of the inbox: this replica accepted the delivery, the
 * delivery has waited for too long, or the replica that accepted it has no row any more.
 */
export function mayApply({ db, tables }: Access, replica: string) {
  const { inbox, replicas } = tables;
  const all = db.select({ id: replicas.id }).from(replicas);
  return sql`(${inbox.replica} = ${replica}
    OR ${inbox.receivedAt} < ${databaseNow} - ${leftAloneMs} OR ${not(inArray(inbox.replica, all))})`;
}

/** Returns the replicas that were seen lately. The one that joined first comes first. */
export function readReplicas({ db, tables: { replicas } }: Access) {
  const { id, version: program, startedAt, seenAt, holder, waits } = replicas;
  return db
    .select({ id, version: program, startedAt, seenAt, holder, waits })
    .from(replicas)
    .where(gt(seenAt, sql`${databaseNow} - ${seenLatelyMs}`))
    .orderBy(startedAt);
}
