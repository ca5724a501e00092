import { createHmac } from 'node:crypto';

/**
 * Signs a message as the Standard Webhooks specification says.
 * @param secret `whsec_` and the key in base64
 * @param timestamp the value of `webhook-timestamp`, in seconds
 * @returns the value of `webhook-signature`
 */
export function signatureOf(
  secret: string,
  message: { readonly id: string; readonly timestamp: number; readonly body: string },
): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signed = `${message.id}.${message.timestamp}.${message.body}`;
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}
