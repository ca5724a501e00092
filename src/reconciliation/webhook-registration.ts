import { z } from 'zod';
import type { PortalClient } from '../docspace/client.ts';
import type { PortalWebhook } from '../docspace/webhooks.ts';
import type { PortalFault } from '../domain/reason.ts';
import type { Health, HealthCode } from '../health.ts';
import type { Log } from '../log.ts';
import { messagesIn, reasonText } from '../messages/render.ts';
import type { Store } from '../store/store.ts';

/** All four events about users, 1 + 2 + 4 + 8; 0 means every event of the portal (docs/docspace-wire.md 7.1). */
export const userTriggers = 15;

/** The webhook that `webhook register` made or found. The poll may repair it. */
const storedSchema = z.object({
  id: z.int(),
  uri: z.string(),
  /** Repairs in a row that were undone before the next run. */
  repairs: z.int(),
});
type StoredWebhook = z.infer<typeof storedSchema>;

/** After two undone repairs, assume it was disabled on purpose and only report it. */
const maxRepairs = 2;

async function readStoredWebhook(store: Pick<Store, 'getValue'>): Promise<StoredWebhook | null> {
  const text = await store.getValue('webhook');
  return text === null ? null : storedSchema.parse(JSON.parse(text));
}

async function storeWebhook(store: Pick<Store, 'setValue'>, webhook: StoredWebhook): Promise<void> {
  await store.setValue('webhook', JSON.stringify(webhook));
}

export type WebhookFault = 'missing' | 'moved' | 'disabled' | 'triggers' | null;

/** Why a webhook cannot report users to this service; null: it can. */
export function webhookFault(webhook: PortalWebhook | undefined, uri: string | null): WebhookFault {
  if (!webhook) return 'missing';
  if (uri !== null && webhook.uri !== uri) return 'moved';
  if (!webhook.enabled) return 'disabled';
  const isEvery = webhook.triggers === 0;
  const hasUsers = (webhook.triggers & userTriggers) === userTriggers;
  return isEvery || hasUsers ? null : 'triggers';
}

/**
 * Checks the registration. It repairs only the webhook that `webhook register` stored, by enabling it and
 * setting its triggers, with all fields sent. It never changes an address and never creates a webhook.
 * After two undone repairs it only reports.
 * @returns the id of the webhook whose journal belongs to this service; null: none is known
 */
export async function checkWebhook(deps: {
  readonly client: Pick<PortalClient, 'webhooks' | 'updateWebhook'>;
  readonly store: Pick<Store, 'getValue' | 'setValue' | 'lastWebhookId'>;
  readonly secret: string;
  readonly health: Health;
  readonly log: Log;
}): Promise<number | null> {
  const { client, store, secret, health, log } = deps;
  const stored = await readStoredWebhook(store);
  const id = stored?.id ?? (await store.lastWebhookId());
  if (id === null) return null;
  const list = await client.webhooks();
  if (list.kind !== 'ok') {
    log.warn({ webhook: id }, 'the registration of the webhook cannot be read');
    return id;
  }
  const webhook = list.value.find((one) => one.id === id);
  const fault = webhookFault(webhook, stored?.uri ?? null);
  if (fault === null) {
    if (stored && stored.repairs > 0) await storeWebhook(store, { ...stored, repairs: 0 });
    health.set('webhook', 'ok', 'webhook_registered');
    return id;
  }
  const code = `webhook_${fault}` as const satisfies HealthCode;
  const phrase = messagesIn('en').health[code];
  health.set('webhook', 'wrong', code);
  const mayRepair = stored !== null && stored.repairs < maxRepairs;
  if (!webhook || !mayRepair || fault === 'moved') {
    log.warn({ webhook: id }, `${phrase}: run "webhook register"`);
    return id;
  }
  const wanted = { ...webhook, enabled: true, triggers: userTriggers, secretKey: secret };
  const update = await client.updateWebhook(wanted);
  await storeWebhook(store, { ...stored, repairs: stored.repairs + 1 });
  log.warn(
    { webhook: id },
    update.kind === 'ok'
      ? `${phrase}: repaired`
      : `${phrase}: the repair failed, ${reasonText(update.fault)}`,
  );
  return id;
}

/** The result of registering: the id of the webhook, or why there is none. */
export type Registration =
  | { readonly kind: 'registered'; readonly id: number; readonly isNew: boolean }
  /** The portal did not save it. */
  | { readonly kind: 'refused'; readonly fault: PortalFault }
  /** The key may not read the webhooks: its account must be a DocSpace admin. */
  | { readonly kind: 'not_allowed' }
  /** The portal gives no usable answer. */
  | { readonly kind: 'trouble'; readonly fault: PortalFault };

/**
 * Creates this service's webhook at the portal, or puts the one with this address right: safe to
 * run again. The caller remembers its id.
 * @param uri where the portal reaches `/webhooks/docspace`; it must answer the portal's HEAD by now
 */
export async function registerWebhook(deps: {
  readonly client: Pick<PortalClient, 'webhooks' | 'createWebhook' | 'updateWebhook'>;
  readonly uri: string;
  readonly secret: string;
}): Promise<Registration> {
  const { client, uri, secret } = deps;
  const list = await client.webhooks();
  if (list.kind === 'trouble') return list;
  if (list.kind !== 'ok') return { kind: 'not_allowed' };
  const wanted = {
    uri,
    name: 'docspace-welcome',
    enabled: true,
    // true: https is demanded and the certificate is verified (docs/docspace-wire.md 7.3).
    ssl: uri.startsWith('https:'),
    triggers: userTriggers,
    secretKey: secret,
  };
  const existing = list.value.find((one) => one.uri === uri);
  const done = existing
    ? await client.updateWebhook({ ...wanted, name: existing.name, id: existing.id })
    : await client.createWebhook(wanted);
  if (done.kind !== 'ok') return done;
  const id = existing?.id ?? done.value?.id;
  if (id === undefined) return { kind: 'refused', fault: { code: 'portal_answer_unreadable' } };
  return { kind: 'registered', id, isNew: existing === undefined };
}
