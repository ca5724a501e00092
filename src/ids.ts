import { randomBytes } from 'node:crypto';

/** Makes ids as `inv_…` or `att_…`; an argument wherever ids are needed, so that tests know them. */
export type NewId = (prefix: string) => string;

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * Ids that grow with time, so that an index over them is written at its end: 9 characters of the
 * time in ms, then 80 random bits.
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

/** Five bits of each byte: a letter a byte. */
function encodeRandom(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => alphabet.charAt(byte & 31)).join('');
}
