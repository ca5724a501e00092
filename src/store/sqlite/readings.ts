import { statSync } from 'node:fs';
import { and, count, desc, eq, gt, lte, min } from 'drizzle-orm';
import type { ReadingVerbs } from '../readings.ts';
import { byState } from './balance.ts';
import type { Db } from './open.ts';
import { readProgress } from './progress.ts';
import { deliveries, members } from './schema.ts';
import { memberCounts } from './schema-counts.ts';
import { appliedThrough } from './whose-deliveries.ts';

/** A backlog is counted no further: beyond this only its age matters. */
const mostCounted = 10_000;

/** What `/metrics` asks at each scrape: every query walks an index, a bounded number of rows of it. */
export function readingVerbs(db: Db): ReadingVerbs {
  const read = readProgress(db);
  const readCounts = db.select().from(memberCounts).prepare();

  function inbox(): { count: number; oldestAt: number | null } {
    const after = Number(read(appliedThrough) ?? 0);
    const isUnapplied = and(gt(deliveries.id, after), eq(deliveries.answer, 'accepted'));
    const waiting = db
      .select({ receivedAt: deliveries.receivedAt })
      .from(deliveries)
      .where(isUnapplied)
      .orderBy(deliveries.id)
      .limit(mostCounted)
      .all();
    return { count: waiting.length, oldestAt: waiting[0]?.receivedAt ?? null };
  }

  function due(now: number): { count: number; oldestAt: number | null } {
    const first = db
      .select({ at: members.dueAt })
      .from(members)
      .where(lte(members.dueAt, now))
      .orderBy(members.dueAt)
      .limit(mostCounted)
      .as('first');
    const found = db
      .select({ count: count(), oldestAt: min(first.at) })
      .from(first)
      .get();
    return found ?? { count: 0, oldestAt: null };
  }

  return {
    async readings(now) {
      const last = db
        .select({ at: deliveries.receivedAt })
        .from(deliveries)
        .orderBy(desc(deliveries.id))
        .limit(1)
        .get();
      const pages = Number(db.$client.pragma('page_count', { simple: true }));
      const pageBytes = Number(db.$client.pragma('page_size', { simple: true }));
      const files = {
        databaseBytes: pages * pageBytes,
        walBytes: statSync(`${db.$client.name}-wal`, { throwIfNoEntry: false })?.size ?? 0,
      };
      const waiting = { inbox: inbox(), due: due(now), lastDeliveryAt: last?.at ?? null };
      return { ...files, ...waiting, members: byState(readCounts.all()) };
    },
  };
}
