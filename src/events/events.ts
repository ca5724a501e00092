import { type Clock, sleepUntil } from '../clock.ts';
import { eventOf, type OutgoingEvent } from '../domain/events.ts';
import type { ReceiverReason } from '../domain/reason.ts';
import type { Health } from '../health.ts';
import type { Log } from '../log.ts';
import { reasonText } from '../messages/render.ts';
import type { OutboxLag, Store } from '../store/store.ts';
import type { Receiver, Try } from './receiver.ts';

/** Sends the timeline's events to another program, in their order. */
export type Events = {
  /** Begins to send. If this database never sent events, only events from now on are sent. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly status: () => Promise<EventsStatus>;
  readonly lag: () => Promise<OutboxLag>;
  /** Ends the pause that an answer 410 of the receiver began, so that events are sent again. */
  readonly resume: () => Promise<void>;
  /** Sends the events since this time (UTC ms) again. */
  readonly replay: (since: number) => Promise<void>;
  /** Sends `service.test` once. This event has no timeline entry. */
  readonly test: () => Promise<Try>;
};

/** Times are UTC ms. */
export type EventsStatus = {
  readonly state: 'delivering' | 'failing' | 'paused';
  readonly origin: string;
  readonly lag: OutboxLag;
  readonly pausedAt: number | null;
  readonly failure: Failure | null;
  /** When this process last delivered an event. Null if it has delivered none. */
  readonly deliveredAt: number | null;
};

type Failure = {
  readonly reason: ReceiverReason;
  readonly since: number;
  readonly tries: number;
  readonly nextTryAt: number;
};

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
/** The waits after the first four failures in a row. After each further failure the wait is an hour. */
const retryWaitsMs = [5 * secondMs, 30 * secondMs, 2 * minuteMs, 10 * minuteMs] as const;
const longestRetryWaitMs = 60 * minuteMs;
/** For how long events may fail before `/readyz` shows a warning. */
const patienceMs = 10 * minuteMs;
/** The wait between two steps while nothing is to be sent, sending is paused or another replica leads. */
const idleMs = 250;

export type EventsStore = Pick<
  Store,
  'getValue' | 'setValue' | 'nextOutboxEntry' | 'outboxLag' | 'outboxEnd' | 'outboxBefore'
>;

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: short functions that share one state
export function createEvents(deps: {
  readonly store: EventsStore;
  readonly receiver: Receiver;
  readonly clock: Clock;
  readonly health: Pick<Health, 'set'>;
  readonly log: Log;
  /** Whether this replica leads. Only the leader sends, so that events keep their order. */
  readonly isLeader: () => boolean;
}): Events {
  const { store, receiver, clock, health, log } = deps;
  const stopping = new AbortController();
  let wait = new AbortController();
  let running: Promise<void> = Promise.resolve();
  /** The id of the last entry that was handled. Null: it is not read yet, or none is stored yet. */
  let position: number | null = null;
  /** Grows when an operator moves the position, so that an event in progress does not undo the move. */
  let moves = 0;
  /** True while the cursor of a delivered event is not stored. Meanwhile, no further event is sent. */
  let isCursorOwed = false;
  let pausedAt: number | null = null;
  let failure: Failure | null = null;
  let isFailingLong = false;
  let cancelWarning = () => {};
  let deliveredAt: number | null = null;
  let isLoaded = false;
  let leads = false;

  async function load(): Promise<void> {
    if (isLoaded) return;
    const cursor = await store.getValue('events_cursor');
    const paused = await store.getValue('events_paused_at');
    isLoaded = true;
    position = cursor === null ? null : Number(cursor);
    pausedAt = paused ? Number(paused) : null;
  }

  async function begin(): Promise<void> {
    await load();
    if (position !== null) return;
    position = await store.outboxEnd();
    await saveCursor();
  }

  /** Does what an operator requested at another replica (`resume`, `replay`). */
  async function takeOver(): Promise<void> {
    if (pausedAt !== null && !(await store.getValue('events_paused_at'))) {
      pausedAt = null;
      await endFailure();
    }
    const since = await store.getValue('events_replay');
    if (!since) return;
    await store.setValue('events_replay', '');
    await moveBack(Number(since));
  }

  async function moveBack(since: number): Promise<void> {
    const before = await store.outboxBefore(since);
    moves += 1;
    position = before;
    await saveCursor();
  }

  async function saveCursor(): Promise<void> {
    await store.setValue('events_cursor', String(position ?? 0));
    isCursorOwed = false;
  }

  function updateHealth(): void {
    if (pausedAt !== null) health.set('events', 'warning', 'events_paused');
    else if (isFailingLong) health.set('events', 'warning', 'events_failing');
    else health.set('events', 'ok', 'events_on');
  }

  /** Stores the failure, so that every replica can show it. */
  async function keepFailure(now: Failure | null): Promise<void> {
    const stored = now === null ? '' : JSON.stringify(now);
    if (((await store.getValue('events_failure')) ?? '') !== stored) {
      await store.setValue('events_failure', stored);
    }
    failure = now;
  }

  async function endFailure(): Promise<void> {
    // If the store cannot be written, `failure` stays set, so the next delivery ends it.
    await keepFailure(null);
    forgetFailure();
  }

  function forgetFailure(): void {
    cancelWarning();
    failure = null;
    isFailingLong = false;
    updateHealth();
  }

  function warnLater(): void {
    cancelWarning = clock.schedule(clock.now() + patienceMs, () => {
      isFailingLong = true;
      updateHealth();
    });
  }

  /** Ends the wait before the next step. */
  function wake(): void {
    wait.abort();
    wait = new AbortController();
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const { signal } = wait;
      const waitMs = await step().catch((error) => {
        log.error({ err: error }, 'the events could not be read or recorded: it is tried again');
        return retryWaitsMs[0];
      });
      if (waitMs > 0) await sleepUntil(clock, clock.now() + waitMs, signal);
    }
  }

  /** Handles the next entry. @returns how long to wait before the next step */
  async function step(): Promise<number> {
    if (!deps.isLeader()) {
      if (leads) forgetFailure();
      leads = false;
      isLoaded = false;
      isCursorOwed = false;
      return idleMs;
    }
    // The replica that led before may have stored a failure.
    if (!leads) await keepFailure(null);
    leads = true;
    await begin();
    await takeOver();
    if (isCursorOwed) await saveCursor();
    if (pausedAt !== null) return idleMs;
    const moved = moves;
    // The entry is read again for each try, so that a person who was forgotten meanwhile is not in it.
    const { outbox, through } = await store.nextOutboxEntry(position ?? 0);
    if (outbox === null) {
      if (moves === moved) position = through;
      return idleMs;
    }
    const event = eventOf(outbox);
    if (event === null) {
      if (moves === moved) position = outbox.id;
      return 0;
    }
    const result = await receiver.post(event, stopping.signal);
    if (result.kind === 'delivered') {
      if (moves === moved) {
        position = outbox.id;
        isCursorOwed = true;
      }
      await noteDelivered();
      return 0;
    }
    return stopping.signal.aborted ? 0 : noteFailure(result);
  }

  async function noteDelivered(): Promise<void> {
    deliveredAt = clock.now();
    if (failure === null) return;
    log.info({ tries: failure.tries }, 'events are delivered again');
    await endFailure();
  }

  async function noteFailure({ reason }: Extract<Try, { kind: 'failed' }>): Promise<number> {
    const now = clock.now();
    if (reason.code === 'receiver_gone') {
      pausedAt = now;
      await endFailure();
      const text =
        'the receiver does not want events any more (410): they wait for "events resume"';
      log.warn({ receiver: receiver.origin }, text);
      await store.setValue('events_paused_at', String(now));
      return idleMs;
    }
    const tries = (failure?.tries ?? 0) + 1;
    const waitMs = retryWaitsMs[tries - 1] ?? longestRetryWaitMs;
    if (!failure) warnLater();
    await keepFailure({ reason, tries, since: failure?.since ?? now, nextTryAt: now + waitMs });
    const text = `an event was not delivered: ${reasonText(reason)}`;
    log.warn({ receiver: receiver.origin, tries, nextTryInMs: waitMs }, text);
    return waitMs;
  }

  async function lag(): Promise<OutboxLag> {
    await load();
    return position === null ? { count: 0, oldestAt: null } : store.outboxLag(position);
  }

  return {
    async start() {
      if (deps.isLeader()) await begin();
      updateHealth();
      log.info({ receiver: receiver.origin }, 'events are sent to another program');
      running = run();
    },
    async stop() {
      stopping.abort();
      wake();
      cancelWarning();
      await running;
      if (isCursorOwed) {
        await saveCursor().catch((error) => {
          log.error({ err: error }, 'the end of an event was not stored: it is sent again');
        });
      }
      await receiver.close();
    },
    lag,
    async status() {
      const waiting = await lag();
      const stored = await store.getValue('events_failure');
      // `keepFailure` wrote this text.
      const shown = stored ? (JSON.parse(stored) as Failure) : null;
      const state = pausedAt === null ? (shown ? 'failing' : 'delivering') : 'paused';
      return {
        state,
        origin: receiver.origin,
        lag: waiting,
        pausedAt,
        failure: shown,
        deliveredAt,
      };
    },
    async resume() {
      await load();
      await store.setValue('events_paused_at', '');
      pausedAt = null;
      if (deps.isLeader()) await endFailure();
      wake();
    },
    async replay(since) {
      await load();
      if (!deps.isLeader()) return store.setValue('events_replay', String(since));
      await moveBack(since);
      wake();
    },
    test() {
      const at = clock.now();
      const webhookId = `evt_test_${Math.trunc(at).toString(36)}`;
      const event: OutgoingEvent = { webhookId, type: 'service.test', at, data: {} };
      return receiver.post(event, stopping.signal);
    },
  };
}
