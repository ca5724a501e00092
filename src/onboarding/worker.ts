import { sleepUntil } from '../clock.ts';
import type { Member } from '../domain/member.ts';
import type { InterruptReason } from '../domain/reason.ts';
import { nextCheckInMs, nextTryInMs, portalTroubleWaitMs } from '../domain/retry-policy.ts';
import { reasonText } from '../messages/render.ts';
import { type Store, StoreUnavailable } from '../store/store.ts';
import type { Attempts } from './attempts.ts';
import type { Backpressure } from './backpressure.ts';
import { applyInbox } from './inbox.ts';
import { createProcessMember, type ProcessDeps } from './process-member.ts';

/** Processes everything that is due: applies hints, checks members, sends welcomes. */
export type Worker = {
  readonly start: () => Promise<void>;
  /** Tells the worker that something may be due, so that hints need not wait for a timer. */
  readonly wake: () => void;
  /**
   * Claims no more members, and waits for running tasks, but only until `deadlineAt` (UTC ms). Then
   * `cut` breaks the connections, and attempts that still have no answer are recorded as unknown.
   */
  readonly stop: (deadlineAt: number, cut: () => Promise<void>) => Promise<void>;
};

export type WorkerDeps = Omit<ProcessDeps, 'isStopping' | 'store'> & {
  readonly store: Store;
  readonly baseline: {
    readonly isComplete: () => Promise<boolean>;
    readonly advance: () => Promise<
      { readonly kind: 'done' } | { readonly kind: 'interrupted'; readonly reason: InterruptReason }
    >;
  };
  /** Called when the baseline is complete, so that the poll can look for new users. */
  readonly onBaselineComplete: () => void;
  /** Called when many members wait. Then the lists of people who are not active yet have to be read. */
  readonly onManyWaiting: () => void;
  readonly backpressure: Backpressure;
  /** Whether this replica leads. Only the leader makes the baseline. */
  readonly isLeader: () => boolean;
};

/**
 * The lease of a claimed member. A check takes less time, so usually the lease ends only after a crash.
 */
const leaseMs = 2 * 60_000;
/** How long a task may take to notice that its connection is broken. */
const cutGraceMs = 1_000;
/**
 * The number of members in progress for each connection to the portal. While one of them waits for a
 * commit, the other can use the connection. The client limits the requests, and `processMember` limits
 * the attempts.
 */
const inHandPerConnection = 2;
/**
 * Members who only wait are checked one by one if there are at most this many, and if they take at most
 * half of the free places. Otherwise the portal's lists are read.
 */
const fewWaiting = 5;
const shortestListWaitMs = 5 * 60_000;
/** After an error, for example of the store, the worker continues after this time. */
const storeRetryMs = 1_000;
/** If the clocks of this machine and of the portal differ by more than this, `/readyz` warns. */
const farApartMs = 5 * 60_000;

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: short functions that share one state
export function createWorker(deps: WorkerDeps): Worker {
  const { store, client, account, attempts, pauses, backpressure, clock, log, health } = deps;
  const processMember = createProcessMember({ ...deps, isStopping: () => isStopping });
  const maxTasks = () => deps.concurrency() * inHandPerConnection;
  const tasks = new Set<Promise<void>>();
  /** The oldest running task of each member. */
  const inHand = new Map<string, Promise<void>>();
  /** For each member, how often in a row the processing failed unexpectedly. */
  const failures = new Map<string, number>();
  let isStarted = false;
  let isStopping = false;
  let isWoken = false;
  let isResting = false;
  let running: Promise<void> | null = null;
  let cancelTimer: () => void = () => {};

  function wake(): void {
    isWoken = true;
    // Until the start is complete, a new attempt would be mistaken for an attempt of the previous
    // process.
    if (!isStarted || isStopping || isResting) return;
    running ??= run().finally(() => {
      running = null;
      if (isWoken) wake();
    });
  }

  async function run(): Promise<void> {
    cancelTimer();
    while (isWoken && !isStopping && !isResting) {
      isWoken = false;
      const begunAt = clock.now();
      try {
        await turn();
        await dropSettledFailures();
        health.set('store', 'ok', 'writable');
        if (failures.size === 0) health.set('worker', 'ok', 'working');
        noteClock();
      } catch (error) {
        failed(error);
      }
      rest(backpressure.restMs(clock.now() - begunAt));
    }
  }

  /**
   * Reports if this machine's clock differs much from the portal's. The service itself corrects the
   * difference, but other programs on this machine may not.
   */
  function noteClock(): void {
    const differenceMs = Math.abs(client.clockDifferenceMs() ?? 0);
    health.note('worker', differenceMs > farApartMs ? 'clock_differs' : null);
  }

  /** Leaves the event loop to webhook requests for a while. */
  function rest(forMs: number): void {
    if (forMs === 0) return;
    isResting = true;
    clock.schedule(clock.now() + forMs, () => {
      isResting = false;
      if (isWoken) wake();
    });
  }

  /**
   * Runs one turn: first outcomes that wait for their commit, then hints, then as many due members as
   * fit.
   */
  async function turn(): Promise<void> {
    if (health.report().store.level === 'wrong') await store.probe();
    await attempts.saveOutcomes();
    const mayApply = await hasBaseline();
    const limit = backpressure.hintsAtATime();
    if (mayApply && (await applyInbox({ store, limit, now: clock.now, log }))) isWoken = true;
    pauses.liftExpired();
    if (!(await doesPortalAnswer())) return wakeAt(pauses.nextLiftAt());
    if (!mayApply) return takeBaseline();
    const room = Math.min(maxTasks() - tasks.size, backpressure.checksAtATime());
    if (room <= 0) return;
    const now = clock.now();
    const maySend = pauses.maySend();
    const claim = { now, leaseUntil: now + leaseMs, limit: room, maySend };
    const due = await store.claimDue(claim);
    for (const member of await leaveManyToLists(due, room)) {
      // A member is checked by only one task at a time: of two checks, each would make the other stale,
      // again and again. An earlier task may still run, because it is about to end, or because the clock
      // jumped and the lease ended early. Then the new task waits. A member in `sending` is not checked,
      // so its task need not wait.
      const earlier = member.state === 'sending' ? undefined : inHand.get(member.userId);
      if (earlier) void earlier.then(() => beginWithFreshRead(member.userId)).catch(failed);
      else begin(member);
    }
    // Backpressure allowed fewer members than there is room for. The next turn claims further members.
    if (due.length === room && tasks.size < maxTasks()) isWoken = true;
    if (due.length < room) wakeAt(earliest(await store.nextDueAt(maySend), pauses.nextLiftAt()));
  }

  /**
   * Chooses how to check members who only wait. A few are checked one by one. If there are many, the
   * portal's lists are read instead: one request shows a hundred people, and the members who changed
   * become due (docs/design.md#reconciliation).
   * @returns the members to check one by one
   */
  async function leaveManyToLists(
    due: readonly Member[],
    room: number,
  ): Promise<readonly Member[]> {
    const waiting = due.filter(onlyWaits);
    if (waiting.length <= Math.min(fewWaiting, room / 2)) return due;
    const now = clock.now();
    await Promise.all(
      waiting.map(({ userId, version, checkCount }) => {
        const waitMs = Math.max(shortestListWaitMs, nextCheckInMs(checkCount + 1));
        const fact = { kind: 'left_to_lists', until: now + waitMs, version } as const;
        return deps.recorder.record({ userId, member: null, facts: [fact] });
      }),
    );
    deps.onManyWaiting();
    isWoken = true;
    return due.filter((member) => !onlyWaits(member));
  }

  async function hasBaseline(): Promise<boolean> {
    return deps.audience === 'invited' || deps.baseline.isComplete();
  }

  /** Advances the baseline. With `everyone`, no member is checked before the baseline is complete. */
  async function takeBaseline(): Promise<void> {
    // A replica that does not lead checks again when a beat wakes it.
    if (!deps.isLeader()) return;
    const step = await deps.baseline.advance();
    if (step.kind === 'done') {
      if (await deps.baseline.isComplete()) deps.onBaselineComplete();
      return wake();
    }
    if (step.reason.code === 'service_stopping') return;
    log.warn({}, `the baseline is interrupted: ${reasonText(step.reason)}`);
    pauses.pausePortal(step.reason, clock.now() + portalTroubleWaitMs);
    wakeAt(pauses.nextLiftAt());
  }

  /**
   * Whether the portal can be used now. While it gives no usable answer, only the account's own record
   * is read, once a minute.
   */
  async function doesPortalAnswer(): Promise<boolean> {
    // A wait that concerns only invitations does not delay welcomes.
    const closedForMs = Math.max(client.backoffMs('read'), client.backoffMs('welcome'));
    if (closedForMs > 0) {
      pauses.pausePortal({ code: 'portal_rate_limited' }, clock.now() + closedForMs);
      return false;
    }
    const until = pauses.portalUntil();
    if (until === null) return true;
    if (clock.now() < until) return false;
    const own = await account.checkPortal();
    if (own.kind === 'ok') {
      pauses.liftPortal();
      return true;
    }
    pauses.pausePortal(own.fault, clock.now() + portalTroubleWaitMs);
    return false;
  }

  function begin(member: Member): void {
    // A member that was claimed while the worker stops is not processed. With PostgreSQL, its lease ends
    // when this replica leaves; with SQLite, at the next start.
    if (isStopping) return;
    const task = processMember(member)
      .then(() => void failures.delete(member.userId))
      .catch((error) => memberFailed(member, error))
      .catch(failed)
      .finally(() => {
        tasks.delete(task);
        if (inHand.get(member.userId) === task) inHand.delete(member.userId);
        wake();
      });
    tasks.add(task);
    // Another task may still be sending the welcome. Then the next task has to wait for that one, so that
    // the welcome is not sent twice.
    if (!inHand.has(member.userId)) inHand.set(member.userId, task);
  }

  /**
   * Begins with a member that waited for its earlier task. The member is read again, because that task
   * may have changed it.
   */
  async function beginWithFreshRead(userId: string): Promise<void> {
    // The store may already be closed.
    if (isStopping) return;
    // The outcome of the earlier task may still wait for its commit.
    await attempts.saveOutcomes();
    const member = await store.member(userId);
    const isDue = member !== null && member.dueAt !== null && member.dueAt <= clock.now();
    if (isDue && !inHand.has(userId)) begin(member);
  }

  /**
   * Drops the failures of members who have no due time any more: the person was forgotten, or an
   * operator or another replica settled the member.
   */
  async function dropSettledFailures(): Promise<void> {
    for (const userId of failures.keys()) {
      const isDue = ((await store.member(userId))?.dueAt ?? null) !== null;
      // One member who is still failing is enough for the warning.
      if (isDue || inHand.has(userId)) return;
      failures.delete(userId);
    }
  }

  /** Postpones a member whose processing failed. The wait grows with each failure in a row. */
  async function memberFailed({ userId }: Member, error: unknown): Promise<void> {
    if (error instanceof StoreUnavailable) return failed(error);
    const count = (failures.get(userId) ?? 0) + 1;
    failures.set(userId, count);
    health.set('worker', 'warning', 'check_failed');
    log.error(
      { err: error, member: userId, count },
      'this user could not be processed: it is tried again',
    );
    const until = clock.now() + nextTryInMs(count, null);
    await deps.recorder.record({ userId, member: null, facts: [{ kind: 'postponed', until }] });
  }

  function failed(error: unknown): void {
    if (error instanceof StoreUnavailable) {
      health.set('store', 'wrong', 'database_not_writable');
      log.error({ err: error }, 'the database cannot be written: nothing is lost, trying again');
    } else {
      health.set('worker', 'wrong', 'task_failed');
      log.error({ err: error }, 'a task failed unexpectedly');
    }
    wakeAt(clock.now() + storeRetryMs);
  }

  function wakeAt(at: number | null): void {
    cancelTimer();
    if (at !== null && !isStopping) cancelTimer = clock.schedule(at, wake);
  }

  return {
    async start() {
      await settleEarlierProcess(store, attempts);
      await attempts.load();
      isStarted = true;
      wake();
    },
    wake,
    async stop(deadlineAt, cut) {
      isStopping = true;
      cancelTimer();
      await endedBefore(deadlineAt);
      await cut();
      await endedBefore(clock.now() + cutGraceMs);
      for (const member of attempts.underWay()) {
        await attempts.markUnknown(member, { code: 'service_stopped_before_answer' });
      }
      await attempts.saveOutcomes();
    },
  };

  /** Resolves when no task is running any more, or at the deadline. */
  async function endedBefore(deadlineAt: number): Promise<void> {
    const deadline = new AbortController();
    const ended = Promise.resolve(running)
      .then(() => Promise.all(tasks))
      .finally(() => deadline.abort());
    await Promise.race([ended, sleepUntil(clock, deadlineAt, deadline.signal)]);
  }
}

/**
 * Marks open attempts of an earlier process as unknown: the process died before their outcomes were
 * stored.
 */
async function settleEarlierProcess(
  store: Pick<Store, 'leftSending'>,
  attempts: Attempts,
): Promise<void> {
  for (;;) {
    const found = await store.leftSending(200);
    if (found.length === 0) return;
    for (const member of found) {
      await attempts.markUnknown(member, { code: 'service_died_during_attempt' });
    }
  }
}

/**
 * Whether this member became due only by the passing of time, not by a hint, and waits for something
 * that the portal's lists show.
 */
function onlyWaits({ state, reason, checkCount }: Member): boolean {
  const isListed = reason?.code === 'not_registered' || reason?.code === 'address_not_confirmed';
  return state === 'waiting' && isListed && checkCount > 0;
}

function earliest(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b);
}
