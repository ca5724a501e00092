import { z } from 'zod';
import { invitationStatuses } from '../../domain/invitation.ts';
import { memberStates } from '../../domain/member.ts';
import { channelNames } from '../../domain/outcome.ts';
import { employeeTypes, invitationModes, triggers } from '../../domain/vocabulary.ts';
import { healthParts } from '../../health.ts';
import { deliveryAnswers } from '../../store/told.ts';
import { webhookAnswers } from '../../webhook/route.ts';

/*
 * What goes out over HTTP, for the OpenAPI document. `test/operations/openapi.test.ts` holds every
 * answer of the running service against these: a field that is not here is a fault there.
 */

const time = z.iso.datetime();
const text = z.string();
const userId = text.meta({ description: 'The portal’s user id' });
const nextCursor = text
  .nullable()
  .meta({ description: '`cursor` of the next page; null: this is the last one' });
const count = z.int().min(0);

export const problemSchema = z
  .object({
    type: text.meta({ description: 'Stable: programs may switch on it' }),
    title: text,
    status: z.int(),
    detail: text,
    errors: z
      .array(z.object({ path: text, message: text }))
      .optional()
      .meta({ description: 'Each fault of the input and where it is' }),
    invitation: text.optional().meta({ description: 'The invitation that it is about' }),
    retryAfter: z.number().optional().meta({ description: 'Seconds' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' });

const memberCounts = z.partialRecord(z.enum(memberStates), count);

const invitationShape = {
  id: text,
  status: z.enum(invitationStatuses),
  employeeType: z.enum(employeeTypes),
  mode: z.enum(invitationModes),
  email: text.nullable().meta({ description: 'Null: an open link, for many' }),
  note: text.nullable(),
  link: text.nullable().meta({ description: 'Erased once it is of no more use to anybody' }),
  issuedAt: time.nullable(),
  createdAt: time,
  revokedAt: time.nullable(),
  reason: text.nullable().meta({ description: 'Why it failed' }),
  memberCounts: memberCounts.optional().meta({ description: 'Of an open link: who came by it' }),
};
export const invitationSchema = z.object(invitationShape).meta({ id: 'Invitation' });
export const invitationResultsSchema = z
  .array(z.union([invitationSchema, problemSchema]))
  .meta({ description: 'One result per item, in their order' });
export const revokedSchema = z
  .object({ ...invitationShape, warning: text })
  .meta({ description: '`warning`: the portal cannot take a link back' });

const entrySchema = z
  .object({
    at: time,
    what: text,
    cause: text,
    actor: z.enum(['portal', 'service', 'poll', 'operator']),
    userId: text.nullable(),
  })
  .meta({ id: 'TimelineEntry' });

const memberShape = {
  userId,
  state: z.enum(memberStates),
  reason: text.nullable(),
  email: text.nullable(),
  firstName: text.nullable(),
  lastName: text.nullable(),
  employeeType: z.enum(employeeTypes).nullable(),
  invitationId: text.nullable(),
  dueAt: time.nullable().meta({ description: 'When they are looked at next' }),
  registeredAt: time.nullable(),
  activatedAt: time.nullable(),
  welcomedAt: time.nullable(),
  absentSince: time.nullable(),
};
export const memberSchema = z.object(memberShape).meta({ id: 'Member' });
export const memberStorySchema = z
  .object({
    ...memberShape,
    attempts: z.array(
      z.object({
        id: text,
        channel: z.enum(channelNames),
        startedAt: time,
        endedAt: time.nullable(),
        outcome: z.enum(['sent', 'not_sent', 'refused', 'unknown']).nullable(),
        detail: text.nullable(),
      }),
    ),
    timeline: z.array(entrySchema),
  })
  .meta({ id: 'MemberStory' });
export const invitationStorySchema = z
  .object({
    ...invitationShape,
    memberTotal: count.meta({ description: 'How many came by it in all' }),
    members: z.array(memberSchema).meta({ description: 'The newest: of an open link up to 100' }),
    timeline: z
      .array(entrySchema)
      .meta({ description: 'Oldest first; of an open link the newest 100 lines' }),
  })
  .meta({ id: 'InvitationStory' });
export const invitationPageSchema = z.object({ items: z.array(invitationSchema), nextCursor });
export const memberPageSchema = z.object({ items: z.array(memberSchema), nextCursor });

const deliveryShape = {
  id: z.int(),
  receivedAt: time,
  answer: z.enum(deliveryAnswers),
  trigger: z.enum(triggers).nullable(),
  userId: text.nullable(),
  shows: z.enum(['activated', 'not_active', 'terminated']).nullable(),
  reason: text.nullable().meta({ description: 'Why it could not be read' }),
  repeats: count.meta({ description: 'How often the same delivery came again' }),
  webhookId: z.int().nullable(),
  eventId: z.int().nullable(),
  createdOn: time.nullable(),
};
const deliverySchema = z.object(deliveryShape).meta({ id: 'Delivery' });
export const deliveryPageSchema = z.object({ items: z.array(deliverySchema), nextCursor });
export const keptDeliverySchema = z
  .object({ ...deliveryShape, body: text.meta({ description: 'As it came, as text' }) })
  .meta({ id: 'KeptDelivery' });
export const replayedSchema = z.object({ status: z.literal('applied'), userId });

const pauseSchema = z
  .object({
    name: text.meta({ examples: ['operator', 'hourly', 'portal', 'channel:docspace'] }),
    reason: text,
    since: time,
    until: time.nullable().meta({ description: 'Null: a person lifts it' }),
  })
  .meta({ id: 'Pause' });
export const pausesSchema = z.object({ pauses: z.array(pauseSchema) });

export const retriedSchema = z.object({ retried: count });

export const passSchema = z.object({
  kind: z.enum(['ordinary', 'full']),
  startedAt: time,
  endedAt: time,
  parts: z.array(
    z.object({
      part: z.enum(['journal', 'newest', 'not_yet_active', 'addresses', 'active']),
      lookedAt: count,
      found: count,
    }),
  ),
  interrupted: text.nullable().meta({ description: 'Why it ended early; the next one goes on' }),
});

const stateCounts = Object.fromEntries(memberStates.map((state) => [state, count])) as Record<
  (typeof memberStates)[number],
  typeof count
>;
const durationSchema = z
  .object({ count, p50Ms: z.number().nullable(), p90Ms: z.number().nullable() })
  .meta({ id: 'Duration', description: 'Within 5 %; null where nobody was counted' });
const restoredSchema = z
  .object({
    copiedAt: time,
    couldBeGreetedTwice: count,
    members: z.array(z.object({ userId, state: z.enum(memberStates), email: text.nullable() })),
    notYetActive: count,
  })
  .meta({ id: 'Restored', description: 'Who could be greeted twice, should the sending go on' });

export const statsSchema = z.object({
  members: z
    .object({ total: count, ...stateCounts })
    .meta({ description: 'The states always add up to the total' }),
  invitations: z.partialRecord(z.enum(invitationStatuses), count),
  deliveries: z
    .partialRecord(z.enum(webhookAnswers), count)
    .meta({ description: 'What the webhook answered since the start' }),
  durations: z.object({
    invitationToActivation: durationSchema,
    activationToWelcome: durationSchema,
  }),
  pauses: z.array(pauseSchema),
  restored: restoredSchema.nullable().meta({ description: 'Null: this database is no copy' }),
});

export const forgottenSchema = z.object({
  known: z.boolean().meta({ description: 'False: nobody and nothing had this address' }),
  erased: z
    .object({
      members: count,
      invitations: count,
      deliveries: count,
      timelineEntries: count,
      mentions: count,
    })
    .meta({ description: 'How much of what' }),
  scrubbed: z
    .boolean()
    .meta({ description: 'The freed pages of the database file are overwritten' }),
});

const findingSchema = z
  .object({ status: z.enum(['ok', 'warning', 'wrong']), detail: text })
  .meta({ id: 'Finding' });
export const readinessSchema = z.object(
  Object.fromEntries(healthParts.map((part) => [part, findingSchema])),
);

export const previewSchema = z.object({
  userId,
  state: z.enum(memberStates),
  wouldSend: z.boolean(),
  why: text.nullable().meta({ description: 'Why it would not be sent' }),
  dueAt: time.nullable(),
  channel: z.enum(channelNames),
  letter: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('mail'),
      from: text,
      to: text,
      subject: text,
      text,
      html: text,
      messageId: text,
      language: text,
    }),
    z.object({ kind: z.literal('portal_letter'), description: text }),
  ]),
});
