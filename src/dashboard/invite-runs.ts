import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import { type Actor, operator } from '../domain/timeline.ts';
import type { NewId } from '../ids.ts';
import { issueInProcess } from '../invitations/import/issue-rows.ts';
import { notReached, type PlannedRow, withoutAnswer } from '../invitations/import/plan.ts';
import type { RowResult } from '../invitations/import/row-result.ts';
import { type RowRequest, runImport } from '../invitations/import/run.ts';
import type { Inviter } from '../invitations/inviter.ts';
import type { Log } from '../log.ts';
import type { Run, RunResult, RunRow, Store } from '../store/store.ts';

/** A run that invites people, in progress or ended. */
export type InviteRun = Pick<Run, 'id' | 'total' | 'waiting' | 'end'> & {
  /** The results so far, in the order of the rows. */
  readonly results: readonly RowResult[];
};

export type InviteRuns = {
  /**
   * Stores the rows first, so that the run survives a restart.
   * @returns the id of the run, which continues in the background
   */
  readonly start: (rows: readonly PlannedRow[], actor?: Actor) => Promise<string>;
  readonly find: (id: string) => Promise<InviteRun | null>;
  /** Resolves when the run has ended, or at `deadlineAt` (UTC ms). */
  readonly settled: (id: string, deadlineAt: number) => Promise<void>;
  /** Returns false if the run does not exist. */
  readonly interrupt: (id: string) => Promise<boolean>;
  /** Continues runs that were cut off: those of earlier processes now, those of others regularly. */
  readonly takeUp: () => void;
  /** Starts no further requests, and waits for the requests in progress. Runs continue elsewhere. */
  readonly stop: () => Promise<void>;
};

/** How many rows are read or written in one turn of the event loop. It takes a few milliseconds. */
const rowsPerTurn = 500;
/** How often a run is written while nothing happens in it. */
const beatMs = 10_000;
/** The replica of a run that was not written for so long has stopped. */
const goneAfterMs = 30_000;
/** A run that was cut off longer ago is not continued, because nobody expects it any more. */
const staleAfterMs = 24 * 3_600_000;

/** A run that this process performs. */
type Running = {
  readonly interruption: AbortController;
  readonly save: () => void;
  over: Promise<void>;
};

export function createInviteRuns(options: {
  readonly inviter: Pick<Inviter, 'invite' | 'inviteTogether'>;
  readonly store: Pick<
    Store,
    'openRun' | 'addRunRows' | 'run' | 'runRows' | 'saveRun' | 'stopRun' | 'takeRun' | 'pauses'
  >;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
}): InviteRuns {
  const { inviter, store, clock, newId, log } = options;
  const { now } = clock;
  const replica = newId('rep');
  const running = new Map<string, Running>();
  let isStopping = false;
  let cancelBeat = () => {};
  let beating: Promise<void> = Promise.resolve();

  async function rowsOf(id: string) {
    const rows: Awaited<ReturnType<typeof store.runRows>>[number][] = [];
    for (;;) {
      const after = rows.at(-1)?.row ?? Number.MIN_SAFE_INTEGER;
      const page = await store.runRows({ id, after, limit: rowsPerTurn });
      rows.push(...page);
      if (page.length < rowsPerTurn) return rows;
      await setImmediate();
    }
  }

  function launch(run: Pick<Run, 'id' | 'actor' | 'total'>): void {
    const { id } = run;
    const interruption = new AbortController();
    if (isStopping) interruption.abort();
    let results: { readonly row: number; readonly result: RunResult }[] = [];
    let waiting: Run['waiting'] = null;
    let saved: Promise<void> = Promise.resolve();
    let isQueued = false;

    async function write(end: Run['end'] | 'given up'): Promise<void> {
      const written = results;
      results = [];
      try {
        const saving = { id, replica, at: now(), results: written, waiting, end };
        if (!(await store.saveRun(saving))) interruption.abort();
      } catch (error) {
        results = [...written, ...results];
        log.error({ err: error, run: id }, 'the results of a run could not be stored yet');
      }
    }

    /** Results that come while others are being written are written together. */
    function save(): void {
      if (isQueued) return;
      isQueued = true;
      saved = saved.then(() => {
        isQueued = false;
        return write(null);
      });
    }

    async function answerRows(): Promise<Run['end'] | 'given up'> {
      try {
        const rows = await rowsOf(id);
        if (rows.length < run.total) throw new Error('a crash interrupted the storing of its rows');
        const end = await runImport({
          rows: rows.flatMap(openRequest),
          issue: issueInProcess(inviter, run.actor),
          clock,
          interrupted: interruption.signal,
          onResult({ row, result, id: invitation, reason }) {
            results.push({ row, result: { result, id: invitation, reason } });
            waiting = null;
            save();
          },
          onWait(reason, until) {
            waiting = { reason, until };
            save();
          },
        });
        return end.kind === 'interrupted' && isStopping ? 'given up' : end;
      } catch (error) {
        log.error({ err: error, run: id }, 'a run of invitations failed');
        return { kind: 'failed' };
      }
    }

    async function perform(): Promise<void> {
      const end = await answerRows();
      waiting = null;
      await saved;
      await write(end);
      running.delete(id);
    }

    running.set(id, { interruption, save, over: perform() });
  }

  /** @param unseenSince see `takeRun` of the store */
  async function takeOver(unseenSince: number | null): Promise<void> {
    const pauses = await store.pauses();
    // A copy of a database does not know whom its original has invited since.
    const isCopy = pauses.some(({ name }) => name === 'restored');
    while (!isStopping) {
      const run = await store.takeRun({ replica, at: now(), unseenSince });
      if (!run) return;
      if (!isCopy && !run.isStopping && run.seenAt > now() - staleAfterMs) {
        log.info({ run: run.id }, 'a run of invitations that was cut off is continued');
        launch(run);
        continue;
      }
      const end = { kind: 'interrupted' } as const;
      const { id } = run;
      await store.saveRun({ id, replica, at: now(), results: [], waiting: null, end });
    }
  }

  function beat(unseenSince: number | null): void {
    for (const { save } of running.values()) save();
    const failed = (error: unknown) =>
      log.error({ err: error }, 'runs that were cut off could not be continued yet');
    beating = takeOver(unseenSince).catch(failed);
    cancelBeat = clock.schedule(now() + beatMs, () => beat(now() - goneAfterMs));
  }

  return {
    async start(rows, actor = operator) {
      const run = { id: newId('run'), actor, total: rows.length };
      await store.openRun({ ...run, replica, startedAt: now() });
      for (let i = 0; i < rows.length; i += rowsPerTurn) {
        await store.addRunRows(run.id, rows.slice(i, i + rowsPerTurn).map(storedRow));
      }
      launch(run);
      return run.id;
    },
    async find(id) {
      const run = await store.run(id);
      if (!run) return null;
      const { total, waiting, end } = run;
      const results = (await rowsOf(id)).flatMap(({ row, email, result, link }) => {
        if (result)
          return { row, email, ...result, link: result.result === 'invited' ? link : null };
        // A row that was not reached gets its result at the end.
        return end === null ? [] : notReached({ row, email });
      });
      return { id, total, waiting, end, results };
    },
    async settled(id, deadlineAt) {
      const one = running.get(id);
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
      running.get(id)?.interruption.abort();
      return isKnown;
    },
    takeUp: () => beat(null),
    async stop() {
      isStopping = true;
      cancelBeat();
      await beating;
      for (const { interruption } of running.values()) interruption.abort();
      await Promise.all([...running.values()].map(({ over }) => over));
    },
  };
}

/** A row without a request has its result at once. */
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
