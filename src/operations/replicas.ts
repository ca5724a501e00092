import { type Clock, sleepUntil } from '../clock.ts';
import type { PortalClient } from '../docspace/client.ts';
import type { Health } from '../health.ts';
import { describeError, type Log } from '../log.ts';
import type { Pauses } from '../onboarding/pauses.ts';
import type { Reconciler, RunReport } from '../reconciliation/reconciler.ts';
import { type Beat, DatabaseRefused, type Replica, type Store } from '../store/store.ts';

/**
 * This process among the replicas that serve its database. Without replication, this process is alone
 * and leads.
 */
export type Replicas = {
  /**
   * Starts to report once a second that this replica runs. With each report, this replica takes over
   * the pauses and requests that concern all replicas.
   */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  /** Reports at once that this replica runs. */
  readonly beatNow: () => Promise<void>;
  readonly isLeader: () => boolean;
  /** The replicas that serve the database. */
  readonly live: () => readonly Replica[];
  /** Whether another replica serves, too. */
  readonly hasOthers: () => boolean;
  /** Ends the waits of every replica, so that a command takes effect now. */
  readonly hurry: () => Promise<void>;
  /**
   * Does one full run of reconciliation, in this process or in the replica that leads. Returns its
   * report.
   */
  readonly reconcile: () => Promise<RunReport>;
};

const beatMs = 1_000;
/**
 * How long this replica leads after a report. This is shorter than the time after which another
 * replica may lead (`src/store/postgres/leaders.ts`).
 */
const leadMs = 12_000;
/** How often this replica checks whether the leader has answered. */
const answerPollMs = 500;
const longestRunMs = 30 * 60_000;
/** A requested run that failed is tried again after this time. */
const runRetryMs = 30_000;
/** If the clocks of this machine and of the database differ by more than this, there is a warning. */
const farApartMs = 5_000;
/** How many measured differences of the clocks are compared. */
const clockSamples = 10;
/** If two measured differences contradict each other by more than this, a clock was set. */
const clockStepMs = 500;

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: short functions that share one state
export function createReplicas(deps: {
  readonly store: Pick<Store, 'replication'>;
  readonly client: Pick<PortalClient, 'cancelBackoff' | 'setShare'>;
  readonly pauses: Pauses;
  readonly reconciler: Pick<Reconciler, 'reconcile'>;
  /** The most requests that all replicas together send to the portal at a time. */
  readonly concurrency: number;
  readonly wake: () => void;
  /** Describes this process for `live`, if there is no replication. */
  readonly alone: () => Replica;
  readonly health: Pick<Health, 'set' | 'note'>;
  readonly clock: Clock;
  readonly log: Log;
}): Replicas {
  const { client, pauses, reconciler, health, clock, log } = deps;
  const { replication } = deps.store;
  const stopping = new AbortController();
  const differences: { readonly roundTripMs: number; readonly offsetMs: number }[] = [];
  let timer: NodeJS.Timeout | null = null;
  let beating: Promise<void> | null = null;
  let latest: Beat | null = null;
  /** Until when this replica leads, as a value of `performance.now`. */
  let leadsUntil = Number.NEGATIVE_INFINITY;
  let isFarApart = false;
  let answering: number | null = null;
  let isRefused = false;

  function beat(): Promise<void> {
    beating ??= beatOnce().finally(() => {
      beating = null;
    });
    return beating;
  }

  async function beatOnce(): Promise<void> {
    if (replication === null) return;
    const begunAt = performance.now();
    const change = pauses.change();
    const before = latest;
    const led = isLeader();
    latest = await replication.beat(pauses.own());
    isRefused = false;
    noteClock(latest.at, begunAt);
    if (latest.isLeader) leadsUntil = begunAt + leadMs;
    else leadsUntil = Number.NEGATIVE_INFINITY;
    pauses.follow(latest, change);
    client.setShare(share(latest));
    noteServer(latest, before?.isConfirmed ?? true);
    if (before !== null && latest.hurried > before.hurried) continueNow();
    // A new leader wakes its worker, because the last leader may have ended before the baseline was
    // complete.
    else if (latest.hasWork || (latest.isLeader && !led)) deps.wake();
    answerRequest(latest);
  }

  function isLeader(): boolean {
    return replication === null || performance.now() < leadsUntil;
  }

  function share({ replicas }: Beat): number {
    return Math.ceil(deps.concurrency / Math.max(1, replicas.length));
  }

  function noteServer({ isConfirmed }: Beat, wasConfirmed: boolean): void {
    if (isConfirmed || !wasConfirmed) return;
    log.warn(
      {},
      'another server of the database has taken over: nothing is sent until all replicas have found their commits there, for half a minute at most; then the service pauses',
    );
  }

  /** The service uses the database's clock, because the clocks of two machines may differ. */
  function noteClock(at: number, begunAt: number): void {
    if (!clock.follow) return;
    const roundTripMs = performance.now() - begunAt;
    const offsetMs = at + roundTripMs / 2 - Date.now();
    // A measurement is wrong by at most half of its round trip, unless one of the clocks was set since.
    const wasSet = differences.some(
      (one) => Math.abs(one.offsetMs - offsetMs) > one.roundTripMs + roundTripMs + clockStepMs,
    );
    if (wasSet) differences.length = 0;
    differences.push({ roundTripMs, offsetMs });
    if (differences.length > clockSamples) differences.shift();
    const [best] = differences.toSorted((a, b) => a.roundTripMs - b.roundTripMs);
    if (best === undefined) return;
    clock.follow(best.offsetMs);
    const isFar = Math.abs(best.offsetMs) > farApartMs;
    health.note('store', isFar ? 'database_clock_differs' : null);
    if (isFar && !isFarApart) {
      const differenceMs = Math.round(best.offsetMs);
      const text =
        'the clock of this machine differs from the clock of the database, which the service uses: set the clock of this machine right';
      log.warn({ differenceMs }, text);
    }
    isFarApart = isFar;
  }

  function continueNow(): void {
    client.cancelBackoff();
    pauses.retryPortalNow();
    deps.wake();
  }

  /** Does the run that another replica or a command asked for. */
  function answerRequest({ runWanted, isLeader }: Beat): void {
    if (replication === null || !isLeader || runWanted === null || answering !== null) return;
    answering = runWanted;
    const { answerRun } = replication;
    reconciler
      .reconcile()
      .then((report) => answerRun(runWanted, JSON.stringify(report)))
      .catch((error) => {
        log.error(
          { err: describeError(error) },
          'a requested run of reconciliation failed: it is tried again',
        );
        return sleepUntil(clock, clock.now() + runRetryMs, stopping.signal);
      })
      .finally(() => {
        answering = null;
      });
  }

  function refused({ message }: DatabaseRefused): void {
    if (!isRefused) log.error({}, `nothing can be written: ${message}`);
    isRefused = true;
  }

  function tick(): void {
    beat().catch((error) => {
      // `wake` makes the worker write to the database. When a write succeeds, the worker corrects this
      // report.
      health.set('store', 'wrong', 'database_not_writable');
      deps.wake();
      if (error instanceof DatabaseRefused) refused(error);
      else log.debug({ err: describeError(error) }, 'the heartbeat failed: it is tried again');
    });
  }

  return {
    async start() {
      if (replication === null) return;
      await beat();
      timer = setInterval(tick, beatMs);
      timer.unref();
    },
    async stop() {
      stopping.abort();
      if (timer) clearInterval(timer);
      await beating?.catch(() => {});
    },
    beatNow: beat,
    isLeader,
    live: () => latest?.replicas ?? [deps.alone()],
    hasOthers: () => (latest?.replicas.length ?? 1) > 1,
    async hurry() {
      await replication?.hurry();
      continueNow();
    },
    async reconcile() {
      if (replication === null || (await replication.lead())) return reconciler.reconcile();
      const number = await replication.askForRun();
      const giveUpAt = clock.now() + longestRunMs;
      while (clock.now() < giveUpAt && !stopping.signal.aborted) {
        const report = await replication.runReport(number);
        // `answerRequest` wrote this report.
        if (report !== null) return JSON.parse(report) as RunReport;
        await sleepUntil(clock, clock.now() + answerPollMs, stopping.signal);
      }
      throw new Error('the replica that leads did not answer the request for a run');
    },
  };
}
