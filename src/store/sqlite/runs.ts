import { and, asc, eq, gt, inArray, isNull, lt, lte, sql } from 'drizzle-orm';
import { erasedRunRow, plainPartOf } from '../rules.ts';
import type { RunVerbs } from '../store.ts';
import type { Db } from './open.ts';
import { invitations, runRows, runs } from './schema.ts';
import type { Writer } from './writer.ts';

export function runVerbs(db: Db, writer: Writer): RunVerbs {
  return {
    addRun: (run, rows) =>
      writer.write(() => {
        const set = { leaseUntil: run.leaseUntil };
        db.insert(runs).values(run).onConflictDoUpdate({ target: runs.id, set }).run();
        db.run(sql`INSERT INTO ${runRows} (run, "row", email, request, result)
          SELECT ${run.id}, value ->> 'row', value ->> 'email', value ->> 'request', value ->> 'result'
          FROM json_each(${JSON.stringify(rows)})`);
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
    claimRun: ({ replica, now, leaseUntil }) =>
      writer.write(() => {
        const free = db
          .select({ id: runs.id })
          .from(runs)
          .where(and(isNull(runs.endedAt), lte(runs.leaseUntil, now)))
          .orderBy(asc(runs.id))
          .limit(1);
        const claimed = db.update(runs).set({ replica, leaseUntil }).where(inArray(runs.id, free));
        return claimed.returning({ id: runs.id }).get()?.id ?? null;
      }),
    saveRun: (saved) => writer.write(() => save(db, saved)),
    stopRun: (id) =>
      writer.write(
        () => db.update(runs).set({ isStopping: true }).where(eq(runs.id, id)).run().changes === 1,
      ),
    deleteRuns: ({ before, limit }) =>
      writer.write(() => {
        const ended = db.select({ id: runs.id }).from(runs).where(lt(runs.endedAt, before));
        const rowid = sql`rowid`;
        const rows = db.select({ rowid }).from(runRows).where(inArray(runRows.run, ended));
        const { changes } = db
          .delete(runRows)
          .where(inArray(rowid, rows.limit(limit)))
          .run();
        if (changes < limit) db.delete(runs).where(lt(runs.endedAt, before)).run();
        return changes;
      }),
  };
}

const runColumns = {
  id: runs.id,
  actor: runs.actor,
  total: runs.total,
  isStopping: runs.isStopping,
  waiting: runs.waiting,
  end: runs.end,
};

function save(db: Db, saved: Parameters<RunVerbs['saveRun']>[0]): boolean {
  const { id, replica, leaseUntil, waiting, end, at } = saved;
  for (const { row, result } of saved.results) {
    const isRow = and(eq(runRows.run, id), eq(runRows.row, row));
    db.update(runRows).set({ result, request: null }).where(isRow).run();
  }
  const [kept] = db
    .update(runs)
    .set({ leaseUntil, waiting, end, endedAt: end && at })
    .where(and(eq(runs.id, id), eq(runs.replica, replica), isNull(runs.endedAt)))
    .returning({ isStopping: runs.isStopping })
    .all();
  return end === null && kept?.isStopping === false;
}

/** Ends the leases of all runs in progress. The process that had these leases has ended. */
export function freeRuns(db: Db): void {
  db.update(runs).set({ leaseUntil: 0 }).where(isNull(runs.endedAt)).run();
}

/**
 * Erases an address in the rows of runs.
 * @param email normalised
 * @returns how many rows contained the address
 */
export function eraseInRuns(db: Db, email: string): number {
  const text = sql`lower(concat_ws(' ', ${runRows.email}, ${runRows.request}, ${runRows.result}))`;
  const rows = db
    .select()
    .from(runRows)
    .where(sql`instr(${text}, ${plainPartOf(email)}) > 0`)
    .all()
    .flatMap((row) => erasedRunRow(row, email) ?? []);
  for (const { run, row, ...erased } of rows) {
    const isRow = and(eq(runRows.run, run), eq(runRows.row, row));
    db.update(runRows).set(erased).where(isRow).run();
  }
  return rows.length;
}
