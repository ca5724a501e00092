import { emailKey } from '../domain/vocabulary.ts';

/**
 * Whether two addresses are the same: compared without case, in NFC, with the domain in its ASCII
 * form. The portal's database finds other addresses too, because it compares without accents
 * (docs/docspace-wire.md 13.6).
 */
export function isSameAddress(one: string, other: string): boolean {
  return emailKey(one) === emailKey(other);
}
