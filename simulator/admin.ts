import type { Portal } from './portal.ts';

/** The settings that an admin saves for a webhook. */
export type WebhookSettings = {
  readonly name?: string;
  readonly uri: string;
  readonly secretKey: string;
  readonly enabled?: boolean;
  readonly triggers?: number;
};

/**
 * Registers a webhook over HTTP as an admin does. The portal saves every new webhook with `ssl: true`,
 * so a second request sets `ssl` to false (docs/docspace-wire.md 13.2).
 * @returns the id of the webhook; throws an Error with the portal's message if the portal refuses
 */
export async function registerWebhook(
  portal: Pick<Portal, 'url' | 'apiKey'>,
  settings: WebhookSettings,
): Promise<number> {
  const body = { name: 'docspace-welcome', enabled: true, triggers: 15, ...settings, ssl: false };
  const { id, ssl } = await save(portal, 'POST', body);
  if (ssl) await save(portal, 'PUT', { ...body, id });
  return id;
}

async function save(
  portal: Pick<Portal, 'url' | 'apiKey'>,
  method: 'POST' | 'PUT',
  body: object,
): Promise<{ readonly id: number; readonly ssl: boolean }> {
  const answer = await fetch(`${portal.url}/api/2.0/settings/webhook`, {
    method,
    headers: { authorization: `Bearer ${portal.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`The portal refused the webhook: ${text}`);
  return JSON.parse(text).response;
}
