import { domainToASCII } from 'node:url';
import { normaliseEmail } from '../domain/vocabulary.ts';

/**
 * Whether two addresses are the same: compared without case, in NFC, with the domain in its ASCII
 * form. The portal's database finds other addresses too, because it compares without accents
 * (docs/docspace-wire.md 13.6).
 */
export function isSameAddress(one: string, other: string): boolean {
  return comparable(one) === comparable(other);
}

function comparable(email: string): string {
  const normal = normaliseEmail(email);
  const at = normal.lastIndexOf('@');
  const domain = normal.slice(at + 1);
  // An empty result means that this is not a domain name, for example an address in brackets.
  return `${normal.slice(0, at + 1)}${domainToASCII(domain) || domain}`;
}
