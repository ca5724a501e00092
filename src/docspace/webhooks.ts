import { z } from 'zod';
import { type Trigger, triggers } from '../domain/vocabulary.ts';
import type { ReadResult, ReadWhole } from './classify.ts';
import { parseJson } from './json.ts';
import { pageSize } from './people.ts';
import { portalTime, userIdSchema } from './schemas.ts';

/** A webhook as the portal lists it, without its secret (docs/docspace-wire.md 7.1). */
export type PortalWebhook = z.infer<typeof webhookSchema>;
const webhookSchema = z.object({
  id: z.int(),
  name: z.string(),
  uri: z.string(),
  enabled: z.boolean().default(false),
  ssl: z.boolean().default(false),
  triggers: z.number().default(0),
  targetId: z.string().nullish(),
  /** The account that created the webhook. */
  createdBy: z.object({ id: userIdSchema, displayName: z.string().nullish() }).nullish(),
});
const webhooksEnvelope = z.object({ response: z.array(z.object({ configs: webhookSchema })) });

/** `GET settings/webhook`: all webhooks that this key may see (docs/docspace-wire.md 7.1). */
export async function listWebhooks(read: ReadWhole): Promise<ReadResult<readonly PortalWebhook[]>> {
  const list = await read('settings/webhook', webhooksEnvelope);
  if (list.kind !== 'ok') return list;
  return { kind: 'ok', value: list.value.response.map(({ configs }) => configs) };
}

/** A row of the delivery journal (docs/docspace-wire.md 7.6). `id` is the event's id. */
export type JournalRow = z.infer<typeof journalRowSchema>;
const journalRowSchema = z.object({
  id: z.int(),
  status: z.int().default(0),
  requestPayload: z.string().default(''),
});
const journalEnvelope = z.object({ response: z.array(journalRowSchema) });

/** Selects every result but 2xx: not sent, redirected, refused, failed (docs/docspace-wire.md 9.4). */
const undelivered = 29;
/**
 * The size limit of one page, in bytes. A row contains up to 64 KiB of the request body and the portal's
 * record of the response. Escaped quotes make the body longer.
 */
const journalBytes = 16 * 1024 * 1024;

/** `GET settings/webhooks/log`: the failed or unsent deliveries of one webhook, newest first. */
export async function undeliveredRows(
  read: ReadWhole,
  query: { readonly webhookId: number; readonly startIndex: number },
): Promise<ReadResult<readonly JournalRow[]>> {
  const path = `settings/webhooks/log?configId=${query.webhookId}&groupStatus=${undelivered}&count=${pageSize}&startIndex=${query.startIndex}`;
  const list = await read(path, journalEnvelope, journalBytes);
  return list.kind === 'ok' ? { kind: 'ok', value: list.value.response } : list;
}

const journalPayloadSchema = z.object({
  event: z.object({ trigger: z.enum(triggers) }),
  payload: z.object({ id: userIdSchema, status: z.int().default(0) }),
});

/**
 * Returns the user that a failed or unsent delivery is about. The row is not parsed as a delivery,
 * because the body of an unsent delivery has no `event.id` (docs/docspace-wire.md 7.6).
 * @returns null if the row is not about a user, or if its body was cut (the portal stores 64 KiB)
 */
export function userOfRow(
  row: JournalRow,
): { readonly userId: string; readonly trigger: Trigger; readonly isTerminated: boolean } | null {
  const read = journalPayloadSchema.safeParse(parseJson(row.requestPayload));
  if (!read.success) return null;
  const { event, payload } = read.data;
  return { userId: payload.id, trigger: event.trigger, isTerminated: payload.status === 2 };
}

const eventTimeSchema = z.object({ event: z.object({ createOn: portalTime }) });

/**
 * Returns when the event of a journal row happened, by the portal's clock (UTC ms). It is the only
 * correct time in a row: the portal's time zone shifts all other times (docs/docspace-wire.md 13.2, 35).
 * @returns null if the body cannot be read, for example because the portal cut it at 64 KiB
 */
export function eventTimeOf(row: {
  readonly requestPayload?: string | null | undefined;
}): number | null {
  const read = eventTimeSchema.safeParse(parseJson(row.requestPayload ?? ''));
  return read.success ? read.data.event.createOn : null;
}
