import { Hono } from 'hono';
import { actorIn } from '../api/auth.ts';
import type { Health } from '../health.ts';
import { reasonText } from '../messages/render.ts';
import type { Pause } from '../onboarding/pauses.ts';
import type { Operator } from '../operations/operator.ts';
import type { Replayer } from '../operations/replay.ts';
import type { Reconciler, RunReport } from '../reconciliation/reconciler.ts';
import type { StoreReads } from '../store/store.ts';
import type { DeliveryAnswer } from '../webhook/route.ts';
import { type Env, good, type PageContext, wrong } from './page-context.ts';
import { DeliveryPage } from './pages/delivery.tsx';
import { notFoundPage } from './pages/error.tsx';
import { HealthPage } from './pages/health.tsx';
import type { Flash, Viewer } from './viewer.ts';

const pageSize = 20;

/** The routes of the service's state, the portal's deliveries, and the commands for the whole service. */
export function healthRoutes(options: {
  readonly context: PageContext;
  readonly reads: Pick<StoreReads, 'listDeliveries' | 'delivery'>;
  readonly operator: Pick<Operator, 'reconcile' | 'pause' | 'resume'>;
  readonly replayer: Replayer;
  readonly reconciler: Pick<Reconciler, 'endedAt'>;
  readonly health: Health;
  readonly pauses: () => readonly Pause[];
  readonly deliveryAnswers: () => Readonly<Partial<Record<DeliveryAnswer, number>>>;
}): Hono<Env> {
  const { context, reads, operator, replayer, health } = options;
  const routes = new Hono<Env>();

  routes.get('/health', async (c) => {
    const isOnlyUnreadable = c.req.query('answer') === 'unreadable';
    const cursor = /^\d{1,15}$/.exec(c.req.query('cursor') ?? '')?.[0];
    const page = await reads.listDeliveries(isOnlyUnreadable ? { answer: 'unreadable' } : {}, {
      limit: pageSize,
      cursor: cursor === undefined ? undefined : Number(cursor),
    });
    const answer = isOnlyUnreadable ? '&answer=unreadable' : '';
    return c.html(
      <HealthPage
        viewer={context.viewer(c)}
        report={health.report()}
        pauses={options.pauses()}
        answers={options.deliveryAnswers()}
        lastRunAt={options.reconciler.endedAt().complete ?? null}
        deliveries={page.items}
        isOnlyUnreadable={isOnlyUnreadable}
        older={page.nextCursor === null ? null : `/health?cursor=${page.nextCursor}${answer}`}
      />,
    );
  });

  routes.post('/health/reconcile', async (c) => {
    const viewer = context.viewer(c);
    return context.redirectWithFlash(c, '/health', flashOfRun(viewer, await operator.reconcile()));
  });
  routes.post('/health/pause', async (c) => {
    await operator.pause(actorIn(c));
    return context.redirectWithFlash(c, '/health', good(context.viewer(c).t.done.paused));
  });
  routes.post('/health/resume', async (c) => {
    await operator.resume(actorIn(c));
    return context.redirectWithFlash(c, '/health', good(context.viewer(c).t.done.resumed));
  });

  routes.get('/health/deliveries/:id{[0-9]{1,15}}', async (c) => {
    const viewer = context.viewer(c);
    const delivery = await reads.delivery(Number(c.req.param('id')));
    return delivery
      ? c.html(<DeliveryPage viewer={viewer} delivery={delivery} />)
      : notFoundPage(c, viewer);
  });

  routes.post('/health/deliveries/:id{[0-9]{1,15}}/replay', async (c) => {
    const viewer = context.viewer(c);
    const id = Number(c.req.param('id'));
    const replayed = await replayer.replay(id, actorIn(c));
    switch (replayed.kind) {
      case 'applied':
        return context.redirectWithFlash(
          c,
          `/health/deliveries/${id}`,
          good(viewer.t.done.replayed),
        );
      case 'forbidden':
        return context.redirectWithFlash(
          c,
          `/health/deliveries/${id}`,
          wrong(reasonText(replayed.reason, viewer.language)),
        );
      case 'no_such_delivery':
        return notFoundPage(c, viewer);
      default:
        return replayed satisfies never;
    }
  });

  return routes;
}

function flashOfRun(viewer: Viewer, report: RunReport): Flash {
  const { t, formats, language } = viewer;
  if (report.interrupted !== null) {
    return wrong(t.done.interrupted(reasonText(report.interrupted, language)));
  }
  const sum = (key: 'checked' | 'found') =>
    formats.number(report.parts.reduce((total, part) => total + part[key], 0));
  return good(t.done.reconciled(sum('checked'), sum('found')));
}
