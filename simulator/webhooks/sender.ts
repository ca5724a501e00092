import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { World } from '../world.ts';
import { type DeliverySettings, deliver } from './deliver.ts';

export type Sender = ReturnType<typeof createSender>;

/**
 * The sending process of docs/docspace-wire.md 7.3, with a queue in memory. Each round takes everything
 * in the queue, shuffles it unless `inOrder` is set, and sends it in batches. The rows of a batch are
 * sent in parallel, and the next batch begins when all of them have ended. The process sleeps only if
 * the queue is empty or sending is paused.
 */
export function createSender(input: {
  readonly world: () => World;
  readonly settings: DeliverySettings;
  readonly queuePauseMs: number;
  /** The portal's setting webhooks:threadcount (docs/docspace-wire.md 7.3). */
  readonly batchSize: number;
  readonly inOrder: boolean;
}) {
  const { world, settings, queuePauseMs, batchSize, inOrder } = input;
  let queue: number[] = [];
  let unfinished = 0;
  let toDrop = 0;
  let paused = false;
  let life = new AbortController();
  const idleWaiters = new Set<() => void>();

  const finish = (signal: AbortSignal, count: number) => {
    if (signal.aborted) return;
    unfinished -= count;
    if (unfinished === 0) for (const wake of idleWaiters) wake();
  };

  const sendBatch = async (batch: readonly number[], signal: AbortSignal) => {
    const one = async (logId: number) => {
      // `deliver` rejects only if the sender is restarted or stopped. Then the row stays at status 0.
      await deliver({ world: world(), settings, logId, signal }).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
      finish(signal, 1);
    };
    await Promise.all(batch.map(one));
  };

  const run = async (signal: AbortSignal) => {
    while (!signal.aborted) {
      const taken = paused ? [] : queue.splice(0);
      if (!inOrder && taken.length > 1) shuffle(taken, world().random);
      if (taken.length === 0) await pause(queuePauseMs, signal);
      while (taken.length > 0 && !signal.aborted) {
        if (paused) await pause(queuePauseMs, signal);
        else await sendBatch(taken.splice(0, batchSize), signal);
      }
    }
  };

  const begin = () => {
    life = new AbortController();
    setMaxListeners(0, life.signal);
    void run(life.signal);
  };
  begin();

  const add = (logIds: readonly number[]) => {
    queue.push(...logIds);
    unfinished += logIds.length;
  };

  return {
    /** Adds the rows of a published event, one per webhook, unless this event is to be dropped. */
    enqueueEvent(logIds: readonly number[]): void {
      if (toDrop === 0) add(logIds);
      else toDrop -= 1;
    },
    enqueue: (logId: number): void => add([logId]),
    dropNextEvents(count: number): void {
      toDrop += count;
    },
    pause(): void {
      paused = true;
    },
    resume(): void {
      paused = false;
    },
    /** Loses everything in memory, as a restart of the process does. Rows stay at status 0. */
    restart(): void {
      life.abort();
      queue = [];
      unfinished = 0;
      for (const wake of idleWaiters) wake();
      begin();
    },
    /** Resolves when no delivery is queued, in progress or waiting for a retry. */
    async idle({ deadlineMs, label }: { deadlineMs: number; label: string }): Promise<void> {
      if (unfinished === 0) return;
      await new Promise<void>((resolve, reject) => {
        const done = () => {
          clearTimeout(timer);
          idleWaiters.delete(done);
          resolve();
        };
        const timer = setTimeout(() => {
          idleWaiters.delete(done);
          const left = `${unfinished} deliveries are unfinished after ${deadlineMs} ms`;
          reject(new Error(`${label}: ${left}.`));
        }, deadlineMs);
        idleWaiters.add(done);
      });
    },
    stop(): void {
      life.abort();
      queue = [];
    },
  };
}

function shuffle(list: number[], random: () => number): void {
  for (let index = list.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [list[index], list[other]] = [list[other] ?? 0, list[index] ?? 0];
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
