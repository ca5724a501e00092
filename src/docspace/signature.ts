import { createHmac, timingSafeEqual } from 'node:crypto';

export const signatureHeader = 'x-docspace-signature-256';

/** What DocSpace puts into the header: `sha256=` and upper-case hex over the exact bytes (wire 7.3). */
export function sign(body: Uint8Array, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex').toUpperCase()}`;
}

/**
 * Whether a request carries the portal's signature, compared in constant time over the raw bytes:
 * re-serialised JSON has other bytes as soon as a name holds an apostrophe (wire 7.5).
 * @param secrets the current secret, and while it is being rotated the previous one
 */
export function isSigned(request: {
  readonly body: Uint8Array;
  readonly signature: string | undefined;
  readonly secrets: readonly string[];
}): boolean {
  const given = Buffer.from(request.signature ?? '', 'latin1');
  let matches = false;
  for (const secret of request.secrets) {
    const right = Buffer.from(sign(request.body, secret), 'latin1');
    if (right.length === given.length && timingSafeEqual(right, given)) matches = true;
  }
  return matches;
}
