import type { Clock } from '../clock.ts';
import { type Actor, operator } from '../domain/timeline.ts';
import type { NewId } from '../ids.ts';
import { issueInProcess } from '../invitations/import/issue-rows.ts';
import { type PlannedRow, withoutAnswer } from '../invitations/import/plan.ts';
import type { RowReason, RowResult } from '../invitations/import/row-result.ts';
import { type ImportEnd, type RowRequest, runImport } from '../invitations/import/run.ts';
import type { Inviter } from '../invitations/inviter.ts';
import type { Log } from '../log.ts';

/** A run that invites people, in progress or ended. It is kept in memory; the invitations are stored. */
export type InviteRun = {
  readonly id: string;
  readonly total: number;
  /** The results so far, in the order of the rows. */
  readonly results: readonly RowResult[];
  /** The portal asked to wait until this time (UTC ms). */
  readonly waiting: { readonly reason: RowReason; readonly until: number } | null;
  /** Null if the run is in progress. `failed`: an unexpected error ended it, which the service's log has. */
  readonly end: ImportEnd | { readonly kind: 'failed' } | null;
};

export type InviteRuns = {
  /** @returns the id of the run, which continues in the background */
  readonly start: (rows: readonly PlannedRow[], actor?: Actor) => string;
  readonly find: (id: string) => InviteRun | null;
  /** Resolves when the run has ended, or at `deadlineAt` (UTC ms). */
  readonly settled: (id: string, deadlineAt: number) => Promise<void>;
  readonly interrupt: (id: string) => void;
  /** Starts no further requests, and waits for the requests in progress. */
  readonly stop: () => Promise<void>;
};

/** How many of the newest runs keep their results. */
const mostKept = 20;
/** How many rows all kept runs may have together: somewhat more than the largest file. */
const mostRowsKept = 60_000;

type Running = {
  readonly rows: readonly PlannedRow[];
  readonly results: Map<number, RowResult>;
  readonly interruption: AbortController;
  waiting: InviteRun['waiting'];
  end: InviteRun['end'];
  over: Promise<void>;
};

export function createInviteRuns(options: {
  readonly inviter: Pick<Inviter, 'invite' | 'inviteTogether'>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
}): InviteRuns {
  const { inviter, clock, newId, log } = options;
  const runs = new Map<string, Running>();
  let isStopping = false;

  async function perform(running: Running, actor: Actor): Promise<void> {
    const requests = running.rows.filter(
      (row): row is RowRequest & PlannedRow => row.kind === 'request',
    );
    try {
      running.end = await runImport({
        rows: requests,
        issue: issueInProcess(inviter, actor),
        clock,
        interrupted: running.interruption.signal,
        onResult(result) {
          running.results.set(result.row, result);
          running.waiting = null;
        },
        onWait(reason, until) {
          running.waiting = { reason, until };
        },
      });
    } catch (error) {
      log.error({ err: error }, 'a run of invitations failed');
      running.end = { kind: 'failed' };
    }
    running.waiting = null;
  }

  function forgetOldest(): void {
    let rowCount = [...runs.values()].reduce((sum, { rows }) => sum + rows.length, 0);
    for (const [id, { end, rows }] of runs) {
      if (runs.size <= mostKept && rowCount <= mostRowsKept) return;
      if (!end) continue;
      runs.delete(id);
      rowCount -= rows.length;
    }
  }

  return {
    start(rows, actor = operator) {
      const id = newId('run');
      const interruption = new AbortController();
      if (isStopping) interruption.abort();
      const running: Running = {
        rows,
        results: new Map(),
        interruption,
        waiting: null,
        end: null,
        over: Promise.resolve(),
      };
      running.over = perform(running, actor);
      runs.set(id, running);
      forgetOldest();
      return id;
    },
    find(id) {
      const running = runs.get(id);
      if (!running) return null;
      const { rows, results, waiting, end } = running;
      const shown = rows.flatMap((row) => {
        const known = results.get(row.row) ?? null;
        // A row without a request has its result at once. A row that was not reached gets it at the end.
        return known ?? (row.kind !== 'request' || end !== null ? withoutAnswer(row) : []);
      });
      return { id, total: rows.length, results: shown, waiting, end };
    },
    async settled(id, deadlineAt) {
      const running = runs.get(id);
      if (!running) return;
      let cancel = () => {};
      const late = new Promise<void>((resolve) => {
        cancel = clock.schedule(deadlineAt, resolve);
      });
      await Promise.race([running.over, late]);
      cancel();
    },
    interrupt: (id) => runs.get(id)?.interruption.abort(),
    async stop() {
      isStopping = true;
      for (const running of runs.values()) running.interruption.abort();
      await Promise.all([...runs.values()].map((running) => running.over));
    },
  };
}
