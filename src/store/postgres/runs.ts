import { and, asc, eq, getTableColumns, gt, inArray, isNull, lt, lte, sql } from 'drizzle-orm';
import { omit } from '../rows.ts';
import { erasedRunRow, plainPartOf } from '../rules.ts';
import type { RunVerbs } from '../store.ts';
import { type Access, isAnyOf } from './connection.ts';
import { storableJson } from './schema.ts';
import type { Writer } from './writer.ts';

export function runVerbs(
  { db, tables: { runs, runRows, invitations } }: Access,
  writer: Writer,
): RunVerbs {
  return {
    addRun: (run, rows) =>
      writer.write(async (inside) => {
        const renewed = { target: runs.id, set: { leaseUntil: run.leaseUntil } };
        await inside.db.insert(runs).values(run).onConflictDoUpdate(renewed);
        await inside.db.execute(sql`
          INSERT INTO ${runRows} (run, "row", email, request, result)
          SELECT ${run.id}, * FROM jsonb_to_recordset(${storableJson(rows)}::jsonb)
            AS g("row" int, email text, request jsonb, result jsonb)`);
      }),
    async run(id) {
      const columns = omit(getTableColumns(runs), ['replica', 'leaseUntil', 'endedAt']);
      const [run] = await db.select(columns).from(runs).where(eq(runs.id, id));
      return run ?? null;
    },
    runRows: async ({ id, after, limit }) => {
      const columns = omit(getTableColumns(runRows), ['run']);
      return db
        .select({ ...columns, link: invitations.link })
        .from(runRows)
        .leftJoin(invitations, eq(invitations.id, sql`${runRows.result} ->> 'id'`))
        .where(and(eq(runRows.run, id), gt(runRows.row, after)))
        .orderBy(asc(runRows.row))
        .limit(limit);
    },
    claimRun: ({ replica, now, leaseUntil }) =>
      writer.write(async (inside) => {
        const free = inside.db
          .select({ id: runs.id })
          .from(runs)
          .where(and(isNull(runs.endedAt), lte(runs.leaseUntil, now)))
          .orderBy(asc(runs.id))
          .limit(1)
          .for('update', { skipLocked: true });
        const [claimed] = await inside.db
          .update(runs)
          .set({ replica, leaseUntil })
          .where(isAnyOf(runs.id, free))
          .returning({ id: runs.id });
        return claimed?.id ?? null;
      }),
    saveRun: (saved) => writer.write((inside) => save(inside, saved)),
    stopRun: (id) =>
      writer.write(async (inside) => {
        const stopping = inside.db.update(runs).set({ isStopping: true }).where(eq(runs.id, id));
        return (await stopping).rowCount === 1;
      }),
    deleteRuns: ({ before, limit }) =>
      writer.write(async (inside) => {
        const ended = inside.db.select({ id: runs.id }).from(runs).where(lt(runs.endedAt, before));
        const ctid = sql`ctid`;
        const rows = inside.db.select({ ctid }).from(runRows).where(inArray(runRows.run, ended));
        const deleted = inside.db.delete(runRows).where(inArray(ctid, rows.limit(limit)));
        const count = (await deleted).rowCount ?? 0;
        if (count < limit) await inside.db.delete(runs).where(lt(runs.endedAt, before));
        return count;
      }),
  };
}

async function save(
  { db, tables: { runs, runRows } }: Access,
  saved: Parameters<RunVerbs['saveRun']>[0],
): Promise<boolean> {
  const { id, replica, leaseUntil, waiting, end, at } = saved;
  await db.execute(sql`
    UPDATE ${runRows} AS r SET result = g.result, request = NULL
    FROM jsonb_to_recordset(${storableJson(saved.results)}::jsonb) AS g("row" int, result jsonb)
    WHERE r.run = ${id} AND r."row" = g."row"`);
  const [kept] = await db
    .update(runs)
    .set({ leaseUntil, waiting, end, endedAt: end && at })
    .where(and(eq(runs.id, id), eq(runs.replica, replica), isNull(runs.endedAt)))
    .returning({ isStopping: runs.isStopping });
  return end === null && kept?.isStopping === false;
}

/**
 * Erases an address in the rows of runs.
 * @param email normalised
 * @returns how many rows contained the address
 */
export async function eraseInRuns(
  { db, tables: { runRows } }: Access,
  email: string,
): Promise<number> {
  const { email: entered, request, result } = runRows;
  const text = sql`lower(concat_ws(' ', ${entered}, ${request}::text, ${result}::text))`;
  const found = await db
    .select()
    .from(runRows)
    .where(sql`strpos(${text}, ${plainPartOf(email)}) > 0`)
    .for('update');
  const rows = found.flatMap((row) => erasedRunRow(row, email) ?? []);
  for (const { run, row, ...erased } of rows) {
    await db
      .update(runRows)
      .set(erased)
      .where(and(eq(runRows.run, run), eq(runRows.row, row)));
  }
  return rows.length;
}
