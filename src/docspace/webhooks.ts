import { z } from 'zod';
import { type Trigger, triggers } from '../domain/vocabulary.ts';
import type { ReadResult, ReadWhole } from './classify.ts';
import { parseJson } from './json.ts';
import { pageSize } from './people.ts';
import { userIdSchema } from './schemas.ts';

/** A webhook as the portal lists it (docs/docspace-wire.md 7.1). Its secret is never given. */
export type PortalWebhook = z.infer<typeof webhookSchema>;
const webhookSchema = z.object({
  id: z.int(),
  name: z.string(),
  uri: z.string(),
  enabled: z.boolean().default(false),
  ssl: z.boolean().default(false),
  triggers: z.number().default(0),
  targetId: z.string().nullish(),
  /** Whose webhook it is. */
  createdBy: z.object({ id: userIdSchema }).nullish(),
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

/** Everything but 2xx: not sent, redirected, refused, failed (docs/docspace-wire.md 9.4). */
const undelivered = 29;
/** A row holds up to 64 KiB of what was sent, with its quotes escaped, and the answer to it. */
const journalBytes = 16 * 1024 * 1024;

/** `GET settings/webhooks/log`: what one webhook did not deliver, newest first. */
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
 * The user that an undelivered row is about. The body of a row that was never sent has no `event.id`
 * (docs/docspace-wire.md 7.6), so it is not read as a delivery.
 * @returns null for a row that is not about a user, or was cut: the portal keeps 64 KiB of a body
 */
export function userOfRow(
  row: JournalRow,
): { readonly userId: string; readonly trigger: Trigger; readonly isTerminated: boolean } | null {
  const read = journalPayloadSchema.safeParse(parseJson(row.requestPayload));
  if (!read.success) return null;
  const { event, payload } = read.data;
  return { userId: payload.id, trigger: event.trigger, isTerminated: payload.status === 2 };
}
