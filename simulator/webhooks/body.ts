import { createHmac } from 'node:crypto';
import { dotnetJson } from '../json.ts';
import { atRest, type Moment, withoutZone } from '../time.ts';
import { triggerNames } from './triggers.ts';
import type { PortalWebhook } from './webhooks.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** The fields that an automatic retry adds to the `webhook` object (docs/docspace-wire.md 7.4). */
export type RetryFields = {
  readonly lastFailureOn: Moment;
  readonly lastFailureContent: string;
  readonly retryCount: number;
  readonly retryOn: Moment;
};

/**
 * The body as the journal stores it when the event is published: without `event.id`
 * (docs/docspace-wire.md 7.5, 7.6).
 */
export function storedBody(input: {
  readonly webhook: PortalWebhook;
  readonly trigger: { readonly name: string; readonly id: number };
  readonly createdAt: Moment;
  readonly actorId: string;
  readonly payload: JsonObject;
}): string {
  const { webhook, trigger, createdAt, actorId, payload } = input;
  return dotnetJson({
    event: {
      createOn: atRest(createdAt),
      createBy: actorId,
      trigger: trigger.name,
      triggerId: trigger.id,
    },
    payload,
    webhook: describe({ webhook, entity: trigger.name.split('.')[0] }),
  });
}

/**
 * The body of one attempt. `event.id` is the current journal id unless `keepsId` is set. The description
 * of the webhook stays as it was stored, and only retries have the retry fields. Undefined if the stored
 * body is not JSON, because such a row is never sent.
 */
export function bodyToSend(input: {
  readonly stored: string;
  readonly logId: number;
  readonly webhook: PortalWebhook;
  readonly now: Moment;
  readonly retry: RetryFields | undefined;
  /** True if a delivery that is sent again by hand keeps its first id. */
  readonly keepsId?: boolean;
}): string | undefined {
  const { stored, logId, webhook, retry, keepsId } = input;
  const parsed = parse(stored);
  if (parsed === undefined) return undefined;
  const whole = isObject(parsed) ? parsed : {};
  const { event, webhook: description } = whole;
  if (!isObject(event) || !isObject(description)) return legacyBody(input);
  // The copy of a row that was sent before contains the id of that row.
  const { id: oldId, ...rest } = event;
  return dotnetJson({
    event: { id: keepsId ? (oldId ?? logId) : logId, ...rest },
    payload: whole.payload,
    webhook: { ...bare(description), ...retryFields({ webhook, retry }) },
  });
}

/** The body for a row of an old version: its stored body becomes a JSON string. */
function legacyBody(input: Parameters<typeof bodyToSend>[0]): string {
  const { stored, logId, webhook, now, retry } = input;
  return dotnetJson({
    event: { id: logId, createOn: atRest(now), createBy: webhook.createdBy, trigger: '*' },
    payload: stored,
    webhook: { ...describe({ webhook }), ...retryFields({ webhook, retry }) },
  });
}

/** `sha256=` and the HMAC over the exact bytes, in upper-case hex (docs/docspace-wire.md 7.3). */
export function signatureOf(input: { readonly body: string; readonly secretKey: string }): string {
  const hmac = createHmac('sha256', input.secretKey).update(input.body).digest('hex');
  return `sha256=${hmac.toUpperCase()}`;
}

function describe(input: { webhook: PortalWebhook; entity?: string | undefined }): JsonObject {
  const { webhook, entity } = input;
  const { id, name, uri, triggers, targetId } = webhook;
  const target = targetId === undefined ? undefined : { id: targetId, type: entity };
  return { id, name, url: uri, triggers: triggerNames(triggers), target };
}

/** Removes the fields that an earlier attempt may have left in a copied row. */
function bare(description: JsonObject): JsonObject {
  const { id, name, url, triggers, target } = description;
  return { id, name, url, triggers, target };
}

/**
 * The retry fields in the order of docs/docspace-wire.md 7.5. `lastSuccessOn` comes from the database,
 * so it has no zone.
 */
function retryFields(input: {
  readonly webhook: PortalWebhook;
  readonly retry: RetryFields | undefined;
}): JsonObject {
  const { webhook, retry } = input;
  if (retry === undefined) return {};
  return {
    lastFailureOn: atRest(retry.lastFailureOn),
    lastFailureContent: retry.lastFailureContent,
    lastSuccessOn: webhook.lastSuccessOn && withoutZone(webhook.lastSuccessOn),
    retryCount: retry.retryCount,
    retryOn: atRest(retry.retryOn),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
