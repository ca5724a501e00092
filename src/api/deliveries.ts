import { type Context, Hono } from 'hono';
import { answerProblem, faultsOf, invalidRequest, problem } from '../http/problem.ts';
import type { Replayer } from '../operations/replay.ts';
import type { StoreReads } from '../store/store.ts';
import type { KeptDelivery, ListedDelivery } from '../store/told.ts';
import { deliveryQuerySchema } from './schemas.ts';
import { timeView } from './serializers.ts';

/** What the portal told: to read, and to apply once more. */
export function deliveryRoutes(options: {
  readonly reads: Pick<StoreReads, 'listDeliveries' | 'delivery'>;
  readonly replayer: Replayer;
}): Hono {
  const { reads, replayer } = options;
  const routes = new Hono();

  routes.get('/api/deliveries', async (c) => {
    const query = deliveryQuerySchema.safeParse(c.req.query());
    if (!query.success) return answerProblem(c, invalidRequest(faultsOf(query.error, 'query')));
    const { limit, cursor, ...filter } = query.data;
    const page = await reads.listDeliveries(filter, { limit, cursor });
    return c.json({
      items: page.items.map(deliveryView),
      nextCursor: page.nextCursor?.toString() ?? null,
    });
  });

  routes.get('/api/deliveries/:id', async (c) => {
    const id = idOf(c);
    const delivery = id === null ? null : await reads.delivery(id);
    return delivery ? c.json(keptDeliveryView(delivery)) : noSuchDelivery(c);
  });

  routes.post('/api/deliveries/:id/replay', async (c) => {
    const id = idOf(c);
    const replayed = id === null ? null : await replayer.replay(id);
    switch (replayed?.kind) {
      case 'applied':
        return c.json({ status: 'applied', userId: replayed.userId });
      case 'forbidden':
        return answerProblem(c, problem('conflict', replayed.reason));
      case 'no_such_delivery':
      case undefined:
        return noSuchDelivery(c);
      default:
        return replayed satisfies never;
    }
  });

  return routes;
}

function deliveryView(delivery: ListedDelivery) {
  return {
    id: delivery.id,
    receivedAt: new Date(delivery.receivedAt).toISOString(),
    answer: delivery.answer,
    trigger: delivery.trigger,
    userId: delivery.userId,
    shows: delivery.shows,
    reason: delivery.reason,
    repeats: delivery.repeats,
    webhookId: delivery.webhookId,
    eventId: delivery.eventId,
    createdOn: timeView(delivery.createdOn),
  };
}

/** With the raw body as text; bytes that are no UTF-8 show as �. */
function keptDeliveryView(delivery: KeptDelivery) {
  return { ...deliveryView(delivery), body: Buffer.from(delivery.body).toString('utf8') };
}

/** @returns null for what cannot be the id of a delivery */
function idOf(c: Context): number | null {
  const id = c.req.param('id') ?? '';
  return /^\d{1,15}$/.test(id) ? Number(id) : null;
}

function noSuchDelivery(c: Context): Response {
  return answerProblem(c, problem('not-found', 'No delivery has this id'));
}
