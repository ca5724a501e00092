import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { triggers } from '../domain/vocabulary.ts';
import { languageOf } from '../http/language.ts';
import { answerProblem, problem } from '../http/problem.ts';
import { type Language, reasonText } from '../messages/render.ts';
import type { Replayer } from '../operations/replay.ts';
import {
  deliveryAnswers,
  type KeptDelivery,
  type ListedDelivery,
  type StoreReads,
} from '../store/store.ts';
import { actorIn } from './auth.ts';
import { adminGet, adminPost, createApi, invalidQuery, json, problems } from './openapi.ts';
import {
  count,
  deliveryReasonSchema,
  pageOf,
  pageView,
  pagingShape,
  reasonView,
  text,
  time,
  timeView,
  userId,
} from './schemas.ts';

// ── Schemas ─────────────────────────────────────────────────────────────────────────────────────

const deliveryShape = {
  id: z.int(),
  receivedAt: time,
  answer: z.enum(deliveryAnswers),
  trigger: z.enum(triggers).nullable(),
  userId: text.nullable(),
  shows: z.enum(['activated', 'not_active', 'terminated']).nullable(),
  reason: deliveryReasonSchema.nullable(),
  repeats: count.meta({ description: 'How often the same delivery came again' }),
  webhookId: z.int().nullable(),
  eventId: z.int().nullable(),
  createdOn: time.nullable(),
};
const deliverySchema = z.object(deliveryShape).meta({ id: 'Delivery' });

const deliveryPageSchema = pageOf(deliverySchema);

const keptDeliverySchema = z
  .object({ ...deliveryShape, body: text.meta({ description: 'The body as received, as text' }) })
  .meta({ id: 'KeptDelivery' });

const replayedSchema = z.object({ status: z.literal('applied'), userId });

const deliveryQuerySchema = z.strictObject({
  answer: z.enum(deliveryAnswers).optional(),
  userId: z.string().toLowerCase().optional(),
  trigger: z.enum(triggers).optional(),
  ...pagingShape,
});

/**
 * The schema has no pattern for the id, so that a text like `abc` is answered with 404, not with
 * 400.
 */
const deliveryParams = z.object({ id: text.meta({ description: 'The number of the delivery' }) });

// ── Routes ──────────────────────────────────────────────────────────────────────────────────────

const noDelivery = problems({ 404: 'No delivery has this id' });
const tags = ['deliveries'];

const listRoute = adminGet({
  path: '/api/deliveries',
  operationId: 'listDeliveries',
  tags,
  summary: 'The webhook requests of the portal, newest first',
  request: { query: deliveryQuerySchema },
  responses: { 200: json(deliveryPageSchema, 'A page'), ...invalidQuery },
});

const showRoute = adminGet({
  path: '/api/deliveries/{id}',
  operationId: 'showDelivery',
  tags,
  summary: 'One delivery with its raw body',
  request: { params: deliveryParams },
  responses: { 200: json(keptDeliverySchema, 'The delivery'), ...noDelivery },
});

const replayRoute = adminPost({
  path: '/api/deliveries/{id}/replay',
  operationId: 'replayDelivery',
  tags,
  summary: 'Read a delivery again, and check the user it is about',
  request: { params: deliveryParams },
  responses: {
    200: json(replayedSchema, 'Applied'),
    ...noDelivery,
    ...problems({
      409: '`still_unreadable`, `not_about_a_user`, `body_not_kept`, `baseline_under_way`',
    }),
  },
});

export function deliveryRoutes(options: {
  readonly reads: Pick<StoreReads, 'listDeliveries' | 'delivery'>;
  readonly replayer: Replayer;
}) {
  const { reads, replayer } = options;
  const routes = createApi();

  routes.openapi(listRoute, async (c) => {
    const { limit, cursor, ...filter } = c.req.valid('query');
    const page = await reads.listDeliveries(filter, { limit, cursor });
    const language = languageOf(c);
    const items = page.items.map((delivery) => deliveryView(delivery, language));
    return c.json(pageView(items, page), 200);
  });

  routes.openapi(showRoute, async (c) => {
    const id = idOf(c.req.valid('param').id);
    const delivery = id === null ? null : await reads.delivery(id);
    return delivery ? c.json(keptDeliveryView(delivery, languageOf(c)), 200) : answerNoDelivery(c);
  });

  routes.openapi(replayRoute, async (c) => {
    const id = idOf(c.req.valid('param').id);
    const replayed = id === null ? null : await replayer.replay(id, actorIn(c));
    switch (replayed?.kind) {
      case 'applied':
        return c.json({ status: 'applied' as const, userId: replayed.userId }, 200);
      case 'forbidden': {
        const { reason } = replayed;
        const detail = reasonText(reason, languageOf(c));
        return answerProblem(c, problem('conflict', detail, { code: reason.code }));
      }
      case 'no_such_delivery':
      case undefined:
        return answerNoDelivery(c);
      default:
        return replayed satisfies never;
    }
  });

  return routes;
}

/** @returns null if the text cannot be the id of a delivery */
function idOf(id: string): number | null {
  return /^\d{1,15}$/.test(id) ? Number(id) : null;
}

function answerNoDelivery(c: Context) {
  return answerProblem(c, problem('not-found', 'No delivery has this id'));
}

// ── Answers ─────────────────────────────────────────────────────────────────────────────────────

function deliveryView(
  delivery: ListedDelivery,
  language: Language,
): z.infer<typeof deliverySchema> {
  return {
    ...delivery,
    receivedAt: timeView(delivery.receivedAt),
    reason: reasonView(delivery.reason, language),
    createdOn: timeView(delivery.createdOn),
  };
}

/** A delivery with its raw body as text. Bytes that are not UTF-8 are shown as �. */
function keptDeliveryView(
  delivery: KeptDelivery,
  language: Language,
): z.infer<typeof keptDeliverySchema> {
  const body = Buffer.from(delivery.body).toString('utf8');
  return { ...deliveryView(delivery, language), body };
}
