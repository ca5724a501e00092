import { randomBytes } from 'node:crypto';

/**
 * Makes ids such as `inv_…` or `att_…`. The function is passed as an argument, so that tests can predict
 * the ids.
 */
export type NewId = (prefix: string) => string;

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * Makes ids that grow with time, so that an index adds them at its end: 9 characters for the time
 * in ms, then 80 random bits.
 */
export function createNewId(now: () => number): NewId {
  return (prefix) => `${prefix}_${encodeTime(now())}${encodeRandom(randomBytes(16))}`;
}

function encodeTime(at: number): string {
  let text = '';
  for (let left = Math.max(0, Math.floor(at)), i = 0; i < 9; i += 1) {
    text = alphabet.charAt(left % 32) + text;
    left = Math.floor(left / 32);
  }
  return text;
}

/** Encodes each byte as one character, which stands for the lowest five bits of the byte. */
function encodeRandom(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => alphabet.charAt(byte & 31)).join('');
}
