import { createHmac, timingSafeEqual } from 'node:crypto';

export const signatureHeader = 'x-docspace-signature-256';

/** Returns the header: `sha256=` and the HMAC in upper-case hex (docs/docspace-wire.md 7.3). */
export function sign(body: Uint8Array, secret: string): string {
  return `sha256=${hmac(body, secret).toString('hex').toUpperCase()}`;
}

/**
 * Whether a request carries the portal's signature. The HMAC is computed over the raw bytes, because
 * JSON that is parsed and written again can have other bytes, for example if a name contains an
 * apostrophe (docs/docspace-wire.md 7.5). The hex may be in upper or lower case
 * (docs/docspace-wire.md 12). The comparison takes constant time.
 * @param secrets the current secret, and the previous one while the secret is being changed
 */
export function isSigned(request: {
  readonly body: Uint8Array;
  readonly signature: string | undefined;
  readonly secrets: readonly string[];
}): boolean {
  const hex = /^sha256=([0-9a-f]{64})$/i.exec(request.signature ?? '')?.[1];
  if (hex === undefined) return false;
  const signature = Buffer.from(hex, 'hex');
  let matches = false;
  for (const secret of request.secrets) {
    if (timingSafeEqual(hmac(request.body, secret), signature)) matches = true;
  }
  return matches;
}

function hmac(body: Uint8Array, secret: string): Buffer {
  return createHmac('sha256', secret).update(body).digest();
}
