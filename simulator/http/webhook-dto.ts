import { withOffset, withoutZone } from '../moments.ts';
import type { JournalRow } from '../webhooks/journal.ts';
import type { PortalWebhook } from '../webhooks/webhook.ts';
import type { World } from '../world.ts';
import { employeeDto } from './employee-dto.ts';

/** WebhooksConfigDto in the order of wire 7.1; the secret is never returned. */
export function webhookDto({ world, webhook }: { world: World; webhook: PortalWebhook }) {
  const by = (userId: string | undefined) => {
    const user = world.people.get(userId ?? '');
    return user && employeeDto({ world, user });
  };
  return {
    id: webhook.id,
    name: webhook.name,
    uri: webhook.uri,
    enabled: webhook.enabled,
    ssl: webhook.ssl,
    triggers: webhook.triggers,
    targetId: webhook.targetId,
    createdBy: by(webhook.createdBy),
    createdOn: withOffset(webhook.createdOn),
    modifiedBy: by(webhook.modifiedBy),
    modifiedOn: webhook.modifiedOn && withOffset(webhook.modifiedOn),
    lastFailureOn: webhook.lastFailureOn && withOffset(webhook.lastFailureOn),
    lastFailureContent: webhook.lastFailureContent,
    lastSuccessOn: webhook.lastSuccessOn && withOffset(webhook.lastSuccessOn),
  };
}

/** WebhooksLogDto in the order of wire 7.6; `method` and `route` are never set. */
export function logDto({ world, row }: { world: World; row: JournalRow }) {
  return {
    id: row.id,
    configName: world.webhooks.get(row.webhookId)?.name,
    trigger: row.trigger,
    // Shifted from portal-local to UTC, which is the same on a UTC portal (wire 2.3).
    creationTime: `${withoutZone(row.creationTime)}Z`,
    requestHeaders: row.requestHeaders,
    requestPayload: row.requestPayload,
    responseHeaders: row.responseHeaders,
    responsePayload: row.responsePayload,
    status: row.status,
    delivery: row.delivery && `${withoutZone(row.delivery)}Z`,
  };
}
