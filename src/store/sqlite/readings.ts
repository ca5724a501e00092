import { statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { and, asc, count, desc, eq, gt, lte, max, min, sql } from 'drizzle-orm';
import { memberStates } from '../../onboarding/member.ts';
import type { ReadingVerbs } from '../readings.ts';
import type { MemberCounts } from '../store.ts';
import { appliedThrough } from './deliveries.ts';
import type { Db } from './open.ts';
import { readProgress } from './progress.ts';
import { deliveries, members } from './schema.ts';

/** A backlog is counted no further: beyond this only its age matters. */
const mostCounted = 10_000;
/** Members that are counted at a stretch: a delivery waits for one stretch at most, about 1 ms. */
const stretch = 10_000;

/** What `/metrics` asks at each scrape: every query walks an index, a bounded number of rows of it. */
export function readingVerbs(db: Db): ReadingVerbs {
  const read = readProgress(db);
  const countStretch = prepareStretch(db);

  /** A million members are counted in stretches: whoever moves meanwhile may be off by one. */
  async function membersByState(): Promise<MemberCounts> {
    const counts: Partial<Record<(typeof memberStates)[number], number>> = {};
    for (const state of memberStates) {
      let total = 0;
      for (let after: number | null = 0; after !== null; ) {
        const found = countStretch.get({ state, after });
        total += found?.count ?? 0;
        after = found?.count === stretch ? found.last : null;
        if (after !== null) await setImmediate();
      }
      counts[state] = total;
    }
    return counts;
  }

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
      return { ...files, ...waiting, members: await membersByState() };
    },
  };
}

/** Walks the index over state and seq. */
function prepareStretch(db: Db) {
  const part = db
    .select({ seq: members.seq })
    .from(members)
    .where(
      and(eq(members.state, sql.placeholder('state')), gt(members.seq, sql.placeholder('after'))),
    )
    .orderBy(asc(members.seq))
    .limit(stretch)
    .as('part');
  return db
    .select({ count: count(), last: max(part.seq) })
    .from(part)
    .prepare();
}
