import { Hono } from 'hono';
import type { Health } from '../health.ts';
import type { Pause } from '../onboarding/pauses.ts';
import type { StoreReads } from '../store/store.ts';
import { startsOfDays } from './days.ts';
import type { Env, PageContext } from './page-context.ts';
import { dayRanges, OverviewPage } from './pages/overview.tsx';
import { daysOf } from './pages/overview-figures.ts';

export function overviewRoutes(options: {
  readonly context: PageContext;
  readonly reads: Pick<StoreReads, 'counts' | 'activity' | 'durations'>;
  readonly pauses: () => readonly Pause[];
  readonly health: Health;
}): Hono<Env> {
  const { context, reads, health } = options;
  const routes = new Hono<Env>();
  routes.get('/', async (c) => {
    const viewer = context.viewer(c);
    const asked = Number(c.req.query('days'));
    const range = dayRanges.find((one) => one === asked) ?? 30;
    const { now, formats } = viewer;
    const startTimes = startsOfDays(now, range, formats.dayKey);
    const [counts, activity, durations] = await Promise.all([
      reads.counts(now),
      reads.activity(startTimes),
      reads.durations(),
    ]);
    return c.html(
      <OverviewPage
        viewer={viewer}
        counts={counts}
        days={daysOf(startTimes, activity)}
        durations={durations}
        pauses={options.pauses()}
        health={health.report()}
      />,
    );
  });
  return routes;
}
