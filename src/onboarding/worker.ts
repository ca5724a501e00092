import { type Clock, sleepUntil } from '../clock.ts';
import type { PortalClient } from '../docspace/client.ts';
import type { Member } from '../domain/member.ts';
import { portalTroubleWaitMs } from '../domain/retry-policy.ts';
import type { Audience } from '../domain/vocabulary.ts';
import type { Health } from '../health.ts';
import type { Log } from '../log.ts';
import { type Store, StoreUnavailable } from '../store/store.ts';
import type { Account } from './account.ts';
import type { Pace } from './backpressure.ts';
import type { Quota } from './hourly-limit.ts';
import { applyInbox } from './inbox.ts';
import type { Pauses } from './pauses.ts';
import { createPerform } from './process-member.ts';
import type { Recorder } from './recorder.ts';
import type { Sender } from './sender.ts';

/** Performs what is due: applies hints, looks at members, sends welcomes. */
export type Worker = {
  readonly start: () => Promise<void>;
  /** Something may be due: woken by hints, not only by time. */
  readonly nudge: () => void;
  /**
   * Claims nothing more and waits for what is under way, until `deadlineAt` (UTC ms); then `cut`
   * breaks the connections, and what still gives no answer is recorded as unknown.
   */
  readonly stop: (deadlineAt: number, cut: () => Promise<void>) => Promise<void>;
};

export type WorkerOptions = {
  readonly store: Store;
  readonly client: PortalClient;
  readonly account: Account;
  readonly recorder: Recorder;
  readonly baseline: {
    readonly isComplete: () => Promise<boolean>;
    readonly advance: () => Promise<
      { readonly kind: 'done' } | { readonly kind: 'interrupted'; readonly detail: string }
    >;
  };
  readonly sender: Sender;
  readonly pauses: Pauses;
  readonly quota: Quota;
  readonly audience: Audience;
  /** Members that ask the portal at a time: no more requests than it may be asked at once. */
  readonly concurrency: number;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly log: Log;
  readonly health: Health;
};

/** A look has its own deadlines; past this its process is gone and another may take the member. */
const leaseMs = 2 * 60_000;
/** How long a broken connection may take to be noticed by what waits for it. */
const cutGraceMs = 1_000;
/**
 * Members in hand for each connection to the portal: while one waits for a commit, the other asks, so
 * that no connection is idle. The pool bounds the requests, `perform` the attempts.
 */
const inHandPerConnection = 2;
/** How often a store that could not write is tried again. */
const storeRetryMs = 1_000;

export function createWorker(options: WorkerOptions): Worker {
  const { store, client, account, sender, pauses, pace, clock, log, health } = options;
  const perform = createPerform({ ...options, isStopping: () => isStopping });
  const mostTasks = options.concurrency * inHandPerConnection;
  const tasks = new Set<Promise<void>>();
  /** Whom the tasks are about. */
  const inHand = new Map<string, Promise<void>>();
  let isStarted = false;
  let isStopping = false;
  let isNudged = false;
  let isResting = false;
  let running: Promise<void> | null = null;
  let cancelTimer: () => void = () => {};

  function nudge(): void {
    isNudged = true;
    // Before the start is over, a new attempt would be taken for one of the process before.
    if (!isStarted || isStopping || isResting) return;
    running ??= run().finally(() => {
      running = null;
      if (isNudged) nudge();
    });
  }

  async function run(): Promise<void> {
    cancelTimer();
    while (isNudged && !isStopping && !isResting) {
      isNudged = false;
      const begunAt = clock.now();
      try {
        await turn();
        health.say('store', 'ok', 'writes');
        health.say('worker', 'ok', 'works');
      } catch (error) {
        failed(error);
      }
      rest(pace.restMs(clock.now() - begunAt));
    }
  }

  /** The door comes first: what is nudged meanwhile is done afterwards. */
  function rest(forMs: number): void {
    if (forMs === 0) return;
    isResting = true;
    clock.schedule(clock.now() + forMs, () => {
      isResting = false;
      if (isNudged) nudge();
    });
  }

  /** One turn: what must be written first, then hints, then as many due members as there is room. */
  async function turn(): Promise<void> {
    if (health.report().store.level === 'wrong') await store.probe();
    await sender.saveOutcomes();
    const mayApply = await hasBaseline();
    const limit = pace.hintsAtATime();
    if (mayApply && (await applyInbox({ store, limit, now: clock.now, log }))) isNudged = true;
    pauses.liftExpired();
    if (!(await isPortalWell())) return wakeAt(pauses.nextLiftAt());
    if (!mayApply) return takeBaseline();
    const room = Math.min(mostTasks - tasks.size, pace.looksAtATime());
    if (room <= 0) return;
    const now = clock.now();
    const maySend = pauses.maySend();
    const claim = { now, leaseUntil: now + leaseMs, limit: room, maySend };
    const due = await store.claimDue(claim);
    for (const member of due) {
      // One task a member at a time, or two looks would outdate each other for ever: a task that is
      // about to end, or whose lease a jump of the clock ended early, is waited for.
      const earlier = member.state === 'sending' ? undefined : inHand.get(member.userId);
      if (earlier) void earlier.then(() => beginAfresh(member.userId)).catch(failed);
      else begin(member);
    }
    // The pace gave fewer than there is room for: the others are taken after the rest, whoever is busy.
    if (due.length === room && tasks.size < mostTasks) isNudged = true;
    if (due.length < room) wakeAt(earliest(await store.nextDueAt(maySend), pauses.nextLiftAt()));
  }

  async function hasBaseline(): Promise<boolean> {
    return options.audience === 'invited' || options.baseline.isComplete();
  }

  /** `everyone`: nobody becomes ready before it is known who was here already. */
  async function takeBaseline(): Promise<void> {
    const step = await options.baseline.advance();
    if (step.kind === 'done') return nudge();
    log.warn({}, `the baseline is interrupted: ${step.detail}`);
    pauses.pausePortal(step.detail, clock.now() + portalTroubleWaitMs);
    wakeAt(pauses.nextLiftAt());
  }

  /** While the portal is not well, it alone is asked, once a minute; then work goes on by itself. */
  async function isPortalWell(): Promise<boolean> {
    const closedForMs = client.closedForMs();
    if (closedForMs > 0) {
      pauses.pausePortal('the portal asked to be left alone', clock.now() + closedForMs);
      return false;
    }
    const until = pauses.portalUntil();
    if (until === null) return true;
    if (clock.now() < until) return false;
    const control = await account.control();
    if (control.kind === 'ok') {
      pauses.liftPortal();
      return true;
    }
    pauses.pausePortal(control.detail, clock.now() + portalTroubleWaitMs);
    return false;
  }

  function begin(member: Member): void {
    // What was claimed while stopping is given back by the next start.
    if (isStopping) return;
    const task = perform(member)
      .catch(failed)
      .finally(() => {
        tasks.delete(task);
        if (inHand.get(member.userId) === task) inHand.delete(member.userId);
        nudge();
      });
    tasks.add(task);
    inHand.set(member.userId, task);
  }

  /** What was claimed during an earlier task is read again: that task's commit outdated it. */
  async function beginAfresh(userId: string): Promise<void> {
    // The store may be closed by now.
    if (isStopping) return;
    const member = await store.member(userId);
    const isDue = member !== null && member.dueAt !== null && member.dueAt <= clock.now();
    if (isDue && !inHand.has(userId)) begin(member);
  }

  function failed(error: unknown): void {
    if (error instanceof StoreUnavailable) {
      health.say('store', 'wrong', 'the database cannot be written');
      log.error({ err: error }, 'the database cannot be written: nothing is lost, trying again');
    } else {
      health.say('worker', 'wrong', 'a task failed: see the log');
      log.error({ err: error }, 'a task failed unexpectedly');
    }
    wakeAt(clock.now() + storeRetryMs);
  }

  function wakeAt(at: number | null): void {
    cancelTimer();
    if (at !== null && !isStopping) cancelTimer = clock.schedule(at, nudge);
  }

  return {
    async start() {
      await settleEarlierProcess(store, sender);
      await store.releaseLeases();
      await sender.load();
      isStarted = true;
      nudge();
    },
    nudge,
    async stop(deadlineAt, cut) {
      isStopping = true;
      cancelTimer();
      await endedBefore(deadlineAt);
      await cut();
      await endedBefore(clock.now() + cutGraceMs);
      for (const member of sender.underWay()) {
        await sender.settleLost(member, 'the service stopped before the answer');
      }
      await sender.saveOutcomes();
    },
  };

  /** Resolves when nothing is under way any more, or at the deadline. */
  async function endedBefore(deadlineAt: number): Promise<void> {
    const deadline = new AbortController();
    const ended = Promise.resolve(running)
      .then(() => Promise.all(tasks))
      .finally(() => deadline.abort());
    await Promise.race([ended, sleepUntil(clock, deadlineAt, deadline.signal)]);
  }
}

/** `sending` found at start: the crash fell between the request and its record. */
async function settleEarlierProcess(store: Store, sender: Sender): Promise<void> {
  for (;;) {
    const found = await store.sendingMembers(200);
    if (found.length === 0) return;
    for (const member of found) {
      await sender.settleLost(member, 'the service stopped between the request and its record');
    }
  }
}

function earliest(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b);
}
