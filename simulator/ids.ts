export type Random = () => number;

// The alphabet of the codes in short links, including a hyphen and an underscore. A code has 15
// characters (docs/docspace-wire.md 3.1).
const SHORT_LINK_ALPHABET = '23456789ABCDFGHJKLMNPQRSTVWXYZabcdfghjkmnpqrstvwxyz-_';
const HEX = '0123456789abcdef';
export const EMPTY_GUID = '00000000-0000-0000-0000-000000000000';

/** Returns `length` random characters of `alphabet`. */
export function randomText(input: { random: Random; alphabet: string; length: number }): string {
  let text = '';
  for (let index = 0; index < input.length; index += 1) {
    text += input.alphabet.charAt(Math.floor(input.random() * input.alphabet.length));
  }
  return text;
}

export function newShortCode(random: Random): string {
  return randomText({ random, alphabet: SHORT_LINK_ALPHABET, length: 15 });
}

/** `sk-` and 64 lower-case hex characters (docs/docspace-wire.md 1.1). */
export function newApiKey(random: Random): string {
  return `sk-${randomHex(random, 64)}`;
}

function randomHex(random: Random, length: number): string {
  return randomText({ random, alphabet: HEX, length });
}

/** A version 4 guid in the lower-case 36-character form. */
export function newGuid(random: Random): string {
  const hex = randomHex(random, 32);
  const variant = HEX.charAt(8 + Math.floor(random() * 4));
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/**
 * Reads a guid in any form that .NET accepts (`D`, `N`, `B`, `P`). Returns it in lower case with
 * hyphens, or undefined if it is not a guid.
 */
export function readGuid(text: string): string | undefined {
  const bare = text.trim().replace(/^\{(.*)\}$|^\((.*)\)$/, '$1$2');
  const hyphened = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(bare);
  if (!hyphened && !/^[0-9a-f]{32}$/i.test(bare)) return undefined;
  const hex = bare.replaceAll('-', '').toLowerCase();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
