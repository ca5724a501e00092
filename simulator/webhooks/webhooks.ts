import type { Moment } from '../time.ts';

/** A webhook as the portal stores it (docs/docspace-wire.md 7.1). `triggers` 0 means all events. */
export type PortalWebhook = {
  readonly id: number;
  readonly name: string;
  readonly uri: string;
  readonly secretKey: string;
  readonly enabled: boolean;
  readonly ssl: boolean;
  readonly triggers: number;
  readonly targetId?: string | undefined;
  readonly createdBy: string;
  readonly createdOn: Moment;
  readonly modifiedBy?: string | undefined;
  readonly modifiedOn?: Moment | undefined;
  readonly lastFailureOn?: Moment | undefined;
  readonly lastFailureContent?: string | undefined;
  readonly lastSuccessOn?: Moment | undefined;
};
export type Webhooks = ReturnType<typeof createWebhooks>;

/**
 * The registered webhooks. `onRemoved` is called for a deleted webhook, and `onChanged` if an address
 * has changed.
 */
export function createWebhooks(listeners: {
  readonly onRemoved: (id: number) => void;
  readonly onChanged: () => void;
}) {
  const byId = new Map<number, PortalWebhook>();
  let lastId = 0;
  return {
    get: (id: number): PortalWebhook | undefined => byId.get(id),
    all: (): PortalWebhook[] => [...byId.values()],
    add(webhook: Omit<PortalWebhook, 'id'>): PortalWebhook {
      lastId += 1;
      const made = { ...webhook, id: lastId };
      byId.set(made.id, made);
      return made;
    },
    /** Overwrites all fields. Does nothing if the webhook does not exist any more. */
    save(webhook: PortalWebhook): void {
      const before = byId.get(webhook.id);
      if (before === undefined) return;
      byId.set(webhook.id, webhook);
      if (before.uri !== webhook.uri) listeners.onChanged();
    },
    /** Deletes a webhook together with its journal rows (docs/docspace-wire.md 13.1). */
    remove(id: number): void {
      if (byId.delete(id)) listeners.onRemoved(id);
    },
  };
}
