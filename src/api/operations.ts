import { z } from '@hono/zod-openapi';
import { languageOf } from '../http/language.ts';
import type { Language } from '../messages/render.ts';
import type { Pause } from '../onboarding/pauses.ts';
import type { Operator } from '../operations/operator.ts';
import type { RunReport } from '../reconciliation/reconciler.ts';
import { actorIn } from './auth.ts';
import { adminPost, createApi, json } from './openapi.ts';
import {
  count,
  interruptReasonSchema,
  pauseReasonSchema,
  reasonView,
  text,
  time,
  timeView,
} from './schemas.ts';

// ── Schemas ─────────────────────────────────────────────────────────────────────────────────────

export const pauseSchema = z
  .object({
    name: text.meta({ examples: ['operator', 'hourly', 'portal', 'channel:docspace'] }),
    reason: pauseReasonSchema,
    since: time,
    until: time
      .nullable()
      .meta({ description: 'When the pause ends by itself; null: it lasts until `resume`' }),
  })
  .meta({ id: 'Pause' });

export const pausesSchema = z.object({ pauses: z.array(pauseSchema) });

export const runSchema = z.object({
  kind: z.enum(['ordinary', 'full']),
  startedAt: time,
  endedAt: time,
  parts: z.array(
    z.object({
      part: z.enum(['journal', 'newest', 'not_yet_active', 'addresses', 'active']),
      lookedAt: count.meta({ description: 'People or rows that were checked' }),
      found: count.meta({ description: 'How many of them no delivery had reported' }),
    }),
  ),
  /** Why the run ended early; null: it was complete. The next run continues where this one ended. */
  interrupted: interruptReasonSchema.nullable(),
});

// ── Routes ──────────────────────────────────────────────────────────────────────────────────────

const tags = ['operation'];

const reconcileRoute = adminPost({
  path: '/api/reconcile',
  operationId: 'reconcile',
  tags,
  summary: 'Poll the portal now for changes that the webhook missed',
  description:
    'It is a full run. A call during a full run gets the result of that run; during an ordinary run, it waits for the end of that run first.',
  responses: { 200: json(runSchema, 'What it checked and found') },
});

const pauseRoute = adminPost({
  path: '/api/pause',
  operationId: 'pause',
  tags,
  summary: 'Hold back every welcome',
  responses: { 200: json(pausesSchema, 'The pauses') },
});

const resumeRoute = adminPost({
  path: '/api/resume',
  operationId: 'resume',
  tags,
  summary: 'End all pauses, reset the hourly limit and send pending welcomes now',
  responses: { 200: json(pausesSchema, 'The pauses that remain') },
});

/** The routes of the commands that affect the whole service. */
export function operationRoutes(options: {
  readonly operator: Pick<Operator, 'reconcile' | 'pause' | 'resume'>;
  readonly pauses: () => readonly Pause[];
}) {
  const { operator, pauses } = options;
  const routes = createApi();
  const pausesView = (language: Language) => ({
    pauses: pauses().map((pause) => pauseView(pause, language)),
  });

  routes.openapi(reconcileRoute, async (c) =>
    c.json(runView(await operator.reconcile(), languageOf(c)), 200),
  );
  routes.openapi(pauseRoute, async (c) => {
    await operator.pause(actorIn(c));
    return c.json(pausesView(languageOf(c)), 200);
  });
  routes.openapi(resumeRoute, async (c) => {
    await operator.resume(actorIn(c));
    return c.json(pausesView(languageOf(c)), 200);
  });
  return routes;
}

// ── Answers ─────────────────────────────────────────────────────────────────────────────────────

export function pauseView(pause: Pause, language: Language): z.infer<typeof pauseSchema> {
  return {
    ...pause,
    reason: reasonView(pause.reason, language),
    since: timeView(pause.since),
    until: timeView(pause.until),
  };
}

function runView(report: RunReport, language: Language): z.infer<typeof runSchema> {
  return {
    kind: report.kind,
    startedAt: timeView(report.startedAt),
    endedAt: timeView(report.endedAt),
    parts: report.parts.map(({ part, checked, found }) => ({ part, lookedAt: checked, found })),
    interrupted: reasonView(report.interrupted, language),
  };
}
