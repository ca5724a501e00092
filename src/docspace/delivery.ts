import { z } from 'zod';
import type { DeliveryReason } from '../domain/reason.ts';
import { parseJson } from './json.ts';
import { portalTime, userIdSchema } from './schemas.ts';

/** The content of a signed body. Times are UTC ms. */
export type Delivery =
  | {
      readonly kind: 'about_user';
      readonly webhookId: number;
      readonly eventId: number;
      readonly createdOn: number;
      readonly trigger: (typeof userTriggers)[number];
      readonly userId: string;
      /** The person's state when the event happened. Deliveries can come late and in any order. */
      readonly shows: 'activated' | 'not_active' | 'terminated';
    }
  | { readonly kind: 'other_trigger'; readonly trigger: string }
  | { readonly kind: 'unreadable'; readonly reason: DeliveryReason };

/**
 * Reads the body of a delivery (docs/docspace-wire.md 7.5, 12). The portal leaves out default
 * values, so a missing `activationStatus` is 0. Unknown fields are ignored.
 * @param body the raw bytes; the caller has checked their signature
 */
export function parseDelivery(body: Uint8Array): Delivery {
  const json = parseJson(decode(body) ?? '');
  if (json === undefined) return { kind: 'unreadable', reason: { code: 'not_json' } };
  const envelope = envelopeSchema.safeParse(json);
  if (!envelope.success) {
    return { kind: 'unreadable', reason: { code: 'no_event', ...firstFault(envelope.error) } };
  }
  const { event, webhook } = envelope.data;
  if (event.trigger === '*') {
    return { kind: 'unreadable', reason: { code: 'trigger_missing' } };
  }
  const trigger = userTriggers.find((one) => one === event.trigger);
  if (trigger === undefined) return { kind: 'other_trigger', trigger: event.trigger };
  const payload = payloadSchema.safeParse(envelope.data.payload);
  if (!payload.success) {
    return { kind: 'unreadable', reason: { code: 'no_user', ...firstFault(payload.error) } };
  }
  return {
    kind: 'about_user',
    webhookId: webhook.id,
    eventId: event.id,
    createdOn: event.createOn,
    trigger,
    userId: payload.data.id,
    shows: shownBy(payload.data),
  };
}

const userTriggers = ['user.invited', 'user.created', 'user.updated', 'user.deleted'] as const;

const envelopeSchema = z.object({
  event: z.object({
    id: z.int().nonnegative().default(0),
    createOn: portalTime,
    trigger: z.string().max(100),
  }),
  payload: z.unknown().optional(),
  webhook: z.object({ id: z.int().nonnegative().default(0) }),
});

const payloadSchema = z.object({
  id: userIdSchema,
  status: z.int().default(0),
  activationStatus: z.int().default(0),
});

function shownBy(
  payload: z.infer<typeof payloadSchema>,
): 'activated' | 'not_active' | 'terminated' {
  if (payload.status === 2) return 'terminated';
  return payload.status === 1 && (payload.activationStatus & 1) === 1 ? 'activated' : 'not_active';
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function decode(body: Uint8Array): string | null {
  try {
    return utf8.decode(body);
  } catch {
    return null;
  }
}

function firstFault(error: z.ZodError): { readonly path: string; readonly fault: string } {
  const issue = error.issues[0];
  return { path: issue?.path.join('.') || 'the body', fault: issue?.message ?? 'is not valid' };
}
