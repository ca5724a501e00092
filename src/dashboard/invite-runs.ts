import type { Clock } from '../clock.ts';
import type { NewId } from '../ids.ts';
import { issueAlone } from '../invitations/import/issue-rows.ts';
import { type PlannedRow, withoutAnswer } from '../invitations/import/plan.ts';
import type { RowResult } from '../invitations/import/row-result.ts';
import { type Ended, runImport, type Wish } from '../invitations/import/run.ts';
import type { Inviter } from '../invitations/inviter.ts';
import { describeError, type Log } from '../log.ts';

/** Some people being invited, or who were: kept in memory; what was issued is in the log. */
export type InviteRun = {
  readonly id: string;
  readonly total: number;
  /** In the order of the rows. */
  readonly results: readonly RowResult[];
  /** The portal asked to wait, until then (UTC ms). */
  readonly waiting: { readonly reason: string; readonly until: number } | null;
  /** Null: it goes on. */
  readonly ended: Ended | null;
};

export type InviteRuns = {
  /** @returns the id of the run, which goes on by itself */
  readonly start: (rows: readonly PlannedRow[]) => string;
  readonly find: (id: string) => InviteRun | null;
  /** Resolves when the run ended, or at `deadlineAt` (UTC ms): a short one is shown as a whole. */
  readonly settled: (id: string, deadlineAt: number) => Promise<void>;
  readonly interrupt: (id: string) => void;
  /** Nothing more is asked for; what is under way ends. */
  readonly stop: () => Promise<void>;
};

/** Runs whose results are kept. The newest are looked at; the log keeps the rest. */
const mostKept = 20;
/** Of all of them together: one of the largest tables, and some more. */
const mostRowsKept = 60_000;

type Running = {
  readonly rows: readonly PlannedRow[];
  readonly results: Map<number, RowResult>;
  readonly interruption: AbortController;
  waiting: InviteRun['waiting'];
  ended: Ended | null;
  over: Promise<void>;
};

export function createInviteRuns(options: {
  readonly inviter: Pick<Inviter, 'invite' | 'inviteTogether'>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
}): InviteRuns {
  const { inviter, clock, newId, log } = options;
  const issue = issueAlone(inviter);
  const runs = new Map<string, Running>();
  let isStopping = false;

  async function perform(running: Running): Promise<void> {
    const wishes = running.rows.filter((row): row is Wish & PlannedRow => row.kind === 'wish');
    try {
      running.ended = await runImport({
        wishes,
        issue,
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
      log.error({ err: error }, 'inviting many failed: the rows that were answered are in the log');
      running.ended = { kind: 'stopped', reason: describeError(error), goesOnAt: null };
    }
    running.waiting = null;
  }

  function forgetOldest(): void {
    let rowCount = [...runs.values()].reduce((sum, { rows }) => sum + rows.length, 0);
    for (const [id, { ended, rows }] of runs) {
      if (runs.size <= mostKept && rowCount <= mostRowsKept) return;
      if (!ended) continue;
      runs.delete(id);
      rowCount -= rows.length;
    }
  }

  return {
    start(rows) {
      const id = newId('run');
      const interruption = new AbortController();
      if (isStopping) interruption.abort();
      const running: Running = {
        rows,
        results: new Map(),
        interruption,
        waiting: null,
        ended: null,
        over: Promise.resolve(),
      };
      running.over = perform(running);
      runs.set(id, running);
      forgetOldest();
      return id;
    },
    find(id) {
      const running = runs.get(id);
      if (!running) return null;
      const { rows, results, waiting, ended } = running;
      const shown = rows.flatMap((row) => {
        const known = results.get(row.row) ?? null;
        // What was never asked about is known at once, and at the end also what was not reached.
        return known ?? (row.kind !== 'wish' || ended !== null ? withoutAnswer(row) : []);
      });
      return { id, total: rows.length, results: shown, waiting, ended };
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
