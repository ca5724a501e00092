import { z } from '@hono/zod-openapi';
import { channelNames } from '../domain/outcome.ts';
import {
  commandReasonCodes,
  deliveryReasonCodes,
  interruptReasonCodes,
  invitationReasonCodes,
  memberReasonCodes,
  pauseReasonCodes,
  type Reason,
} from '../domain/reason.ts';
import { actorKinds, causeKinds, timelineEvents } from '../domain/timeline.ts';
import { problemKinds, problemTypePrefix } from '../http/problem.ts';
import { eventText, type Language, reasonText } from '../messages/render.ts';
import type { TimelineEntry } from '../store/store.ts';

/*
 * Schemas that several resources share. The OpenAPI document, the checks of requests and the types of
 * answers all come from schemas.
 */

// ── Requests ────────────────────────────────────────────────────────────────────────────────────

/** A date or a time. It is converted to UTC milliseconds. */
export const timeQuery = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], 'is not a date (RFC 3339)')
  .transform((text) => Date.parse(text));

/**
 * The paging fields of every list. The query of a list is a strict object, so that a misspelt filter is
 * a fault and never lists everything.
 */
export const pagingShape = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z
    .string()
    .regex(/^\d{1,15}$/, 'is not a cursor of this list')
    .transform(Number)
    .optional(),
};

const isDense = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/**
 * A text of at least three characters, or of at least two if one of them is Chinese, Japanese or Korean.
 */
export const searchQuery = z
  .string()
  .trim()
  .max(200)
  .refine((text) => [...text].length >= (isDense.test(text) ? 2 : 3), {
    message: 'needs three or more characters',
  });

// ── Answers ─────────────────────────────────────────────────────────────────────────────────────

export const text = z.string();
export const count = z.int().min(0);
export const time = z.iso.datetime();
export const userId = text.meta({ description: 'The portal’s user id' });

/** Formats a time (UTC ms) as RFC 3339. */
export function timeView(at: number): string;
export function timeView(at: number | null): string | null;
export function timeView(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

/** Returns the schema of one page of a list. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    nextCursor: text
      .nullable()
      .meta({ description: '`cursor` of the next page; null: this is the last page' }),
  });
}

export function pageView<T>(items: T[], { nextCursor }: { readonly nextCursor: number | null }) {
  return { items, nextCursor: nextCursor?.toString() ?? null };
}

// ── Reasons ─────────────────────────────────────────────────────────────────────────────────────

/** Returns the schema of a reason: a code, the parameters of this code, and a text for people. */
export function reasonSchemaOf<C extends string>(id: string, codes: readonly [C, ...C[]]) {
  return z
    .looseObject({ code: z.enum(codes), text: text.meta({ description: 'A sentence for people' }) })
    .meta({ id, description: 'Parameters of the code are further fields' });
}

export const memberReasonSchema = reasonSchemaOf('MemberReason', memberReasonCodes);
export const invitationReasonSchema = reasonSchemaOf('InvitationReason', invitationReasonCodes);
export const deliveryReasonSchema = reasonSchemaOf('DeliveryReason', deliveryReasonCodes);
export const interruptReasonSchema = reasonSchemaOf('InterruptReason', interruptReasonCodes);
export const pauseReasonSchema = reasonSchemaOf('PauseReason', pauseReasonCodes);

/** Adds the text in the caller's language to a reason. */
export function reasonView<R extends Reason>(
  reason: R,
  language: Language,
): R & { readonly text: string };
export function reasonView<R extends Reason>(
  reason: R | null,
  language: Language,
): (R & { readonly text: string }) | null;
export function reasonView<R extends Reason>(reason: R | null, language: Language) {
  return reason && { ...reason, text: reasonText(reason, language) };
}

// ── The timeline ────────────────────────────────────────────────────────────────────────────────

export const timelineEntrySchema = z
  .looseObject({
    at: time,
    event: z.enum(timelineEvents),
    actor: z.object({
      kind: z.enum(actorKinds),
      name: text.optional().meta({ description: 'The name of the operator, if the token has one' }),
    }),
    cause: z.looseObject({ kind: z.enum(causeKinds) }).meta({
      description: 'What led to the event; `id`, `list`, `name` and `channel` identify it',
    }),
    userId: text.nullable(),
    text: text.meta({ description: 'A sentence for people' }),
  })
  .meta({ id: 'TimelineEntry', description: 'Parameters of the event are further fields' });

export function timelineView(
  entry: TimelineEntry,
  language: Language,
): z.infer<typeof timelineEntrySchema> {
  const { at, event, actor, cause, userId: about, invitationId: _, ...params } = entry;
  const withText = 'reason' in params ? { reason: reasonView(params.reason, language) } : {};
  return {
    at: timeView(at),
    event,
    ...params,
    ...withText,
    actor,
    cause,
    userId: about,
    text: eventText(entry, language),
  };
}

// ── Problems ────────────────────────────────────────────────────────────────────────────────────

/** Every code that the `type` of a problem can end with. */
const problemCodes = [
  ...new Set([...Object.keys(problemKinds), ...commandReasonCodes, ...invitationReasonCodes]),
];

export const problemSchema = z
  .object({
    type: z
      .enum(problemCodes.map((code) => `${problemTypePrefix}${code}`))
      .meta({ description: 'Stable: programs may switch on it' }),
    title: text,
    status: z.int(),
    detail: text.meta({ description: 'A sentence for people' }),
    errors: z
      .array(z.object({ path: text, message: text }))
      .optional()
      .meta({ description: 'Each fault of the request, and where it is' }),
    invitation: text
      .optional()
      .meta({ description: 'The id of the invitation that the problem is about' }),
    retryAfter: z
      .number()
      .optional()
      .meta({ description: 'How many seconds the portal asked to wait' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' });

export const channelSchema = z.enum(channelNames);
