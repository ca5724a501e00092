import { z } from 'zod';
import { portalTime, userIdSchema } from './schemas.ts';

/** What a signed body turned out to be. Times are UTC ms. */
export type Delivery =
  | {
      readonly kind: 'about_user';
      readonly webhookId: number;
      readonly eventId: number;
      readonly createdOn: number;
      readonly trigger: 'user.invited' | 'user.created' | 'user.updated' | 'user.deleted';
      readonly userId: string;
      /** What the snapshot says of the person; only ever a hint. */
      readonly shows: 'activated' | 'not_active' | 'terminated';
    }
  | { readonly kind: 'other_trigger'; readonly trigger: string }
  | { readonly kind: 'unreadable'; readonly reason: string };

/**
 * Reads the body of a delivery (wire 7.5). Defaults are omitted by the portal, so an absent
 * `activationStatus` is 0. Unknown fields pass; what cannot be understood is a value, not an error.
 * @param body the raw bytes, whose signature was checked before
 */
export function parseDelivery(body: Uint8Array): Delivery {
  const json = parseJson(body);
  if (json === undefined) return { kind: 'unreadable', reason: 'the body is not JSON' };
  const envelope = envelopeSchema.safeParse(json);
  if (!envelope.success) {
    return { kind: 'unreadable', reason: `no event is described: ${firstFault(envelope.error)}` };
  }
  const { event, webhook } = envelope.data;
  if (event.trigger === '*') {
    return {
      kind: 'unreadable',
      reason: 'written by an old DocSpace: it does not name its trigger',
    };
  }
  const trigger = userTriggerSchema.safeParse(event.trigger);
  if (!trigger.success) return { kind: 'other_trigger', trigger: event.trigger };
  const payload = payloadSchema.safeParse(envelope.data.payload);
  if (!payload.success) {
    return { kind: 'unreadable', reason: `no user is described: ${firstFault(payload.error)}` };
  }
  return {
    kind: 'about_user',
    webhookId: webhook.id,
    eventId: event.id,
    createdOn: event.createOn,
    trigger: trigger.data,
    userId: payload.data.id,
    shows: shownBy(payload.data),
  };
}

const userTriggerSchema = z.enum(['user.invited', 'user.created', 'user.updated', 'user.deleted']);

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

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    // Both errors mean the same to the caller: there is nothing here that we can read.
    return undefined;
  }
}

function firstFault(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue ? `${issue.path.join('.') || 'the body'}: ${issue.message}` : 'the body';
}
