import { request } from 'undici';
import { sign } from '../../src/docspace/signature.ts';
import { webhookSecret } from './world.ts';

/** Headers with the signature that the portal would send over these bytes. */
export function signed(body: string | Uint8Array, secret = webhookSecret): Record<string, string> {
  return { 'x-docspace-signature-256': sign(Buffer.from(body), secret) };
}

/** Posts a delivery as the portal does. */
export async function deliver(
  serviceUrl: string,
  body: Uint8Array | string,
  headers: Record<string, string> = {},
) {
  const answer = await request(`${serviceUrl}/webhooks/docspace`, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body,
  });
  const text = await answer.body.text();
  return { status: answer.statusCode, json: JSON.parse(text), headers: answer.headers };
}

/** A delivery as the portal writes it. Its user need not exist. */
export function deliveryBody(event: {
  readonly id: number;
  readonly trigger?: string;
  readonly userId?: string;
  readonly createOn?: string;
}): string {
  return JSON.stringify({
    event: {
      id: event.id,
      createOn: event.createOn ?? '2026-08-20T10:15:42Z',
      createBy: '0d7c6f1e-5b1c-4d0a-9c55-7a3f1f2b9e10',
      trigger: event.trigger ?? 'user.updated',
      triggerId: 4,
    },
    payload: { id: event.userId ?? '7b3c1d52-8e1f-4f55-9d0b-3a5a2f9e6c01', status: 1 },
    webhook: { id: 12, name: 'w', url: 'http://x', triggers: ['*'] },
  });
}
