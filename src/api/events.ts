import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { receiverReasonCodes } from '../domain/reason.ts';
import type { Events, EventsStatus } from '../events/events.ts';
import type { Try } from '../events/receiver.ts';
import { languageOf } from '../http/language.ts';
import { answerProblem, problem } from '../http/problem.ts';
import type { Language } from '../messages/render.ts';
import {
  adminGet,
  adminPost,
  createApi,
  invalidBody,
  json,
  jsonBody,
  problems,
} from './openapi.ts';
import { count, reasonSchemaOf, reasonView, text, time, timeQuery, timeView } from './schemas.ts';

// ── Schemas ─────────────────────────────────────────────────────────────────────────────────────

const receiverReasonSchema = reasonSchemaOf('ReceiverReason', receiverReasonCodes);

const statusSchema = z
  .object({
    state: z.enum(['off', 'delivering', 'failing', 'paused']),
    receiver: text
      .nullable()
      .meta({ description: 'The origin of EVENTS_URL; its path may be a secret' }),
    waiting: count.meta({ description: 'Events that are not delivered yet, counted up to 10000' }),
    oldestAt: time.nullable().meta({ description: 'When the first of them happened' }),
    deliveredAt: time
      .nullable()
      .meta({ description: 'The last delivery since the start of the service' }),
    failingSince: time.nullable(),
    nextTryAt: time.nullable(),
    reason: receiverReasonSchema.nullable().meta({ description: 'Why the last try failed' }),
    pausedAt: time.nullable().meta({ description: 'When the receiver answered 410' }),
  })
  .meta({ id: 'EventsStatus' });
export type EventsStatusView = z.infer<typeof statusSchema>;

const testSchema = z
  .object({ delivered: z.boolean(), reason: receiverReasonSchema.nullable() })
  .meta({ id: 'EventsTest' });

const replaySchema = z.strictObject({
  since: timeQuery.meta({ description: 'A date or a time (RFC 3339)' }),
});

// ── Routes ──────────────────────────────────────────────────────────────────────────────────────

const tags = ['events'];
const off = problems({ 409: '`events-off`: EVENTS_URL is not set' });

const statusRoute = adminGet({
  path: '/api/events',
  operationId: 'eventsStatus',
  tags,
  summary: 'Whether events are delivered, and how many wait',
  responses: { 200: json(statusSchema, 'The state') },
});

const resumeRoute = adminPost({
  path: '/api/events/resume',
  operationId: 'resumeEvents',
  tags,
  summary: 'End the pause that an answer 410 of the receiver caused, and try again now',
  responses: { 200: json(statusSchema, 'The state'), ...off },
});

const replayRoute = adminPost({
  path: '/api/events/replay',
  operationId: 'replayEvents',
  tags,
  summary: 'Send the events since this time again, with the same ids and in the same order',
  request: { body: jsonBody(replaySchema) },
  responses: { 200: json(statusSchema, 'The state'), ...off, ...invalidBody },
});

const testRoute = adminPost({
  path: '/api/events/test',
  operationId: 'testEvents',
  tags,
  summary: 'Send the event `service.test` once',
  responses: { 200: json(testSchema, 'Whether the receiver accepted it'), ...off },
});

/** @param events null: events are off */
export function eventRoutes(events: Events | null) {
  const routes = createApi();
  routes.openapi(statusRoute, async (c) =>
    c.json(statusView(events && (await events.status()), languageOf(c)), 200),
  );
  routes.openapi(resumeRoute, async (c) => {
    if (!events) return answerOff(c);
    await events.resume();
    return c.json(statusView(await events.status(), languageOf(c)), 200);
  });
  routes.openapi(replayRoute, async (c) => {
    if (!events) return answerOff(c);
    await events.replay(c.req.valid('json').since);
    return c.json(statusView(await events.status(), languageOf(c)), 200);
  });
  routes.openapi(testRoute, async (c) => {
    if (!events) return answerOff(c);
    return c.json(testView(await events.test(), languageOf(c)), 200);
  });
  return routes;
}

function answerOff(c: Context) {
  const detail = 'EVENTS_URL is not set: set it with EVENTS_SECRET, and restart the service';
  return answerProblem(c, problem('events-off', detail));
}

// ── Answers ─────────────────────────────────────────────────────────────────────────────────────

function statusView(status: EventsStatus | null, language: Language): EventsStatusView {
  const failure = status?.failure ?? null;
  return {
    state: status?.state ?? 'off',
    receiver: status?.origin ?? null,
    waiting: status?.lag.count ?? 0,
    oldestAt: timeView(status?.lag.oldestAt ?? null),
    deliveredAt: timeView(status?.deliveredAt ?? null),
    failingSince: timeView(failure?.since ?? null),
    nextTryAt: timeView(failure?.nextTryAt ?? null),
    reason: reasonView(failure?.reason ?? null, language),
    pausedAt: timeView(status?.pausedAt ?? null),
  };
}

function testView(result: Try, language: Language): z.infer<typeof testSchema> {
  const reason = result.kind === 'failed' ? result.reason : null;
  return { delivered: result.kind === 'delivered', reason: reasonView(reason, language) };
}
