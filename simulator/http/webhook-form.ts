import { z } from 'zod';
import type { PortalUser } from '../person.ts';
import { isAdmin } from '../rights.ts';
import { hasTrigger, MOST_TRIGGERS, triggerId } from '../webhooks/triggers.ts';
import { integer } from './body.ts';

/** The request of POST and PUT settings/webhook, names lower-cased (wire 7.1). */
export const webhookForm = z.object({
  id: integer.default(0),
  name: z.string().min(1, 'The Name field is required.').max(50),
  uri: z.string().min(1, 'The Uri field is required.'),
  secretkey: z.string().max(50).nullish(),
  enabled: z.boolean().default(false),
  ssl: z.boolean().default(false),
  triggers: integer.pipe(z.number().min(0).max(MOST_TRIGGERS)).default(0),
  targetid: z.string().max(255).nullish(),
});
export type WebhookForm = z.infer<typeof webhookForm>;

/**
 * user.created and user.invited: admins and room admins only; user.updated and user.deleted: also
 * users (wire 7.1). Other triggers are not limited here: this portal never publishes them.
 */
export function isTriggerAvailable(input: { trigger: number; caller: PortalUser }): boolean {
  const { trigger, caller } = input;
  const leads = isAdmin(caller) || caller.type === 'RoomAdmin';
  if (trigger === triggerId('user.created') || trigger === triggerId('user.invited')) return leads;
  if (trigger === triggerId('user.updated') || trigger === triggerId('user.deleted')) {
    return leads || caller.type === 'User';
  }
  return true;
}

export function hasUnavailableTrigger(form: WebhookForm, caller: PortalUser): boolean {
  if (form.triggers === 0) return false;
  return USER_TRIGGERS.some(
    (id) =>
      hasTrigger({ triggers: form.triggers, id }) && !isTriggerAvailable({ trigger: id, caller }),
  );
}

const USER_TRIGGERS = [1, 2, 4, 8];
