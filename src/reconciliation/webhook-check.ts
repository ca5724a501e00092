import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { PortalClient } from '../docspace/client.ts';
import type { PortalWebhook } from '../docspace/webhooks.ts';
import type { Health, HealthCode, HealthLevel } from '../health.ts';
import type { Log } from '../log.ts';
import { messagesIn, reasonText } from '../messages/render.ts';
import type { Store } from '../store/store.ts';
import {
  correctedWebhook,
  isDelivering,
  type Recognised,
  recogniseWebhook,
  retrySeriesMs,
  type WebhookFault,
  webhookFault,
} from './webhook-registration.ts';

/** The webhook that `webhook register` made or found. The poll may repair it. */
const storedSchema = z.object({
  id: z.int(),
  uri: z.string(),
  /** How many repairs were made in a row. A run that finds no fault sets this to 0. */
  repairs: z.int(),
  /** How many repairs the portal refused in a row, and when the next repair may be tried (UTC ms). */
  refusals: z.int().default(0),
  nextRepairAt: z.int().default(0),
  /** When the last repair must be checked again (UTC ms). Null if no check is needed. */
  lookAgainAt: z.int().nullable().default(null),
  /** How often the last repair was checked again. */
  looks: z.int().default(0),
});
type StoredWebhook = z.infer<typeof storedSchema>;

/**
 * After this many repairs that were undone, somebody probably changes the webhook on purpose. Then the
 * fault is only reported.
 */
const maxUndoneRepairs = 2;
/** The most checks after one repair, even if the portal begins further series of retries. */
const mostLooks = 3;
const firstRepairWaitMs = 5 * 60_000;
const longestRepairWaitMs = 6 * 3_600_000;

export type WebhookCheck = {
  /**
   * Checks the registration of the webhook. It repairs only the webhook that `webhook register` stored,
   * and only if the key's account created it. A repair enables the webhook, sets `ssl` and the triggers,
   * and writes this service's secret. A repair never changes an address and never creates a webhook.
   * @returns `id`: the webhook whose journal belongs to this service, or null if none is known.
   *   `lookAgainAt`: when a repair has to be checked (UTC ms), or null if no check is needed
   */
  readonly run: (
    accountId: string,
  ) => Promise<{ readonly id: number | null; readonly lookAgainAt: number | null }>;
};

type Deps = {
  readonly client: Pick<PortalClient, 'webhooks' | 'updateWebhook' | 'undelivered' | 'portalNow'>;
  readonly store: Pick<Store, 'getValue' | 'setValue'>;
  /** Where the portal reaches this service; only the path if PUBLIC_URL is not set. */
  readonly address: string;
  readonly secret: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly health: Health;
  readonly log: Log;
};

type Repairer = Pick<Deps, 'client' | 'secret' | 'clock' | 'log'> & {
  readonly report: (level: HealthLevel, code: HealthCode) => void;
  readonly save: (webhook: StoredWebhook) => Promise<void>;
  readonly readOwn: (
    accountId: string,
    storedId: number,
  ) => Promise<Recognised<PortalWebhook> | null>;
};

export function createWebhookCheck(deps: Deps): WebhookCheck {
  const { client, store, address, clock, health, log } = deps;
  const repairer = { ...deps, report, save, readOwn };
  /** The text that `reportOthers` made last. It is not logged again while it stays the same. */
  let reported = '';

  function report(level: HealthLevel, code: HealthCode): void {
    // A warning about wrong signatures stays until a delivery with a correct signature arrives.
    if (level === 'ok' && health.report().webhook.code === 'signature_wrong') return;
    health.set('webhook', level, code);
  }

  async function save(webhook: StoredWebhook): Promise<void> {
    await store.setValue('webhook', JSON.stringify(webhook));
  }

  async function readOwn(accountId: string, storedId: number | null) {
    const list = await client.webhooks();
    if (list.kind !== 'ok') {
      const isCut = list.kind === 'trouble' && list.fault.code === 'service_stopping';
      if (!isCut) log.warn({ webhook: storedId }, 'the registration of the webhook cannot be read');
      return null;
    }
    return recogniseWebhook(list.value, { accountId, address, storedId });
  }

  function reportOthers({ others }: Recognised<PortalWebhook>): void {
    const text = others.map(describeWebhook).join('; ');
    if (text !== '' && text !== reported) {
      log.warn(
        { webhooks: others.map((one) => one.id) },
        `another account made a webhook with this service's address; it is not changed: ${text}`,
      );
    }
    reported = text;
  }

  async function run(accountId: string) {
    const stored = await readStored(store);
    const found = await readOwn(accountId, stored?.id ?? null);
    if (found === null) return { id: null, lookAgainAt: stored?.lookAgainAt ?? null };
    reportOthers(found);
    const { own: webhook, others } = found;
    if (!webhook) {
      if (others.length > 0) report('warning', 'webhook_of_other_account');
      else if (stored) report('wrong', 'webhook_missing');
      return { id: null, lookAgainAt: null };
    }
    const { id } = webhook;
    // If `stored` is null, the webhook is compared with the address of this service, and nothing is
    // repaired.
    const fault = webhookFault(webhook, stored?.uri ?? address);
    const now = clock.now();
    const isStored = stored !== null && stored.id === id;
    if (isStored && stored.lookAgainAt !== null) {
      if (now < stored.lookAgainAt) {
        report('warning', 'webhook_waiting');
        return { id, lookAgainAt: stored.lookAgainAt };
      }
      // The secret cannot be read back, so it is written again even if all other fields are right.
      return { id, lookAgainAt: await repair(repairer, webhook, stored, fault, accountId) };
    }
    if (fault === null) {
      const isCounted = isStored && (stored.repairs > 0 || stored.refusals > 0);
      if (isCounted) await save({ ...stored, repairs: 0, refusals: 0, nextRepairAt: 0 });
      report('ok', 'webhook_registered');
      return { id, lookAgainAt: null };
    }
    report('wrong', `webhook_${fault}`);
    if (!isStored || fault === 'moved' || stored.repairs >= maxUndoneRepairs) {
      log.warn({ webhook: id }, `${phraseOf(fault)}: run "webhook register"`);
      return { id, lookAgainAt: null };
    }
    if (now < stored.nextRepairAt) return { id, lookAgainAt: null };
    return { id, lookAgainAt: await repair(repairer, webhook, stored, fault, accountId) };
  }

  return { run };
}

/**
 * Writes the webhook again.
 * @returns when the repair has to be checked (UTC ms), or null if no check is needed
 */
async function repair(
  { client, secret, clock, log, save, report, readOwn }: Repairer,
  webhook: PortalWebhook,
  stored: StoredWebhook,
  fault: WebhookFault,
  accountId: string,
): Promise<number | null> {
  const now = clock.now();
  const what = fault === null ? "check after the portal's retries" : phraseOf(fault);
  const done = fault === null ? 'the repair was written again' : 'repaired';
  const isUndone = await isDelivering(client, webhook.id);
  const update = await client.updateWebhook(correctedWebhook(webhook, secret));
  if (update.kind !== 'ok') {
    const refusals = stored.refusals + 1;
    const growingMs = Math.min(firstRepairWaitMs * 2 ** (refusals - 1), longestRepairWaitMs);
    // Until the next look, runs do not report a fault, so that wait stays short.
    const waitMs = fault === null ? firstRepairWaitMs : growingMs;
    const nextRepairAt = now + waitMs;
    // The secret may be wrong although no fault is visible. `lookAgainAt` makes a later run write it
    // again.
    const lookAgainAt = fault === null ? nextRepairAt : null;
    await save({ ...stored, refusals, nextRepairAt, lookAgainAt });
    report(fault === null ? 'warning' : 'wrong', `webhook_${fault ?? 'waiting'}`);
    log.warn(
      { webhook: webhook.id, refusals },
      `${what}: the portal refused the repair, ${reasonText(update.fault)}; the next try is in ${waitMs / 60_000} min`,
    );
    return lookAgainAt;
  }
  const isFirst = stored.lookAgainAt === null;
  const looks = isFirst ? 0 : stored.looks + 1;
  const lookAgainAt = isUndone && looks < mostLooks ? now + retrySeriesMs : null;
  const repairs = isFirst ? stored.repairs + 1 : stored.repairs;
  await save({ ...stored, repairs, refusals: 0, nextRepairAt: 0, lookAgainAt, looks });
  if (lookAgainAt !== null) {
    report('warning', 'webhook_waiting');
    log.warn({ webhook: webhook.id }, `${what}: ${done}; it is checked again after the retries`);
    return lookAgainAt;
  }
  const found = await readOwn(accountId, stored.id);
  if (found === null) {
    log.warn({ webhook: webhook.id }, `${what}: ${done}; the next run reads whether it was kept`);
    return null;
  }
  const left = webhookFault(found.own, null);
  if (left === null) report('ok', 'webhook_registered');
  else report('wrong', `webhook_${left}`);
  const result = left === null ? done : `the portal did not keep the repair: ${phraseOf(left)}`;
  log.warn({ webhook: webhook.id }, `${what}: ${result}`);
  return null;
}

async function readStored(store: Pick<Store, 'getValue'>): Promise<StoredWebhook | null> {
  const text = await store.getValue('webhook');
  return text === null ? null : storedSchema.parse(JSON.parse(text));
}

/** Returns the value of `webhook` in the store, as `webhook register` writes it. */
export function newStoredWebhook(webhook: { readonly id: number; readonly uri: string }): string {
  return JSON.stringify({ ...webhook, repairs: 0 });
}

function phraseOf(fault: Exclude<WebhookFault, null>): string {
  return messagesIn('en').health[`webhook_${fault}`];
}

/** Describes a webhook and its account for logs and the command line, without e-mail addresses. */
export function describeWebhook({ id, createdBy }: PortalWebhook): string {
  if (!createdBy) return `webhook ${id}, whose account is not shown`;
  return `webhook ${id} of account ${createdBy.id}`;
}
