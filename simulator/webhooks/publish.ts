import { employeeFullDto } from '../http/dtos.ts';
import { type PortalUser, payloadOf } from '../people/person.ts';
import { maySee } from '../people/rights.ts';
import { atRest, epochMs, momentAt, shifted } from '../time.ts';
import type { World } from '../world.ts';
import { storedBody } from './body.ts';
import type { JournalRow } from './journal.ts';
import { hasTrigger, triggerId, type UserTrigger } from './triggers.ts';
import type { PortalWebhook } from './webhooks.ts';

/**
 * Writes a journal row for every webhook that matches the event, and passes the rows to the sender
 * (docs/docspace-wire.md 7.2). `user` is the object in memory, with fresh dates.
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
  const owner = world.people.get(world.ownerId) ?? user;
  const payload = world.release.nextDeliveries
    ? employeeFullDto({ world, user, caller: owner })
    : payloadOf({
        user,
        tenantId: world.signing.tenantId,
        // A time that was read from the database is treated as the server's local time
        // (docs/docspace-wire.md 13.2, 36).
        readFromDatabase: (moment) =>
          shifted(moment, -world.zones.server.offsetMs(epochMs(moment))),
      });
  const rows = concerned.map((webhook) =>
    world.journal.add({
      webhookId: webhook.id,
      trigger: id,
      creationTime: atRest(createdAt),
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

/**
 * Whether the webhook is enabled, has the trigger, has this user or nobody as its target, and its
 * creator is the actor or may see the user.
 */
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
  // A disabled creator keeps their rights, because rights are computed from groups.
  const viewer = world.people.get(webhook.createdBy);
  return viewer !== undefined && maySee({ world, viewer, target: user });
}

/**
 * Adds a journal row that copies the stored body, whatever the old status was (docs/docspace-wire.md
 * 7.4, 7.7). The returned row has a fresh date.
 */
export function redeliver(input: { readonly world: World; readonly row: JournalRow }): JournalRow {
  const { world, row } = input;
  const creationTime = momentAt(world.now());
  const copy = world.journal.add({
    webhookId: row.webhookId,
    trigger: row.trigger,
    creationTime: atRest(creationTime),
    requestPayload: row.requestPayload,
  });
  world.sender.enqueue(copy.id);
  return { ...copy, creationTime };
}
