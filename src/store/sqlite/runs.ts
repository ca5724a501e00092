import { and, asc, eq, gt, inArray, isNull, lt, lte, or, sql } from 'drizzle-orm';
import { emailKeyOf, plainPartOf, withoutMentions } from '../rules.ts';
import type { Run, Store } from '../store.ts';
import type { Db } from './open.ts';
import { endedSessions, invitations, runRows, runs } from './schema.ts';
import type { Writer } from './writer.ts';

/** What the dashboard stores: sessions that were signed out, and its runs. */
export function dashboardVerbs(
  db: Db,
  writer: Writer,
): Pick<
  Store,
  | 'endSession'
  | 'isSessionEnded'
  | 'openRun'
  | 'addRunRows'
  | 'run'
  | 'runRows'
  | 'saveRun'
  | 'stopRun'
  | 'takeRun'
  | 'deleteRuns'
> {
  // Every request of the dashboard asks this, so the statement is prepared once.
  const ended = db
    .select({ id: endedSessions.id })
    .from(endedSessions)
    .where(eq(endedSessions.id, sql.placeholder('id')))
    .prepare();
  return {
    endSession: ({ id, until, now }) =>
      writer.write(() => {
        db.delete(endedSessions).where(lte(endedSessions.until, now)).run();
        db.insert(endedSessions).values({ id, until }).onConflictDoNothing().run();
      }),
    isSessionEnded: async (id) => ended.get({ id }) !== undefined,
    openRun: (run) =>
      writer.write(() => {
        db.insert(runs)
          .values({ ...run, seenAt: run.startedAt })
          .run();
      }),
    addRunRows: (run, rows) =>
      writer.write(() => {
        const values = rows.map((one) => ({ ...one, run, emailKey: emailKeyOf(one.email) }));
        if (values.length > 0) db.insert(runRows).values(values).run();
      }),
    run: async (id) => db.select(runColumns).from(runs).where(eq(runs.id, id)).get() ?? null,
    runRows: async ({ id, after, limit }) =>
      db
        .select({
          row: runRows.row,
          email: runRows.email,
          request: runRows.request,
          result: runRows.result,
          link: invitations.link,
        })
        .from(runRows)
        .leftJoin(invitations, eq(invitations.id, sql`${runRows.result} ->> '$.id'`))
        .where(and(eq(runRows.run, id), gt(runRows.row, after)))
        .orderBy(asc(runRows.row))
        .limit(limit)
        .all(),
    saveRun: (saved) => writer.write(() => save(db, saved)),
    stopRun: (id) =>
      writer.write(
        () => db.update(runs).set({ isStopping: true }).where(eq(runs.id, id)).run().changes === 1,
      ),
    takeRun: ({ replica, at, unseenSince }) =>
      writer.write(() => {
        const isGone =
          unseenSince === null ? undefined : or(isNull(runs.replica), lt(runs.seenAt, unseenSince));
        const isOther = or(isNull(runs.replica), sql`${runs.replica} <> ${replica}`);
        const found = db
          .select(runColumns)
          .from(runs)
          .where(and(isNull(runs.endedAt), isOther, isGone))
          .limit(1)
          .get();
        if (!found) return null;
        db.update(runs).set({ replica, seenAt: at }).where(eq(runs.id, found.id)).run();
        return found;
      }),
    deleteRuns: ({ before, limit }) => writer.write(() => deleteEnded(db, before, limit)),
  };
}

const runColumns = {
  id: runs.id,
  actor: runs.actor,
  total: runs.total,
  startedAt: runs.startedAt,
  seenAt: runs.seenAt,
  isStopping: runs.isStopping,
  waiting: runs.waiting,
  end: runs.end,
};

function save(db: Db, saved: Parameters<Store['saveRun']>[0]): boolean {
  const { id, replica, at, waiting, end } = saved;
  for (const { row, result } of saved.results) {
    db.update(runRows)
      .set({ result, request: null })
      .where(and(eq(runRows.run, id), eq(runRows.row, row)))
      .run();
  }
  const isGivenUp = end === 'given up';
  const [kept] = db
    .update(runs)
    .set({
      seenAt: at,
      waiting,
      ...(isGivenUp ? { replica: null } : { end, endedAt: end && at }),
    })
    .where(and(eq(runs.id, id), eq(runs.replica, replica), isNull(runs.endedAt)))
    .returning({ isStopping: runs.isStopping })
    .all();
  return kept?.isStopping === false;
}

function deleteEnded(db: Db, before: number, limit: number): number {
  const ended = db.select({ id: runs.id }).from(runs).where(lt(runs.endedAt, before));
  const rows = db
    .select({ rowid: sql`rowid` })
    .from(runRows)
    .where(inArray(runRows.run, ended))
    .limit(limit);
  const { changes } = db.delete(runRows).where(inArray(sql`rowid`, rows)).run();
  if (changes < limit) db.delete(runs).where(lt(runs.endedAt, before)).run();
  return changes;
}

/**
 * Erases an address in the rows of the runs. The rows stay, so that no count changes, but a row of
 * this address asks for nothing any more.
 * @param email normalised
 * @returns how many rows contained the address
 */
export function eraseInRuns(db: Db, email: string): number {
  const text = sql`lower(concat_ws(' ', ${runRows.email}, ${runRows.request}, ${runRows.result}))`;
  const rows = db
    .select({
      run: runRows.run,
      row: runRows.row,
      email: runRows.email,
      emailKey: runRows.emailKey,
      request: sql<string | null>`${runRows.request}`,
      result: sql<string | null>`${runRows.result}`,
    })
    .from(runRows)
    .where(sql`instr(${text}, ${plainPartOf(email)}) > 0`)
    .all();
  const without = (found: string | null) => found && withoutMentions(found, email);
  let count = 0;
  for (const row of rows) {
    const isOwn = row.emailKey === emailKeyOf(email);
    const left = {
      email: isOwn ? 'forgotten' : without(row.email),
      request: isOwn ? null : without(row.request),
      result: without(row.result),
    };
    const isSame = left.email === row.email && left.request === row.request;
    if (isSame && left.result === row.result) continue;
    db.run(sql`UPDATE ${runRows} SET email = ${left.email}, request = ${left.request},
      result = ${left.result}, email_key = ${isOwn ? null : row.emailKey}
      WHERE run = ${row.run} AND "row" = ${row.row}`);
    count += 1;
  }
  return count;
}
