import type { Portal } from './portal.ts';

/** What an admin saves about a webhook. */
export type WebhookSettings = {
  readonly name?: string;
  readonly uri: string;
  readonly secretKey: string;
  readonly enabled?: boolean;
  readonly triggers?: number;
};

/**
 * Registers a webhook over HTTP as an admin does. A new webhook is always saved with `ssl: true`, so this
 * function changes it afterwards (docs/docspace-wire.md 13.2).
 * @returns its id; throws an Error with the portal's message if the portal refuses
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
