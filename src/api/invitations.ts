import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { LetterAttempt } from '../domain/decide-letter.ts';
import {
  type Invitation,
  invitationStatus,
  invitationStatuses,
  isLinkUsable,
  reminderDueAt,
} from '../domain/invitation.ts';
import { memberStates } from '../domain/member.ts';
import { outcomeKinds } from '../domain/outcome.ts';
import type { CommandReason, InvitationNotice, InvitationReason } from '../domain/reason.ts';
import {
  employeeTypes,
  invitationModes,
  letterKinds,
  letterStatuses,
} from '../domain/vocabulary.ts';
import { languageOf } from '../http/language.ts';
import { answerProblem, type Problem, problem } from '../http/problem.ts';
import { inviteAll } from '../invitations/invite-all.ts';
import type { InviteResult, Inviter } from '../invitations/inviter.ts';
import type { ReissueResult, Reissuer } from '../invitations/reissue.ts';
import { invitationRequestSchema, invitationRequestsSchema } from '../invitations/request.ts';
import { type Language, reasonText } from '../messages/render.ts';
import type { InvitationStory, ListedInvitation, StoreReads } from '../store/store.ts';
import { actorIn, maySeeLinks } from './auth.ts';
import type { Idempotency } from './idempotency.ts';
import { memberSchema, memberView, totalOf } from './members.ts';
import {
  adminGet,
  adminPost,
  createApi,
  invalidQuery,
  json,
  jsonBody,
  problems,
} from './openapi.ts';
import {
  count,
  invitationReasonSchema,
  memberReasonSchema,
  pageOf,
  pageView,
  pagingShape,
  problemSchema,
  reasonView,
  searchQuery,
  text,
  time,
  timelineEntrySchema,
  timelineView,
  timeQuery,
  timeView,
} from './schemas.ts';

// ── Schemas ─────────────────────────────────────────────────────────────────────────────────────

const invitationShape = {
  id: text,
  status: z.enum(invitationStatuses),
  employeeType: z.enum(employeeTypes),
  mode: z.enum(invitationModes),
  email: text.nullable().meta({ description: 'Null for an open link, which many people can use' }),
  note: text.nullable(),
  link: text
    .nullable()
    .meta({ description: 'Erased once nobody can use it any more; a viewer never sees it' }),
  issuedAt: time.nullable(),
  createdAt: time,
  revokedAt: time.nullable(),
  reason: invitationReasonSchema.nullable(),
  language: text.nullable().meta({ description: 'The language for letters, such as `pt-BR`' }),
  letter: z
    .enum(letterStatuses)
    .nullable()
    .meta({ description: 'The letter that this service mails (mode `smtp`)' }),
  reminderDueAt: time.nullable().meta({ description: 'When the next reminder is due' }),
  memberCounts: z
    .partialRecord(z.enum(memberStates), count)
    .optional()
    .meta({ description: 'Only for an open link: how many members came by it, by state' }),
};
const invitationSchema = z.object(invitationShape).meta({ id: 'Invitation' });
export type InvitationView = z.infer<typeof invitationSchema>;

export const issuedSchema = z
  .object({ ...invitationShape, warning: text.optional() })
  .meta({ description: '`warning`: why the person may not be able to open the link' });

const invitationResultsSchema = z
  .array(z.union([issuedSchema, problemSchema]))
  .meta({ description: 'One result per item, in their order' });

export const revokedSchema = z
  .object({ ...invitationShape, warning: text.optional() })
  .meta({ description: '`warning`: what a person who uses the link can still do' });

const letterSchema = z
  .object({
    kind: z.enum(letterKinds),
    startedAt: time,
    endedAt: time.nullable(),
    outcome: z.enum(outcomeKinds).nullable(),
    reason: memberReasonSchema.nullable(),
    detail: text.nullable().meta({ description: 'The text of `reason`' }),
  })
  .meta({ id: 'Letter', description: 'One attempt at mailing a letter' });

const invitationStorySchema = z
  .object({
    ...invitationShape,
    memberTotal: count.meta({ description: 'How many members came by this invitation' }),
    members: z
      .array(memberSchema)
      .meta({ description: 'The newest members, for an open link up to 100' }),
    letters: z.array(letterSchema).meta({ description: 'Oldest first' }),
    timeline: z
      .array(timelineEntrySchema)
      .meta({ description: 'Oldest first; of an open link the newest 100 entries' }),
  })
  .meta({ id: 'InvitationStory' });

export const invitationPageSchema = pageOf(invitationSchema);

export const invitationQuerySchema = z.strictObject({
  status: z.enum(invitationStatuses).optional(),
  employeeType: z.enum(employeeTypes).optional(),
  mode: z.enum(invitationModes).optional(),
  letter: z.enum(letterStatuses).optional(),
  email: text.optional(),
  q: searchQuery
    .optional()
    .meta({ description: 'Text anywhere in the e-mail address or the note' }),
  since: timeQuery.optional(),
  until: timeQuery.optional(),
  ...pagingShape,
});

const idempotencyHeaders = z.object({
  'Idempotency-Key': z
    .string()
    .regex(/^[\x20-\x7e]{1,255}$/, 'needs 1 to 255 printable characters')
    .optional()
    .meta({
      description:
        'A request that is repeated with the same key within 24 h has its effect once, and gets the same answer',
    }),
});

export const invitationParams = z.object({
  id: text.meta({ description: 'The id of the invitation' }),
});

// ── Routes ──────────────────────────────────────────────────────────────────────────────────────

export const noInvitation = problems({ 404: 'No invitation has this id' });
const tags = ['invitations'];
const portalTrouble = {
  422: 'The portal refused: `type_not_allowed`, `inviting_switched_off`, `guests_switched_off`, `address_not_accepted`, `no_seat_left`, `answer_without_link`, `user_not_found`, `invitation_not_made`, `permission_missing`. Or no mail server is set up: `mail_not_configured`',
  502: 'The portal gives no usable answer now: `portal_unreachable`, `portal_timed_out`, `portal_rate_limited` …',
};

const inviteRoute = adminPost({
  path: '/api/invitations',
  operationId: 'invite',
  tags,
  summary: 'Issue an invitation, or an array of up to 1,000',
  request: {
    headers: idempotencyHeaders,
    body: jsonBody(z.union([invitationRequestSchema, invitationRequestsSchema])),
  },
  responses: {
    201: json(
      z.union([issuedSchema, invitationResultsSchema]),
      'The invitation; for an array, one result per item: an invitation or a problem',
    ),
    ...problems({
      400: 'The body is not valid: see `errors`',
      409: '`already_user`, `already_invited`, `user_disabled`, `registered_not_confirmed`, `added_by_admin`, `pending_by_letter`, `pending_as_other_type`, `address_of_another_user`, `former_address`, `permission_missing`, `invitation_issuing`, `request-under-way`',
      422: `${portalTrouble[422]}; or \`key-reused\``,
      502: portalTrouble[502],
    }),
  },
});

const listRoute = adminGet({
  path: '/api/invitations',
  operationId: 'listInvitations',
  tags,
  summary: 'The invitations, newest first',
  request: { query: invitationQuerySchema },
  responses: { 200: json(invitationPageSchema, 'A page'), ...invalidQuery },
});

const showRoute = adminGet({
  path: '/api/invitations/{id}',
  operationId: 'showInvitation',
  tags,
  summary: 'One invitation with its members and timeline',
  request: { params: invitationParams },
  responses: { 200: json(invitationStorySchema, 'The invitation'), ...noInvitation },
});

const revokeRoute = adminPost({
  path: '/api/invitations/{id}/revoke',
  operationId: 'revokeInvitation',
  tags,
  summary: 'Close the record of an invitation',
  description:
    'The portal cannot take a link back: a person who uses it can still register, but gets no welcome.',
  request: { params: invitationParams },
  responses: {
    200: json(revokedSchema, 'Closed'),
    ...noInvitation,
    ...problems({
      409: '`already_revoked`, `too_late_to_revoke`, `never_issued`, `invitation_issuing`',
    }),
  },
});

const resendRoute = adminPost({
  path: '/api/invitations/{id}/resend',
  operationId: 'resendInvitation',
  tags,
  summary: 'Mail it again, or get a fresh link under the same id',
  request: { params: invitationParams },
  responses: {
    200: json(issuedSchema, 'Sent again'),
    ...noInvitation,
    ...problems({
      409: '`too_late_to_resend`, `revoked_invite_again`, `never_issued`, `invitation_issuing`, `user_disabled`, `registered_not_confirmed`, `added_by_admin`, `pending_by_letter`, `address_of_another_user`, `already_invited`, `letter_under_way`',
      ...portalTrouble,
    }),
  },
});

export function invitationRoutes(options: {
  readonly reads: Pick<StoreReads, 'listInvitations' | 'invitationStory'>;
  readonly inviter: Pick<Inviter, 'invite' | 'inviteTogether'>;
  readonly reissuer: Reissuer;
  readonly idempotency: Idempotency;
  readonly now: () => number;
}) {
  const { reads, inviter, reissuer, idempotency, now } = options;
  const routes = createApi();

  routes.openapi(inviteRoute, async (c) => {
    const request = c.req.valid('json');
    const key = c.req.valid('header')['Idempotency-Key'];
    const language = languageOf(c);
    return idempotency.once(c, key, request, async () => {
      if ('employeeType' in request) {
        const result = resultView(await inviter.invite(request, actorIn(c)), now(), language);
        return 'type' in result ? answerProblem(c, result) : c.json(result, 201);
      }
      const results = await inviteAll(inviter, request, actorIn(c));
      const views = results.map((result) => resultView(result, now(), language));
      return c.json(views, 201);
    });
  });

  routes.openapi(listRoute, async (c) => {
    const { limit, cursor, ...filter } = c.req.valid('query');
    const page = await reads.listInvitations(filter, { limit, cursor }, now());
    const language = languageOf(c);
    const items = page.items
      .map((invitation) => (maySeeLinks(c) ? invitation : withoutLink(invitation)))
      .map((invitation) => invitationView(invitation, now(), language));
    return c.json(pageView(items, page), 200);
  });

  routes.openapi(showRoute, async (c) => {
    const story = await reads.invitationStory(c.req.valid('param').id);
    if (!story) return answerNoInvitation(c);
    const invitation = maySeeLinks(c) ? story.invitation : withoutLink(story.invitation);
    return c.json(invitationStoryView({ ...story, invitation }, now(), languageOf(c)), 200);
  });

  routes.openapi(revokeRoute, async (c) => {
    const result = await reissuer.revoke(c.req.valid('param').id, actorIn(c));
    if (result.kind !== 'done') return answerNotReissued(c, result);
    return c.json(noticedView(result, now(), languageOf(c)), 200);
  });

  routes.openapi(resendRoute, async (c) => {
    const result = await reissuer.resend(c.req.valid('param').id, actorIn(c));
    if (result.kind !== 'done') return answerNotReissued(c, result);
    return c.json(noticedView(result, now(), languageOf(c)), 200);
  });

  return routes;
}

function answerNotReissued(c: Context, result: Exclude<ReissueResult, { kind: 'done' }>) {
  const language = languageOf(c);
  switch (result.kind) {
    case 'forbidden': {
      const { reason, invitationId: invitation } = result;
      return answerProblem(c, reasonProblem('conflict', reason, language, { invitation }));
    }
    case 'refused': {
      const { reason, invitationId: invitation } = result;
      return answerProblem(c, reasonProblem('portal-refused', reason, language, { invitation }));
    }
    case 'trouble':
      return answerProblem(c, reasonProblem('portal-unavailable', result.reason, language));
    case 'mail_not_configured':
      return answerProblem(c, mailProblem(language));
    case 'missing':
      return answerNoInvitation(c);
    default:
      return result satisfies never;
  }
}

export function mailProblem(language: Language): Problem {
  return problem('mail_not_configured', reasonText({ code: 'mail_not_configured' }, language));
}

export function answerNoInvitation(c: Context) {
  return answerProblem(c, problem('not-found', 'No invitation has this id'));
}

function reasonProblem(
  kind: 'conflict' | 'portal-refused' | 'portal-unavailable',
  reason: CommandReason | InvitationReason,
  language: Language,
  more: Pick<Problem, 'invitation' | 'retryAfter'> = {},
): Problem {
  return problem(kind, reasonText(reason, language), { code: reason.code, ...more });
}

// ── Answers ─────────────────────────────────────────────────────────────────────────────────────

function resultView(result: InviteResult, now: number, language: Language): IssuedView | Problem {
  switch (result.kind) {
    case 'issued':
      return noticedView(result, now, language);
    case 'conflict': {
      const { reason, invitationId } = result;
      const more = invitationId === null ? {} : { invitation: invitationId };
      return reasonProblem('conflict', reason, language, more);
    }
    case 'refused': {
      const { reason, invitation } = result;
      return reasonProblem('portal-refused', reason, language, { invitation: invitation.id });
    }
    case 'mail_not_configured':
      return mailProblem(language);
    case 'trouble': {
      const { fault, retryAt, unsettledId } = result;
      const seconds = retryAt === null ? null : Math.max(1, Math.ceil((retryAt - now) / 1_000));
      const found = reasonProblem('portal-unavailable', fault, language, {
        ...(unsettledId === null ? {} : { invitation: unsettledId }),
        ...(seconds === null ? {} : { retryAfter: seconds }),
      });
      if (unsettledId === null) return found;
      const note = `invitation ${unsettledId} stays "issuing" until the portal can be read`;
      return { ...found, detail: `${found.detail}; ${note}` };
    }
    default:
      return result satisfies never;
  }
}

type IssuedView = z.infer<typeof issuedSchema>;

function noticedView(
  result: { readonly invitation: Invitation; readonly notice: InvitationNotice | null },
  now: number,
  language: Language,
): IssuedView {
  const view = invitationView(result.invitation, now, language);
  return result.notice ? { ...view, warning: reasonText(result.notice, language) } : view;
}

/** Removes the link of an invitation for a viewer, because a viewer could give the link to anybody. */
export function withoutLink<I extends { readonly link: string | null }>(invitation: I): I {
  return { ...invitation, link: null };
}

export function invitationView(
  invitation: Invitation | ListedInvitation,
  now: number,
  language: Language,
): InvitationView {
  const counts = 'memberCounts' in invitation ? invitation.memberCounts : null;
  return {
    id: invitation.id,
    status: invitationStatus(invitation, now),
    employeeType: invitation.employeeType,
    mode: invitation.mode,
    email: invitation.email,
    note: invitation.note,
    link: isLinkUsable(invitation, now) ? invitation.link : null,
    issuedAt: timeView(invitation.issuedAt),
    createdAt: timeView(invitation.createdAt),
    revokedAt: timeView(invitation.revokedAt),
    reason: reasonView(invitation.reason, language),
    language: invitation.language,
    letter: invitation.letter,
    reminderDueAt: timeView(reminderDueAt(invitation, now)),
    ...(counts ? { memberCounts: counts } : {}),
  };
}

export function invitationStoryView(
  story: InvitationStory,
  now: number,
  language: Language,
): z.infer<typeof invitationStorySchema> {
  const { memberCounts } = story.invitation;
  return {
    ...invitationView(story.invitation, now, language),
    memberTotal: memberCounts === null ? story.members.length : totalOf(memberCounts),
    members: story.members.map((member) => memberView(member, language)),
    letters: story.letters.map((letter) => letterView(letter, language)),
    timeline: story.timeline.map((entry) => timelineView(entry, language)),
  };
}

function letterView(
  { kind, startedAt, endedAt, outcome, reason }: LetterAttempt,
  language: Language,
): z.infer<typeof letterSchema> {
  return {
    kind,
    startedAt: timeView(startedAt),
    endedAt: timeView(endedAt),
    outcome,
    reason: reasonView(reason, language),
    detail: reason && reasonText(reason, language),
  };
}
