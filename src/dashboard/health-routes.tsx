import { Hono } from 'hono';
import type { Health } from '../health.ts';
import type { Pause } from '../onboarding/pauses.ts';
import type { Operator } from '../operations/operator.ts';
import type { Replayer } from '../operations/replay.ts';
import type { PassReport, Reconciler } from '../reconciliation/reconciler.ts';
import type { StoreReads } from '../store/store.ts';
import type { DeliveryAnswer } from '../webhook/route.ts';
import { type Desk, type Env, good, wrong } from './desk.ts';
import { notFoundPage } from './not-found.tsx';
import { DeliveryPage } from './pages/delivery.tsx';
import { HealthPage } from './pages/health.tsx';
import type { Said, View } from './view.ts';

const pageSize = 20;

/** How the service is, what the portal told, and the levers of whoever is on call. */
export function healthRoutes(options: {
  readonly desk: Desk;
  readonly reads: Pick<StoreReads, 'listDeliveries' | 'delivery'>;
  readonly operator: Pick<Operator, 'reconcile' | 'pause' | 'resume'>;
  readonly replayer: Replayer;
  readonly reconciler: Pick<Reconciler, 'endedAt'>;
  readonly health: Health;
  readonly pauses: () => readonly Pause[];
  readonly deliveryAnswers: () => Readonly<Partial<Record<DeliveryAnswer, number>>>;
}): Hono<Env> {
  const { desk, reads, operator, replayer, health } = options;
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
        view={desk.view(c)}
        report={health.report()}
        pauses={options.pauses()}
        answers={options.deliveryAnswers()}
        lastPassAt={options.reconciler.endedAt().complete ?? null}
        deliveries={page.items}
        isOnlyUnreadable={isOnlyUnreadable}
        older={page.nextCursor === null ? null : `/health?cursor=${page.nextCursor}${answer}`}
      />,
    );
  });

  routes.post('/health/reconcile', async (c) => {
    const view = desk.view(c);
    return desk.goTo(c, '/health', saidOfPass(view, await operator.reconcile()));
  });
  routes.post('/health/pause', async (c) => {
    await operator.pause();
    return desk.goTo(c, '/health', good(desk.view(c).say.done.paused));
  });
  routes.post('/health/resume', async (c) => {
    await operator.resume();
    return desk.goTo(c, '/health', good(desk.view(c).say.done.resumed));
  });

  routes.get('/health/deliveries/:id{[0-9]{1,15}}', async (c) => {
    const view = desk.view(c);
    const delivery = await reads.delivery(Number(c.req.param('id')));
    return delivery
      ? c.html(<DeliveryPage view={view} delivery={delivery} />)
      : notFoundPage(c, view);
  });

  routes.post('/health/deliveries/:id{[0-9]{1,15}}/replay', async (c) => {
    const view = desk.view(c);
    const id = Number(c.req.param('id'));
    const replayed = await replayer.replay(id);
    switch (replayed.kind) {
      case 'applied':
        return desk.goTo(c, `/health/deliveries/${id}`, good(view.say.done.replayed));
      case 'forbidden':
        return desk.goTo(c, `/health/deliveries/${id}`, wrong(replayed.reason));
      case 'no_such_delivery':
        return notFoundPage(c, view);
      default:
        return replayed satisfies never;
    }
  });

  return routes;
}

function saidOfPass(view: View, report: PassReport): Said {
  const { say, formats } = view;
  if (report.interrupted !== null) return wrong(say.done.interrupted(report.interrupted));
  const sum = (key: 'lookedAt' | 'found') =>
    formats.number(report.parts.reduce((total, part) => total + part[key], 0));
  return good(say.done.reconciled(sum('lookedAt'), sum('found')));
}
