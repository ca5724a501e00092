import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type Member, memberStates } from '../domain/member.ts';
import { outcomeKinds } from '../domain/outcome.ts';
import { memberReasonCodes } from '../domain/reason.ts';
import { employeeTypes } from '../domain/vocabulary.ts';
import { languageOf } from '../http/language.ts';
import { answerProblem, problem } from '../http/problem.ts';
import { type Language, reasonText } from '../messages/render.ts';
import type { Recorded } from '../onboarding/recorder.ts';
import type { Operator } from '../operations/operator.ts';
import type { Attempt, MemberCounts, MemberStory, StoreReads } from '../store/store.ts';
import { actorIn } from './auth.ts';
import {
  adminGet,
  adminPost,
  createApi,
  invalidBody,
  invalidQuery,
  json,
  jsonBody,
  problems,
} from './openapi.ts';
import {
  channelSchema,
  count,
  memberReasonSchema,
  pageOf,
  pageView,
  pagingShape,
  reasonView,
  searchQuery,
  text,
  time,
  timelineEntrySchema,
  timelineView,
  timeView,
  userId,
} from './schemas.ts';

// ── Schemas ─────────────────────────────────────────────────────────────────────────────────────

const memberShape = {
  userId,
  state: z.enum(memberStates),
  reason: memberReasonSchema.nullable(),
  email: text.nullable(),
  firstName: text.nullable(),
  lastName: text.nullable(),
  employeeType: z
    .enum(employeeTypes)
    .nullable()
    .meta({ description: 'The role in the portal; null until it was read' }),
  invitedAs: z
    .enum(employeeTypes)
    .nullable()
    .meta({ description: 'The role in the invitation by which the person came' }),
  invitationId: text.nullable(),
  dueAt: time.nullable().meta({ description: 'When the next step is due' }),
  registeredAt: time.nullable(),
  activatedAt: time.nullable(),
  welcomedAt: time.nullable(),
  absentSince: time.nullable(),
};
export const memberSchema = z.object(memberShape).meta({ id: 'Member' });
export type MemberView = z.infer<typeof memberSchema>;

const attemptSchema = z
  .object({
    id: text,
    channel: channelSchema,
    startedAt: time,
    endedAt: time.nullable(),
    outcome: z.enum(outcomeKinds).nullable(),
    reason: memberReasonSchema.nullable(),
    detail: text.nullable().meta({ description: 'The text of `reason`' }),
  })
  .meta({ id: 'Attempt' });

const memberStorySchema = z
  .object({
    ...memberShape,
    attempts: z.array(attemptSchema),
    timeline: z.array(timelineEntrySchema),
  })
  .meta({ id: 'MemberStory' });

const memberPageSchema = pageOf(memberSchema);

const memberQuerySchema = z.strictObject({
  state: z.enum(memberStates).optional(),
  email: text.optional(),
  reason: z.enum(memberReasonCodes).optional(),
  q: searchQuery
    .optional()
    .meta({ description: 'Text anywhere in the name or the e-mail address' }),
  invitationId: text.optional(),
  ...pagingShape,
});

export const resolveSchema = z.strictObject({ outcome: z.enum(['sent', 'retry']) });
const retryFailedSchema = z.strictObject({ reason: z.enum(memberReasonCodes).optional() });
export const retriedSchema = z.object({ retried: count });
export const resolvedSchema = z.object({ resolved: count });

export const memberParams = z.object({ userId: z.string().toLowerCase() });

// ── Routes ──────────────────────────────────────────────────────────────────────────────────────

export const noMember = problems({ 404: 'No member has this user id' });
const tags = ['members'];

const listRoute = adminGet({
  path: '/api/members',
  operationId: 'listMembers',
  tags,
  summary: 'The people that the service follows, newest first',
  request: { query: memberQuerySchema },
  responses: { 200: json(memberPageSchema, 'A page'), ...invalidQuery },
});

const showRoute = adminGet({
  path: '/api/members/{userId}',
  operationId: 'showMember',
  tags,
  summary: 'One member with attempts and timeline',
  request: { params: memberParams },
  responses: { 200: json(memberStorySchema, 'The member'), ...noMember },
});

const retryFailedRoute = adminPost({
  path: '/api/members/retry',
  operationId: 'retryFailed',
  tags,
  summary: 'Check all `failed` members again, or those with this reason',
  request: { body: { content: { 'application/json': { schema: retryFailedSchema } } } },
  responses: { 200: json(retriedSchema, 'How many members are checked again'), ...invalidBody },
});

const retryRoute = adminPost({
  path: '/api/members/{userId}/retry',
  operationId: 'retryMember',
  tags,
  summary: 'Check this member again now, then send the welcome',
  request: { params: memberParams },
  responses: {
    200: json(memberSchema, 'The member'),
    ...noMember,
    ...problems({
      409: '`attempt_under_way`, `outcome_unknown` (use resolve), `already_welcomed`, `person_forgotten`',
    }),
  },
});

const resolveUnknownRoute = adminPost({
  path: '/api/members/resolve',
  operationId: 'resolveUnknown',
  tags,
  summary: 'Decide all welcomes with unknown outcome: mark them as sent, or send them again',
  request: { body: jsonBody(resolveSchema) },
  responses: { 200: json(resolvedSchema, 'How many members were decided'), ...invalidBody },
});

const resolveRoute = adminPost({
  path: '/api/members/{userId}/resolve',
  operationId: 'resolveMember',
  tags,
  summary: 'Decide a welcome with unknown outcome: mark it as sent, or send it again',
  request: { params: memberParams, body: jsonBody(resolveSchema) },
  responses: {
    200: json(memberSchema, 'The member'),
    ...invalidBody,
    ...noMember,
    ...problems({ 409: '`not_unknown`, `person_forgotten_only_sent`' }),
  },
});

export function memberRoutes(options: {
  readonly reads: Pick<StoreReads, 'listMembers' | 'memberStory'>;
  readonly operator: Pick<Operator, 'retry' | 'resolve' | 'resolveUnknown' | 'retryFailed'>;
}) {
  const { reads, operator } = options;
  const routes = createApi();

  routes.openapi(listRoute, async (c) => {
    const { limit, cursor, ...filter } = c.req.valid('query');
    const page = await reads.listMembers(filter, { limit, cursor });
    const language = languageOf(c);
    const items = page.items.map((member) => memberView(member, language));
    return c.json(pageView(items, page), 200);
  });

  routes.openapi(showRoute, async (c) => {
    const story = await reads.memberStory(c.req.valid('param').userId);
    return story ? c.json(memberStoryView(story, languageOf(c)), 200) : answerNoMember(c);
  });

  routes.openapi(retryFailedRoute, async (c) => {
    const { reason } = c.req.valid('json');
    return c.json({ retried: await operator.retryFailed(reason ?? null, actorIn(c)) }, 200);
  });

  routes.openapi(resolveUnknownRoute, async (c) => {
    const { outcome } = c.req.valid('json');
    return c.json({ resolved: await operator.resolveUnknown(outcome, actorIn(c)) }, 200);
  });

  routes.openapi(retryRoute, async (c) =>
    answerRecorded(c, await operator.retry(c.req.valid('param').userId, actorIn(c))),
  );

  routes.openapi(resolveRoute, async (c) => {
    const { outcome } = c.req.valid('json');
    return answerRecorded(
      c,
      await operator.resolve(c.req.valid('param').userId, outcome, actorIn(c)),
    );
  });

  return routes;
}

function answerRecorded(c: Context, recorded: Recorded) {
  const language = languageOf(c);
  switch (recorded.kind) {
    case 'recorded':
      return c.json(memberView(recorded.member, language), 200);
    case 'forbidden': {
      const { reason } = recorded;
      const detail = reasonText(reason, language);
      return answerProblem(c, problem('conflict', detail, { code: reason.code }));
    }
    case 'no_such_member':
      return answerNoMember(c);
    default:
      return recorded satisfies never;
  }
}

export function answerNoMember(c: Context) {
  return answerProblem(c, problem('not-found', 'No member has this user id'));
}

// ── Answers ─────────────────────────────────────────────────────────────────────────────────────

export function memberView(member: Member, language: Language): MemberView {
  return {
    userId: member.userId,
    state: member.state,
    reason: reasonView(member.reason, language),
    email: member.email,
    firstName: member.firstName,
    lastName: member.lastName,
    employeeType: member.employeeType,
    invitedAs: member.invitedAs,
    invitationId: member.invitationId,
    dueAt: timeView(member.dueAt),
    registeredAt: timeView(member.registeredAt),
    activatedAt: timeView(member.activatedAt),
    welcomedAt: timeView(member.welcomedAt),
    absentSince: timeView(member.absentSince),
  };
}

export function memberStoryView(
  story: MemberStory,
  language: Language,
): z.infer<typeof memberStorySchema> {
  return {
    ...memberView(story.member, language),
    attempts: story.attempts.map((attempt) => attemptView(attempt, language)),
    timeline: story.timeline.map((entry) => timelineView(entry, language)),
  };
}

function attemptView(attempt: Attempt, language: Language): z.infer<typeof attemptSchema> {
  return {
    ...attempt,
    startedAt: timeView(attempt.startedAt),
    endedAt: timeView(attempt.endedAt),
    reason: reasonView(attempt.reason, language),
    detail: attempt.reason && reasonText(attempt.reason, language),
  };
}

/** The number of members in all states together. */
export function totalOf(counts: MemberCounts): number {
  return Object.values(counts).reduce((sum, one) => sum + one, 0);
}
