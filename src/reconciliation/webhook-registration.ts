import { z } from 'zod';
import type { PortalClient } from '../docspace/client.ts';
import type { PortalWebhook } from '../docspace/lists.ts';
import type { Health } from '../health.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';

/** All four user events: 1 + 2 + 4 + 8; 0 would be every event of the portal (wire 7.1). */
export const userTriggers = 15;

/** The webhook that `webhook register` made or found, so that the poll may repair it. */
const rememberedSchema = z.object({
  id: z.int(),
  uri: z.string(),
  /** Repairs in a row that did not hold until the next pass. */
  repairs: z.int(),
});
type RememberedWebhook = z.infer<typeof rememberedSchema>;

/** After so many repairs that did not hold, somebody means it: it is only reported. */
const mostRepairs = 2;

async function rememberedWebhook(
  store: Pick<Store, 'progress'>,
): Promise<RememberedWebhook | null> {
  const text = await store.progress('webhook');
  return text === null ? null : rememberedSchema.parse(JSON.parse(text));
}

async function rememberWebhook(
  store: Pick<Store, 'remember'>,
  webhook: RememberedWebhook,
): Promise<void> {
  await store.remember('webhook', JSON.stringify(webhook));
}

export type WebhookFault = 'missing' | 'moved' | 'disabled' | 'triggers' | null;

/** What is wrong with a webhook, so that it cannot tell this service of users. */
export function webhookFault(webhook: PortalWebhook | undefined, uri: string | null): WebhookFault {
  if (!webhook) return 'missing';
  if (uri !== null && webhook.uri !== uri) return 'moved';
  if (!webhook.enabled) return 'disabled';
  const isEvery = webhook.triggers === 0;
  const hasUsers = (webhook.triggers & userTriggers) === userTriggers;
  return isEvery || hasUsers ? null : 'triggers';
}

/**
 * Looks at the registration, and repairs it only when it is the one that `webhook register`
 * remembered for this address: enabled again, triggers set, all fields sent. Never another address,
 * never a new one; after two repairs that did not hold it only reports.
 * @returns the id of the webhook whose journal is ours to read; null: none is known
 */
export async function checkWebhook(options: {
  readonly client: Pick<PortalClient, 'webhooks' | 'updateWebhook'>;
  readonly store: Pick<Store, 'progress' | 'remember' | 'lastWebhookId'>;
  readonly secret: string;
  readonly health: Health;
  readonly log: Log;
}): Promise<number | null> {
  const { client, store, secret, health, log } = options;
  const remembered = await rememberedWebhook(store);
  const id = remembered?.id ?? (await store.lastWebhookId());
  if (id === null) return null;
  const list = await client.webhooks();
  if (list.kind !== 'ok') {
    log.warn({ webhook: id }, 'the registration of the webhook cannot be read');
    return id;
  }
  const webhook = list.value.find((one) => one.id === id);
  const fault = webhookFault(webhook, remembered?.uri ?? null);
  if (fault === null) {
    if (remembered && remembered.repairs > 0)
      await rememberWebhook(store, { ...remembered, repairs: 0 });
    health.say('webhook', 'ok', 'registered and enabled');
    return id;
  }
  health.say('webhook', 'wrong', phrases[fault]);
  const mayRepair = remembered !== null && remembered.repairs < mostRepairs;
  if (!webhook || !mayRepair || fault === 'moved') {
    log.warn({ webhook: id }, `${phrases[fault]}: run "webhook register"`);
    return id;
  }
  const wanted = { ...webhook, enabled: true, triggers: userTriggers, secretKey: secret };
  const update = await client.updateWebhook(wanted);
  await rememberWebhook(store, { ...remembered, repairs: remembered.repairs + 1 });
  log.warn(
    { webhook: id },
    `${phrases[fault]}: ${update.kind === 'ok' ? 'repaired' : 'repair failed'}`,
  );
  return id;
}

/** What registering came to: the id of the webhook, or why there is none. */
export type Registration =
  | { readonly kind: 'registered'; readonly id: number; readonly isNew: boolean }
  /** The portal said no, or its answer could not be used: an admin has to act. */
  | { readonly kind: 'refused'; readonly detail: string }
  /** The portal cannot be reached. */
  | { readonly kind: 'trouble'; readonly detail: string };

/**
 * Creates this service's webhook at the portal, or puts the one with this address right: safe to
 * run again. The caller remembers its id.
 * @param uri where the portal reaches `/webhooks/docspace`; it must answer the portal's HEAD by now
 */
export async function registerWebhook(options: {
  readonly client: Pick<PortalClient, 'webhooks' | 'createWebhook' | 'updateWebhook'>;
  readonly uri: string;
  readonly secret: string;
}): Promise<Registration> {
  const { client, uri, secret } = options;
  const list = await client.webhooks();
  if (list.kind === 'trouble') return list;
  if (list.kind !== 'ok') {
    const detail = 'this key may not read the webhooks: its account must be a DocSpace admin';
    return { kind: 'refused', detail };
  }
  const wanted = {
    uri,
    name: 'docspace-welcome',
    enabled: true,
    // true: https is demanded and the certificate is verified (wire 7.3).
    ssl: uri.startsWith('https:'),
    triggers: userTriggers,
    secretKey: secret,
  };
  const existing = list.value.find((one) => one.uri === uri);
  const done = existing
    ? await client.updateWebhook({ ...wanted, name: existing.name, id: existing.id })
    : await client.createWebhook(wanted);
  if (done.kind !== 'ok') {
    const detail = `the portal did not save the webhook (${done.detail}): can it reach ${uri}? It asks with HEAD, and refuses private addresses`;
    return { kind: done.kind, detail };
  }
  const id = existing?.id ?? done.value?.id;
  if (id === undefined) return { kind: 'refused', detail: 'the portal gave no id for the webhook' };
  return { kind: 'registered', id, isNew: existing === undefined };
}

const phrases = {
  missing: 'the webhook is missing in the portal',
  moved: 'the webhook in the portal has another address',
  disabled: 'the webhook is disabled in the portal',
  triggers: 'the webhook in the portal does not tell of users',
} as const;
