import { z } from '@hono/zod-openapi';
import { memberStates } from '../domain/member.ts';
import { languageOf } from '../http/language.ts';
import { answerProblem } from '../http/problem.ts';
import { type Language, reasonText } from '../messages/render.ts';
import type { NotSentReason, Preview, Previewer } from '../operations/preview.ts';
import { answerNoInvitation, invitationParams, mailProblem, noInvitation } from './invitations.ts';
import { answerNoMember, memberParams, noMember } from './members.ts';
import { adminGet, createApi, json, problems } from './openapi.ts';
import { pauseSchema, pauseView } from './operations.ts';
import {
  channelSchema,
  memberReasonSchema,
  reasonView,
  text,
  time,
  timeView,
  userId,
} from './schemas.ts';

const notSentSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('state'),
    state: z.enum(memberStates),
    reason: memberReasonSchema.nullable(),
  }),
  z.object({ kind: z.literal('obstacle'), reason: memberReasonSchema }),
  z.object({ kind: z.literal('paused'), pauses: z.array(pauseSchema) }),
  z.object({ kind: z.literal('refused_by_all_channels') }),
]);

const mailSchema = z.object({
  kind: z.literal('mail'),
  from: text,
  to: text,
  subject: text,
  text,
  html: text,
  messageId: text,
  language: text,
});

export const previewSchema = z
  .object({
    userId,
    state: z.enum(memberStates),
    wouldSend: z.boolean(),
    why: text
      .nullable()
      .meta({ description: 'A sentence for people that says why it would not be sent' }),
    notSent: notSentSchema
      .nullable()
      .meta({ description: 'Why it would not be sent, for programs' }),
    dueAt: time.nullable(),
    channel: channelSchema,
    letter: z.discriminatedUnion('kind', [
      mailSchema,
      z.object({ kind: z.literal('portal_letter'), description: text }),
    ]),
  })
  .meta({ id: 'Preview' });
export type PreviewView = z.infer<typeof previewSchema>;

const previewRoute = adminGet({
  path: '/api/members/{userId}/preview',
  operationId: 'previewWelcome',
  tags: ['members'],
  summary: 'The welcome as this person would get it, whether it would be sent, and why not',
  request: { params: memberParams },
  responses: { 200: json(previewSchema, 'The welcome'), ...noMember },
});

export const letterPreviewSchema = z.object({ letter: mailSchema });

const previewLetterRoute = adminGet({
  path: '/api/invitations/{id}/preview',
  operationId: 'previewInvitation',
  tags: ['invitations'],
  summary: 'The letter of an invitation as this person would get it, with a sample link',
  request: { params: invitationParams },
  responses: {
    200: json(letterPreviewSchema, 'The letter'),
    ...noInvitation,
    ...problems({ 422: '`mail_not_configured`' }),
  },
});

export function previewRoutes(previewer: Previewer) {
  const routes = createApi();
  routes.openapi(previewRoute, async (c) => {
    const preview = await previewer.preview(c.req.valid('param').userId);
    return preview ? c.json(previewView(preview, languageOf(c)), 200) : answerNoMember(c);
  });
  routes.openapi(previewLetterRoute, async (c) => {
    const letter = await previewer.previewLetter(c.req.valid('param').id);
    if (letter === 'missing') return answerNoInvitation(c);
    if (letter === 'mail_not_configured') return answerProblem(c, mailProblem(languageOf(c)));
    return c.json({ letter }, 200);
  });
  return routes;
}

function previewView(preview: Preview, language: Language): PreviewView {
  const { notSent, dueAt, ...rest } = preview;
  return {
    ...rest,
    wouldSend: notSent === null,
    why: notSent && notSentText(notSent, language),
    notSent: notSent && notSentView(notSent, language),
    dueAt: timeView(dueAt),
  };
}

function notSentView(notSent: NotSentReason, language: Language): z.infer<typeof notSentSchema> {
  switch (notSent.kind) {
    case 'state':
      return { ...notSent, reason: reasonView(notSent.reason, language) };
    case 'obstacle':
      return { ...notSent, reason: reasonView(notSent.reason, language) };
    case 'paused':
      return { kind: 'paused', pauses: notSent.pauses.map((pause) => pauseView(pause, language)) };
    case 'refused_by_all_channels':
      return notSent;
    default:
      return notSent satisfies never;
  }
}

function notSentText(notSent: NotSentReason, language: Language): string {
  switch (notSent.kind) {
    case 'state':
      return stateText(notSent, language);
    case 'obstacle':
      return reasonText(notSent.reason, language);
    case 'paused':
      return notSent.pauses.map(({ reason }) => reasonText(reason, language)).join('; ');
    case 'refused_by_all_channels':
      return 'every channel refused this person';
    default:
      return notSent satisfies never;
  }
}

function stateText(
  { state, reason }: Extract<NotSentReason, { kind: 'state' }>,
  language: Language,
): string {
  switch (state) {
    case 'welcomed':
      return reasonText({ code: 'already_welcomed' }, language);
    case 'sending':
      return reasonText({ code: 'attempt_under_way' }, language);
    case 'unknown':
      return reasonText({ code: 'outcome_unknown' }, language);
    case 'waiting':
    case 'skipped':
    case 'gone':
    case 'failed':
      return reason ? `${state}: ${reasonText(reason, language)}` : state;
    default:
      return state satisfies never;
  }
}
