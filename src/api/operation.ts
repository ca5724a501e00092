import { Hono } from 'hono';
import { memberStates } from '../domain/member.ts';
import type { Pause } from '../onboarding/pauses.ts';
import type { Operator } from '../operations/operator.ts';
import type { PassReport } from '../reconciliation/reconciler.ts';
import type { Balance, StoreReads } from '../store/store.ts';
import type { DeliveryAnswer } from '../webhook/route.ts';
import { durationsView } from './durations.ts';
import { restoredView } from './restored.ts';
import { timeView } from './serializers.ts';

/** `stats`, `reconcile`, `pause`, `resume`: the service as a whole. */
export function operationRoutes(options: {
  readonly reads: Pick<StoreReads, 'balance' | 'durations' | 'restored'>;
  readonly operator: Pick<Operator, 'reconcile' | 'pause' | 'resume'>;
  readonly pauses: () => readonly Pause[];
  readonly deliveryAnswers: () => Readonly<Partial<Record<DeliveryAnswer, number>>>;
  readonly now: () => number;
}): Hono {
  const { reads, operator, pauses, deliveryAnswers, now } = options;
  const routes = new Hono();

  routes.get('/api/stats', async (c) => {
    const balance = await reads.balance(now());
    return c.json({
      ...balanceView(balance),
      durations: durationsView(await reads.durations()),
      deliveries: deliveryAnswers(),
      pauses: pauses().map(pauseView),
      restored: restoredView(await reads.restored()),
    });
  });
  routes.post('/api/reconcile', async (c) => c.json(passView(await operator.reconcile())));
  routes.post('/api/pause', async (c) => {
    await operator.pause();
    return c.json({ pauses: pauses().map(pauseView) });
  });
  routes.post('/api/resume', async (c) => {
    await operator.resume();
    return c.json({ pauses: pauses().map(pauseView) });
  });
  return routes;
}

/** The closed balance: the states always add up to the members. */
export function balanceView(balance: Balance) {
  const members = Object.fromEntries(
    memberStates.map((state) => [state, balance.members[state] ?? 0]),
  );
  const total = Object.values(members).reduce((sum, count) => sum + count, 0);
  return { members: { total, ...members }, invitations: balance.invitations };
}

function pauseView(pause: Pause) {
  const { name, reason } = pause;
  return { name, reason, since: timeView(pause.since), until: timeView(pause.until) };
}

export function passView(report: PassReport) {
  const { startedAt, endedAt, ...rest } = report;
  return { ...rest, startedAt: timeView(startedAt), endedAt: timeView(endedAt) };
}
