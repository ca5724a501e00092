import { Gauge, type Registry } from 'prom-client';
import { memberStates } from '../../domain/member.ts';
import { channelNames } from '../../domain/outcome.ts';
import { type Health, healthParts } from '../../health.ts';
import type { Pause, PauseName } from '../../onboarding/pauses.ts';
import type { Reconciler } from '../../reconciliation/reconciler.ts';
import type { OutboxLag, Store, StoreMetrics } from '../../store/store.ts';

/** The sources of the values that are read at each request of `/metrics`. */
export type GaugeSources = {
  readonly store: Pick<Store, 'metrics' | 'queuedWrites'>;
  readonly health: Pick<Health, 'report'>;
  readonly pauses: () => readonly Pause[];
  readonly reconciler: Pick<Reconciler, 'endedAt'>;
  /** When the API key expires (UTC ms); null: never, or not known. */
  readonly keyExpiresAt: () => number | null;
  /** When the last signed delivery arrived (UTC ms); null: none arrived since the start. */
  readonly lastDeliveryAt: () => number | null;
  /**
   * How many events are not delivered yet, and when the oldest of them happened. Null: events are off.
   */
  readonly eventsLag: (() => Promise<OutboxLag>) | null;
  readonly now: () => number;
};

const levels = { ok: 0, warning: 1, wrong: 2 } as const;
const pauseNames: readonly PauseName[] = [
  'operator',
  'hourly',
  'restored',
  'account_used',
  'portal',
  ...channelNames.map((name) => `channel:${name}` as const),
];

/** @returns a function that reads all gauges again; it rejects if the store cannot be read */
export function createGauges(registry: Registry, sources: GaugeSources): () => Promise<void> {
  const gauge = (name: string, help: string, label?: string) =>
    new Gauge({
      name: `docspace_welcome_${name}`,
      help,
      labelNames: label === undefined ? [] : [label],
      registers: [registry],
    });
  const members = gauge('members', 'Members by state', 'state');
  const inbox = gauge('inbox_deliveries', 'Stored deliveries not applied yet, at most 10000');
  const inboxAge = gauge(
    'inbox_oldest_age_seconds',
    'Age of the oldest stored delivery not applied yet in seconds (0 if none)',
  );
  const due = gauge('due_members', 'Members that are due, at most 10000');
  const dueAge = gauge(
    'due_oldest_age_seconds',
    'Age of the oldest due member in seconds (0 if none)',
  );
  const sinceDelivery = gauge(
    'last_delivery_age_seconds',
    'Seconds since the last signed delivery (NaN if none)',
  );
  const reconciliation = gauge(
    'reconciliation_age_seconds',
    'Seconds since a run of reconciliation last ended with this result (absent if none did since the start)',
    'result',
  );
  const keyExpiry = gauge(
    'api_key_expires_seconds',
    'Seconds until the API key expires, below 0 afterwards (NaN: never, or not known)',
  );
  const health = gauge('health', 'Health of each part: 0 ok, 1 warning, 2 wrong', 'part');
  const paused = gauge('paused', 'Pauses: 1 while sending is paused for this reason', 'pause');
  const bytes = gauge('database_bytes', 'Size of the database and of its write-ahead log', 'file');
  const events =
    sources.eventsLag &&
    ({
      lag: sources.eventsLag,
      waiting: gauge('events_waiting', 'Events that are not delivered yet, at most 10000'),
      age: gauge(
        'events_oldest_age_seconds',
        'Age of the oldest event that is not delivered yet in seconds (0 if none)',
      ),
    } as const);
  const queued = gauge('queued_writes', 'Writes that wait for their commit');

  return async () => {
    const now = sources.now();
    const figures = await sources.store.metrics(now);
    for (const state of memberStates) members.set({ state }, figures.members[state] ?? 0);
    inbox.set(figures.inbox.count);
    inboxAge.set(secondsSince(figures.inbox.oldestAt, now));
    due.set(figures.due.count);
    dueAge.set(secondsSince(figures.due.oldestAt, now));
    const lastAt = lastDelivery(figures, sources.lastDeliveryAt());
    sinceDelivery.set(lastAt === null ? Number.NaN : secondsSince(lastAt, now));
    for (const [result, at] of Object.entries(sources.reconciler.endedAt())) {
      reconciliation.set({ result }, secondsSince(at, now));
    }
    const expiresAt = sources.keyExpiresAt();
    keyExpiry.set(expiresAt === null ? Number.NaN : (expiresAt - now) / 1_000);
    const report = sources.health.report();
    for (const part of healthParts) health.set({ part }, levels[report[part].level]);
    const holding = new Set(sources.pauses().map((pause) => pause.name));
    for (const pause of pauseNames) paused.set({ pause }, holding.has(pause) ? 1 : 0);
    bytes.set({ file: 'database' }, figures.databaseBytes);
    bytes.set({ file: 'wal' }, figures.walBytes);
    queued.set(sources.store.queuedWrites());
    if (!events) return;
    const { count, oldestAt } = await events.lag();
    events.waiting.set(count);
    events.age.set(secondsSince(oldestAt, now));
  };
}

/**
 * Returns when the last signed delivery arrived. The stored time is not enough, because no row is stored
 * for a repeated delivery and for a delivery that is not about a user.
 */
function lastDelivery(figures: StoreMetrics, sinceStart: number | null): number | null {
  if (figures.lastDeliveryAt === null) return sinceStart;
  return Math.max(figures.lastDeliveryAt, sinceStart ?? 0);
}

/**
 * Returns the seconds since `at`, or 0 if `at` is null. The result is never negative, even if the clock
 * was set back.
 */
function secondsSince(at: number | null, now: number): number {
  return at === null ? 0 : Math.max(0, now - at) / 1_000;
}
