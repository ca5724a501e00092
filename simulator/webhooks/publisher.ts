import { momentAt } from '../moments.ts';
import { type PortalUser, payloadOf } from '../person.ts';
import { maySee } from '../rights.ts';
import type { World } from '../world.ts';
import { storedBody } from './body.ts';
import { hasTrigger, triggerId, type UserTrigger } from './triggers.ts';
import type { PortalWebhook } from './webhook.ts';

/**
 * Writes a journal row for every webhook that the event matches and hands it to the sender
 * (wire 7.2). `user` is the object as it is in memory, with fresh dates.
 */
export function publishEvent(input: {
  readonly world: World;
  readonly trigger: UserTrigger;
  readonly user: PortalUser;
  readonly actorId: string;
}): void {
  const { world, trigger, user, actorId } = input;
  const id = triggerId(trigger);
  const concerned = world.webhooks
    .all()
    .filter((webhook) => matches({ world, webhook, user, actorId, id }));
  if (concerned.length === 0) return;
  const createdAt = momentAt(world.now());
  const payload = payloadOf({ user, tenantId: world.signing.tenantId });
  const rows = concerned.map((webhook) =>
    world.journal.add({
      webhookId: webhook.id,
      trigger: id,
      creationTime: createdAt,
      requestPayload: storedBody({
        webhook,
        trigger: { name: trigger, id },
        createdAt,
        actorId,
        payload,
      }),
    }),
  );
  world.sender.enqueueEvent(rows.map((row) => row.id));
}

/** Enabled, the bit, the target, and what the webhook's creator may see (wire 7.2). */
function matches(input: {
  readonly world: World;
  readonly webhook: PortalWebhook;
  readonly user: PortalUser;
  readonly actorId: string;
  readonly id: number;
}): boolean {
  const { world, webhook, user, actorId, id } = input;
  if (!webhook.enabled || !hasTrigger({ triggers: webhook.triggers, id })) return false;
  if (webhook.targetId !== undefined && webhook.targetId !== user.id) return false;
  if (webhook.createdBy === actorId) return true;
  // A disabled creator keeps his rights: they are computed from groups.
  const viewer = world.people.get(webhook.createdBy);
  return viewer !== undefined && maySee({ world, viewer, target: user });
}
