import { createRoute, z } from '@hono/zod-openapi';
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
import { adminRead, adminWrite, createApi, json, problems } from './openapi.ts';
import {
  count,
  deliveryReasonSchema,
  pageOf,
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
export type DeliveryView = z.infer<typeof deliverySchema>;

const deliveryPageSchema = pageOf(deliverySchema);

const keptDeliverySchema = z
  .object({ ...deliveryShape, body: text.meta({ description: 'The body as received, as text' }) })
  .meta({ id: 'KeptDelivery' });
export type KeptDeliveryView = z.infer<typeof keptDeliverySchema>;

const replayedSchema = z.object({ status: z.literal('applied'), userId });

const deliveryQuerySchema = z.strictObject({
  answer: z.enum(deliveryAnswers).optional(),
  userId: z.string().toLowerCase().optional(),
  trigger: z.enum(triggers).optional(),
  ...pagingShape,
});

/** The id has no pattern: any text that is not the id of a delivery is answered with 404. */
const deliveryParams = z.object({ id: text.meta({ description: 'The number of the delivery' }) });

// ── Routes ──────────────────────────────────────────────────────────────────────────────────────

const noDelivery = problems({ 404: 'No delivery has this id' });
const tags = ['deliveries'];

const listRoute = createRoute({
  method: 'get',
  path: '/api/deliveries',
  operationId: 'listDeliveries',
  tags,
  summary: 'The webhook requests of the portal, newest first',
  security: adminRead.security,
  request: { query: deliveryQuerySchema },
  responses: {
    200: json(deliveryPageSchema, 'A page'),
    ...adminRead.problems,
    ...problems({ 400: 'The query is not valid: see `errors`' }),
  },
});

const showRoute = createRoute({
  method: 'get',
  path: '/api/deliveries/{id}',
  operationId: 'showDelivery',
  tags,
  summary: 'One delivery with its raw body',
  security: adminRead.security,
  request: { params: deliveryParams },
  responses: {
    200: json(keptDeliverySchema, 'The delivery'),
    ...adminRead.problems,
    ...noDelivery,
  },
});

const replayRoute = createRoute({
  method: 'post',
  path: '/api/deliveries/{id}/replay',
  operationId: 'replayDelivery',
  tags,
  summary: 'Read a delivery again, and check the user it is about',
  security: adminWrite.security,
  request: { params: deliveryParams },
  responses: {
    200: json(replayedSchema, 'Applied'),
    ...adminWrite.problems,
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
    return c.json({ items, nextCursor: page.nextCursor?.toString() ?? null }, 200);
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

function deliveryView(delivery: ListedDelivery, language: Language): DeliveryView {
  return {
    id: delivery.id,
    receivedAt: timeView(delivery.receivedAt),
    answer: delivery.answer,
    trigger: delivery.trigger,
    userId: delivery.userId,
    shows: delivery.shows,
    reason: reasonView(delivery.reason, language),
    repeats: delivery.repeats,
    webhookId: delivery.webhookId,
    eventId: delivery.eventId,
    createdOn: timeView(delivery.createdOn),
  };
}

/** A delivery with its raw body as text. Bytes that are not UTF-8 are shown as �. */
function keptDeliveryView(delivery: KeptDelivery, language: Language): KeptDeliveryView {
  const body = Buffer.from(delivery.body).toString('utf8');
  return { ...deliveryView(delivery, language), body };
}
