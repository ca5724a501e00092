import { Hono } from 'hono';
import type { Health } from '../health.ts';
import type { Pause } from '../onboarding/pauses.ts';
import type { StoreReads } from '../store/store.ts';
import { beginningsOfDays } from './days.ts';
import type { Desk, Env } from './desk.ts';
import { dayRanges, OverviewPage } from './pages/overview.tsx';
import { daysOf } from './pages/overview-figures.ts';

export function overviewRoutes(options: {
  readonly desk: Desk;
  readonly reads: Pick<StoreReads, 'balance' | 'activity' | 'durations'>;
  readonly pauses: () => readonly Pause[];
  readonly health: Health;
}): Hono<Env> {
  const { desk, reads, health } = options;
  const routes = new Hono<Env>();
  routes.get('/', async (c) => {
    const view = desk.view(c);
    const asked = Number(c.req.query('days'));
    const range = dayRanges.find((one) => one === asked) ?? 30;
    const { now, formats } = view;
    const beginnings = beginningsOfDays(now, range, formats.dayKey);
    const [balance, activity, durations] = await Promise.all([
      reads.balance(now),
      reads.activity(beginnings),
      reads.durations(),
    ]);
    return c.html(
      <OverviewPage
        view={view}
        balance={balance}
        days={daysOf(beginnings, activity)}
        durations={durations}
        pauses={options.pauses()}
        health={health.report()}
      />,
    );
  });
  return routes;
}
