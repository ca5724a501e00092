import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Clock } from '../../src/clock.ts';
import type { OutboxEntry } from '../../src/domain/events.ts';
import { eventOf } from '../../src/domain/events.ts';
import { createEvents, type EventsStore } from '../../src/events/events.ts';
import type { Receiver, Try } from '../../src/events/receiver.ts';
import { createHealth } from '../../src/health.ts';
import { createLog } from '../../src/log.ts';

const numRuns = process.env.FAULTS === 'full' ? 2_000 : 200;

/** Far more turns of the event loop than a run takes. */
const mostTurns = 5_000;

/** What happens at one operation: a request to the receiver, or a write of the cursor. */
const happening = fc.constantFrom(
  'works',
  'works',
  'works',
  'fails',
  'dies before',
  'dies after',
  'an entry is added',
);

test('whatever crashes and failures come, every event arrives in order, and a crash repeats at most one', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { maxLength: 40 }),
      fc.integer({ min: 1, max: 8 }),
      async (script, count) => {
        const { accepted, entries, crashes } = await run([...script], count);
        const wanted = entries.flatMap((entry) => eventOf(entry)?.webhookId ?? []);
        expect([...new Set(accepted)]).toEqual(wanted);
        expect(accepted.length).toBeLessThanOrEqual(wanted.length + crashes);
        // A repeated event comes right after the first one, so the order holds for repetitions too.
        expect(accepted.filter((id, index) => id !== accepted[index - 1])).toEqual(wanted);
      },
    ),
    { numRuns },
  );
});

/** Time stands still, and every wait is over at once. */
function createInstantClock(): Clock {
  let now = Date.UTC(2026, 10, 29);
  return {
    now: () => now,
    elapsed: () => now,
    schedule(at, work) {
      const timer = setImmediate(() => {
        now = Math.max(now, at);
        work();
      });
      return () => clearImmediate(timer);
    },
  };
}

async function run(script: string[], count: number) {
  const clock = createInstantClock();
  const entries: OutboxEntry[] = [];
  const values = new Map<string, string>([['events_cursor', '0']]);
  const accepted: string[] = [];
  let crashes = 0;
  let isOver = false;
  let restart = () => {};

  function add(): void {
    const id = entries.length + 1;
    const source = { actor: { kind: 'service' }, cause: { kind: 'restart' } } as const;
    // Every third entry is no event.
    const entry =
      id % 3 === 0
        ? ({ event: 'resolved', outcome: 'retry', ...source } as const)
        : ({ event: 'service_resumed', ...source } as const);
    entries.push({ id, at: clock.now(), entry, invitation: null, member: null });
  }
  /** Does the work of one operation. A process that died gets no answer. */
  async function perform<T>(work: () => T, failed: T | null): Promise<T> {
    const next = script.shift() ?? 'works';
    if (next === 'an entry is added') add();
    if (next === 'fails') {
      if (failed === null) throw new Error('the disk is full');
      return failed;
    }
    if (next === 'dies before' || next === 'dies after') {
      if (next === 'dies after') work();
      crashes += 1;
      restart();
      return new Promise<T>(() => {});
    }
    return work();
  }

  for (let index = 0; index < count; index += 1) add();
  const store: EventsStore = {
    getValue: async (key) => values.get(key) ?? null,
    setValue: (key, value) => perform(() => void values.set(key, value), null),
    async nextOutboxEntry(after) {
      const outbox = entries.find(({ id }) => id > after) ?? null;
      return { outbox, through: outbox?.id ?? entries.length };
    },
    outboxLag: async () => ({ count: 0, oldestAt: null }),
    outboxEnd: async () => entries.length,
    outboxBefore: async () => 0,
  };
  const receiver: Receiver = {
    origin: 'http://receiver.example',
    post: (event) =>
      perform<Try>(
        () => {
          accepted.push(event.webhookId);
          return { kind: 'delivered' } as const;
        },
        { kind: 'failed', reason: { code: 'receiver_answered', status: 500 } },
      ),
    close: async () => {},
  };
  const log = createLog({ level: 'silent', write: () => {} });
  let events = createEvents({
    store,
    receiver,
    clock,
    health: createHealth(),
    log,
    isLeader: () => true,
  });
  const start = () => {
    if (isOver) return;
    events = createEvents({
      store,
      receiver,
      clock,
      health: createHealth(),
      log,
      isLeader: () => true,
    });
    void events.start();
  };
  restart = () => setImmediate(start);
  start();
  const isCaughtUp = () => {
    const last = entries.findLast((entry) => eventOf(entry) !== null);
    return values.get('events_cursor') === String(last?.id ?? 0);
  };
  for (let turns = 0; turns < mostTurns; turns += 1) {
    if (isCaughtUp()) {
      if (script.length === 0) break;
      add();
    }
    await nextTurn();
  }
  isOver = true;
  // A process that died never ends, so nothing waits for it.
  void events.stop();
  return { accepted, entries, crashes };
}
