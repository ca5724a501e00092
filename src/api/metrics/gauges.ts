import { Gauge, type Registry } from 'prom-client';
import { memberStates } from '../../domain/member.ts';
import { channelNames } from '../../domain/outcome.ts';
import { type Health, healthParts } from '../../health.ts';
import type { Pause, PauseName } from '../../onboarding/pauses.ts';
import type { Reconciler } from '../../reconciliation/reconciler.ts';
import type { Readings, ReadingVerbs } from '../../store/readings.ts';
import type { Store } from '../../store/store.ts';

/** Where the figures come from that are read when they are asked for. */
export type GaugeSources = {
  readonly store: ReadingVerbs & Pick<Store, 'queuedWrites'>;
  readonly health: Pick<Health, 'report'>;
  readonly pauses: () => readonly Pause[];
  readonly reconciler: Pick<Reconciler, 'endedAt'>;
  /** When the portal last sent something that was signed, since the start; UTC ms. */
  readonly lastDeliveryAt: () => number | null;
  readonly now: () => number;
};

const levels = { ok: 0, warning: 1, wrong: 2 } as const;
const pauseNames: readonly PauseName[] = [
  'operator',
  'hourly',
  'restored',
  'portal',
  ...channelNames.map((name) => `channel:${name}` as const),
];

/** @returns what reads all gauges anew; rejects when the store cannot be read */
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
  const inboxAge = gauge('inbox_oldest_age_seconds', 'Age of the oldest of them; 0: there is none');
  const due = gauge('due_members', 'Members that are due, at most 10000');
  const dueAge = gauge('due_oldest_age_seconds', 'How long the first of them is due; 0: none is');
  const sinceDelivery = gauge(
    'last_delivery_age_seconds',
    'Since the last signed delivery; NaN: there was none',
  );
  const reconciliation = gauge(
    'reconciliation_age_seconds',
    'Since a pass last came to this result; absent: none did since the start',
    'result',
  );
  const health = gauge('health', 'What /readyz says: 0 ok, 1 warning, 2 wrong', 'part');
  const paused = gauge('paused', 'What holds back: 1 while it does', 'pause');
  const bytes = gauge('database_bytes', 'Size of the database and of its write-ahead log', 'file');
  const queued = gauge('queued_writes', 'Writes that wait for their commit');

  return async () => {
    const now = sources.now();
    const readings = await sources.store.readings(now);
    for (const state of memberStates) members.set({ state }, readings.members[state] ?? 0);
    inbox.set(readings.inbox.count);
    inboxAge.set(secondsSince(readings.inbox.oldestAt, now));
    due.set(readings.due.count);
    dueAge.set(secondsSince(readings.due.oldestAt, now));
    const lastAt = lastDelivery(readings, sources.lastDeliveryAt());
    sinceDelivery.set(lastAt === null ? Number.NaN : secondsSince(lastAt, now));
    for (const [result, at] of Object.entries(sources.reconciler.endedAt())) {
      reconciliation.set({ result }, secondsSince(at, now));
    }
    const report = sources.health.report();
    for (const part of healthParts) health.set({ part }, levels[report[part].level]);
    const holding = new Set(sources.pauses().map((pause) => pause.name));
    for (const pause of pauseNames) paused.set({ pause }, holding.has(pause) ? 1 : 0);
    bytes.set({ file: 'database' }, readings.databaseBytes);
    bytes.set({ file: 'wal' }, readings.walBytes);
    queued.set(sources.store.queuedWrites());
  };
}

/** The same delivery again, or one about something else, is an arrival that leaves no row. */
function lastDelivery(readings: Readings, sinceStart: number | null): number | null {
  if (readings.lastDeliveryAt === null) return sinceStart;
  return Math.max(readings.lastDeliveryAt, sinceStart ?? 0);
}

/** A clock that was set back makes no negative age. */
function secondsSince(at: number | null, now: number): number {
  return at === null ? 0 : Math.max(0, now - at) / 1_000;
}
