import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import { type Actor, operator } from '../domain/timeline.ts';
import type { NewId } from '../ids.ts';
import { issueInProcess } from '../invitations/import/issue-rows.ts';
import { notReached, type PlannedRow, withoutAnswer } from '../invitations/import/plan.ts';
import type { RowResult } from '../invitations/import/row-result.ts';
import { type Issue, type RowRequest, runImport } from '../invitations/import/run.ts';
import type { Inviter } from '../invitations/inviter.ts';
import type { Log } from '../log.ts';
import {
  type Run,
  type RunResult,
  type RunRow,
  type Store,
  StoreUnavailable,
} from '../store/store.ts';

/** A run that invites people, in progress or ended. */
export type InviteRun = Pick<Run, 'id' | 'total' | 'waiting' | 'end'> & {
  /** The results so far, in the order of the rows. */
  readonly results: readonly RowResult[];
};

export type InviteRuns = {
  /**
   * Stores the rows, and works on them in the background.
   * @returns the id of the run
   */
  readonly start: (rows: readonly PlannedRow[], actor?: Actor) => Promise<string>;
  readonly find: (id: string) => Promise<InviteRun | null>;
  /** Resolves when this process no longer works on the run, or at `deadlineAt` (UTC ms). */
  readonly settled: (id: string, deadlineAt: number) => Promise<void>;
  /** Asks the replica that works on the run to stop it. Returns false if the run does not exist. */
  readonly interrupt: (id: string) => Promise<boolean>;
  /**
   * Takes over the runs on which no replica works any more, and renews the leases of this process. It
   * does both now and every ten seconds.
   */
  readonly takeOver: () => void;
  /** Starts no more requests, and waits for requests in progress. Another replica can then take over. */
  readonly stop: () => Promise<void>;
};

/** How many rows are read or written in one turn of the event loop, so that a turn stays short. */
const rowsPerTurn = 500;
/** How long a run belongs to its replica, unless the replica renews the lease. */
const leaseMs = 30_000;
/** How often leases are renewed and runs without a replica are taken over. */
const beatMs = 10_000;

/** A run on which this process works. */
type Working = {
  readonly interruption: AbortController;
  readonly save: () => Promise<void>;
  readonly over: Promise<void>;
};

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: short functions that share one state
export function createInviteRuns(options: {
  readonly inviter: Pick<Inviter, 'invite' | 'inviteTogether'>;
  readonly store: Pick<
    Store,
    'addRun' | 'run' | 'runRows' | 'claimRun' | 'saveRun' | 'stopRun' | 'pauses'
  >;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
}): InviteRuns {
  const { inviter, store, clock, newId, log } = options;
  const { now } = clock;
  const replica = newId('rep');
  const working = new Map<string, Working>();
  let isStopping = false;
  let cancelBeat = () => {};
  let beating: Promise<void> = Promise.resolve();

  async function rowsOf(id: string) {
    const rows: Awaited<ReturnType<typeof store.runRows>>[number][] = [];
    for (;;) {
      const after = rows.at(-1)?.row ?? -1;
      const page = await store.runRows({ id, after, limit: rowsPerTurn });
      rows.push(...page);
      if (page.length < rowsPerTurn) return rows;
      await setImmediate();
    }
  }

  function work(run: Pick<Run, 'id' | 'actor' | 'total'>, leasedUntil: number): Working {
    const { id } = run;
    const interruption = new AbortController();
    const ask = issueInProcess(inviter, run.actor);
    let leaseUntil = leasedUntil;
    let results: { readonly row: number; readonly result: RunResult }[] = [];
    let waiting: Run['waiting'] = null;
    let saving: Promise<void> = Promise.resolve();
    let queued: Promise<void> | null = null;

    async function write(end: Run['end'], lease = now() + leaseMs): Promise<void> {
      const written = results;
      results = [];
      try {
        const saved = { id, replica, results: written, waiting, end, at: now() };
        if (await store.saveRun({ ...saved, leaseUntil: lease })) leaseUntil = lease;
        else interruption.abort();
      } catch (error) {
        results = [...written, ...results];
        log.error({ err: error, run: id }, 'results could not be stored: this is tried again');
      }
    }

    /** Stores the new results. Results that arrive during a write are stored together by the next write. */
    function save(): Promise<void> {
      queued ??= saving.then(() => {
        queued = null;
        return write(null);
      });
      saving = queued;
      return queued;
    }

    /**
     * Issues the invitations, but first renews a lease that ends soon. A process that was suspended may
     * have lost the run to another replica; then nothing is issued.
     */
    const issue: Issue = async (requests) => {
      if (leaseUntil < now() + leaseMs / 2) await save();
      return interruption.signal.aborted ? [] : ask(requests);
    };

    /**
     * Issues the invitations of all rows without a result.
     * @returns the end of the run; null: the run has not ended, and a replica can take it over
     */
    async function answerRows(): Promise<Run['end']> {
      try {
        const rows = await rowsOf(id);
        if (rows.length < run.total) throw new Error('not all of its rows were stored');
        const end = await runImport({
          rows: rows.flatMap(openRequest),
          issue,
          clock,
          interrupted: interruption.signal,
          onResult({ row, result, id: invitation, reason }) {
            results.push({ row, result: { result, id: invitation, reason } });
            waiting = null;
            void save();
          },
          onWait(reason, until) {
            waiting = { reason, until };
            void save();
          },
        });
        return end.kind === 'interrupted' && isStopping ? null : end;
      } catch (error) {
        log.error({ err: error, run: id }, 'a run of invitations failed');
        return error instanceof StoreUnavailable ? null : { kind: 'failed' };
      }
    }

    async function perform(): Promise<void> {
      const end = await answerRows();
      waiting = null;
      await saving;
      await write(end, now());
      working.delete(id);
    }

    const begun = { interruption, save, over: perform() };
    working.set(id, begun);
    return begun;
  }

  async function claimAll(): Promise<void> {
    const pauses = await store.pauses();
    // A restored copy does not know whom the original invited after the backup, so the runs are stopped.
    const isCopy = pauses.some(({ name }) => name === 'restored');
    while (!isStopping) {
      const leaseUntil = now() + leaseMs;
      const id = await store.claimRun({ replica, now: now(), leaseUntil });
      const run = id === null ? null : await store.run(id);
      if (!run) return;
      // This process already works on the run, but could not renew the lease in time.
      if (working.has(run.id)) continue;
      log.info({ run: run.id }, 'this process continues a run of invitations that was interrupted');
      const { interruption } = work(run, leaseUntil);
      if (isCopy || run.isStopping) interruption.abort();
    }
  }

  function beat(): void {
    for (const { save } of working.values()) void save();
    beating = claimAll().catch((error: unknown) => {
      log.error({ err: error }, 'interrupted runs could not be continued: this is tried again');
    });
    cancelBeat = clock.schedule(now() + beatMs, beat);
  }

  return {
    async start(rows, actor = operator) {
      const run = { id: newId('run'), actor, total: rows.length };
      let leaseUntil = 0;
      for (let i = 0; i < rows.length; i += rowsPerTurn) {
        leaseUntil = now() + leaseMs;
        const added = rows.slice(i, i + rowsPerTurn).map(storedRow);
        await store.addRun({ ...run, replica, leaseUntil }, added);
      }
      const { interruption } = work(run, leaseUntil);
      if (isStopping) interruption.abort();
      return run.id;
    },
    async find(id) {
      const run = await store.run(id);
      if (!run) return null;
      const { total, waiting, end } = run;
      const rows = await rowsOf(id);
      const results = rows.flatMap(({ row, email, result, link }) => {
        if (result) {
          return { row, email, ...result, link: result.result === 'invited' ? link : null };
        }
        // A row that was not reached has a result only when the run has ended.
        return end === null ? [] : notReached({ row, email });
      });
      return { id, total, waiting, end, results };
    },
    async settled(id, deadlineAt) {
      const one = working.get(id);
      if (!one) return;
      let cancel = () => {};
      const late = new Promise<void>((resolve) => {
        cancel = clock.schedule(deadlineAt, resolve);
      });
      await Promise.race([one.over, late]);
      cancel();
    },
    async interrupt(id) {
      const isKnown = await store.stopRun(id);
      working.get(id)?.interruption.abort();
      return isKnown;
    },
    takeOver: beat,
    async stop() {
      isStopping = true;
      cancelBeat();
      await beating;
      for (const { interruption } of working.values()) interruption.abort();
      await Promise.all([...working.values()].map(({ over }) => over));
    },
  };
}

/** The row as the store keeps it. A row without a request already has its result. */
function storedRow(planned: PlannedRow): RunRow {
  const { row } = planned;
  if (planned.kind === 'request') {
    const { email, ...request } = planned.request;
    return { row, email, request, result: null };
  }
  const { email, result, id, reason } = withoutAnswer(planned);
  return { row, email, request: null, result: { result, id, reason } };
}

function openRequest({ row, email, request, result }: RunRow): RowRequest[] {
  return request === null || result !== null ? [] : [{ row, request: { ...request, email } }];
}
