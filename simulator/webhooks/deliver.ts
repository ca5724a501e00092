import { setTimeout as sleep } from 'node:timers/promises';
import { dotnetJson } from '../json.ts';
import { GUEST_ID } from '../people/person.ts';
import { atRest, epochMs, type Moment, momentAt } from '../time.ts';
import type { World } from '../world.ts';
import { checkAddress } from './address-check.ts';
import { bodyToSend, type RetryFields, signatureOf } from './body.ts';
import type { JournalRow } from './journal.ts';
import type { AttemptResult } from './outgoing.ts';
import type { PortalWebhook } from './webhooks.ts';

export type DeliverySettings = {
  readonly retryDelaysMs: readonly number[];
  readonly timeoutMs: number;
};
type Delivery = {
  readonly world: World;
  readonly settings: DeliverySettings;
  readonly row: JournalRow;
  /**
   * The webhook as it was loaded at the start. At the end it is written back as a whole
   * (docs/docspace-wire.md 7.3).
   */
  readonly webhook: PortalWebhook;
  readonly signal: AbortSignal;
};
type Sent = { readonly body: string; readonly headers: string; readonly result: AttemptResult };

// The portal's setting webhooks:trusteddayscount.
const TRUSTED_MS = 3 * 24 * 3_600_000;

/** Sends one journal row with all its retries, and records the result. */
export async function deliver(input: {
  readonly world: World;
  readonly settings: DeliverySettings;
  readonly logId: number;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { world, settings, logId, signal } = input;
  const row = world.journal.get(logId);
  const webhook = world.webhooks.get(row?.webhookId ?? 0);
  if (row === undefined || webhook === undefined) return;
  const { uri, ssl } = webhook;
  const verdict = await checkAddress({ world, uri, ssl });
  if (signal.aborted) return;
  switch (verdict.kind) {
    case 'allowed':
      return await attemptAll({ world, settings, row, webhook, signal });
    case 'blacklisted':
      world.webhooks.remove(webhook.id);
      return;
    case 'rejected':
      // Nothing was sent, so the row stays as it is.
      writeBack(world, { ...webhook, enabled: false });
      return;
    default:
      throw new Error(`Nothing follows from ${JSON.stringify(verdict satisfies never)}.`);
  }
}

async function attemptAll(delivery: Delivery): Promise<void> {
  const { world, settings, signal } = delivery;
  let retry: RetryFields | undefined;
  let preparedOn = momentAt(world.now());
  for (let count = 1; ; count += 1) {
    const sent = await attempt({ delivery, retry, now: preparedOn });
    if (sent === undefined) return;
    if (sent.result.kind === 'answered') return recordSuccess(delivery, sent);
    const delayMs = settings.retryDelaysMs[count - 1];
    const isGone = sent.result.kind === 'refused' && sent.result.status === 410;
    const isOver = delayMs === undefined || (isGone && world.release.nextDeliveries);
    if (isOver) return recordFailure({ delivery, sent, retry });
    await sleep(delayMs, undefined, { signal });
    const retryOn = momentAt(world.now());
    const lastFailureContent = sent.result.message;
    retry = { lastFailureOn: preparedOn, lastFailureContent, retryCount: count, retryOn };
    preparedOn = retryOn;
  }
}

/**
 * Sends one request. Returns undefined if the stored body is not JSON, because such a row is never sent
 * (docs/docspace-wire.md 7.5).
 */
async function attempt(input: {
  readonly delivery: Delivery;
  readonly retry: RetryFields | undefined;
  readonly now: Moment;
}): Promise<Sent | undefined> {
  const { delivery, retry, now } = input;
  const { row, webhook, settings, signal } = delivery;
  const { outgoing, release } = delivery.world;
  const body = bodyToSend({
    stored: row.requestPayload,
    logId: row.id,
    webhook,
    now,
    retry,
    keepsId: release.nextDeliveries,
  });
  if (body === undefined) return undefined;
  const signature = signatureOf({ body, secretKey: webhook.secretKey });
  const { uri, ssl } = webhook;
  const { timeoutMs } = settings;
  const result = await outgoing.post({
    uri,
    ssl,
    signature,
    body,
    timeoutMs,
    signal,
    more: release.nextDeliveries ? eventHeaders(row) : {},
  });
  const headers = dotnetJson({ Accept: ['*/*'], 'x-docspace-signature-256': [signature] });
  return { body, headers, result };
}

/** These headers are not signed. The format of the time is a guess (docs/docspace-wire.md 12). */
function eventHeaders({ id, creationTime }: JournalRow): Readonly<Record<string, string>> {
  return {
    'x-docspace-event-id': String(id),
    'x-docspace-event-timestamp': String(epochMs(creationTime) / 1_000),
  };
}

function recordSuccess(delivery: Delivery, sent: Sent): void {
  const { world, row, webhook } = delivery;
  if (sent.result.kind !== 'answered') return;
  const now = atRest(momentAt(world.now()));
  world.journal.save({
    ...row,
    requestPayload: sent.body,
    requestHeaders: sent.headers,
    responseHeaders: sent.result.headers,
    responsePayload: sent.result.body,
    status: sent.result.status,
    delivery: now,
  });
  writeBack(world, { ...webhook, lastSuccessOn: now });
}

/**
 * Records the failure of the last attempt. After 410 the webhook is deleted. After another failure it is
 * disabled if no delivery has succeeded for three days. A time-out never disables it.
 */
function recordFailure(input: {
  readonly delivery: Delivery;
  readonly sent: Sent;
  readonly retry: RetryFields | undefined;
}): void {
  const { world, row, webhook } = input.delivery;
  const { body, headers, result } = input.sent;
  if (result.kind === 'answered') return;
  world.journal.save({
    ...row,
    requestPayload: body,
    requestHeaders: headers,
    responsePayload: result.message,
    status: statusOf(result),
  });
  if (result.kind === 'refused' && result.status === 410) {
    world.webhooks.remove(webhook.id);
    return;
  }
  const trustedSince = epochMs(webhook.lastSuccessOn ?? webhook.createdOn);
  const distrusted = result.kind !== 'timedOut' && world.now() - trustedSince > TRUSTED_MS;
  writeBack(world, {
    ...webhook,
    enabled: webhook.enabled && !distrusted,
    lastFailureOn: momentAt(world.now()),
    lastFailureContent: result.message,
  });
}

/**
 * Writes back the whole configuration as it was when the delivery began. This undoes changes that an
 * admin made meanwhile. Every delivery counts as a change (docs/docspace-wire.md 13.1, 13.2).
 */
function writeBack(world: World, webhook: PortalWebhook): void {
  const atRestNow = (moment: Moment | undefined) => moment && atRest(moment);
  world.webhooks.save({
    ...webhook,
    modifiedBy: webhook.modifiedBy ?? GUEST_ID,
    modifiedOn: atRest(momentAt(world.now())),
    lastFailureOn: atRestNow(webhook.lastFailureOn),
    lastSuccessOn: atRestNow(webhook.lastSuccessOn),
  });
}

/**
 * The status in the journal row: 500 for a time-out, and 0 for another failure without an HTTP status
 * (docs/docspace-wire.md 7.6).
 */
function statusOf(result: Exclude<AttemptResult, { kind: 'answered' }>): number {
  if (result.kind === 'refused') return result.status;
  return result.kind === 'timedOut' ? 500 : 0;
}
