/** The modes in which the portal accepts an address: any mode, only a link, or none. */
export type AddressUse = 'any_mode' | 'link_only' | 'none';

/** The longest address that the portal stores. */
export const longestAddress = 255;

const plainLocal = String.raw`[^\s@"<>()[\]\\,;:]+`;
const quotedLocal = '"[^"]+"';
const linkForm = new RegExp(`^(?:${plainLocal}|${quotedLocal})@(?<domain>[^\\s@<>()\\\\,;:"]+)$`);

const mailAtoms = String.raw`[^<>()[\]\\.,;:\s@"]+(?:\.[^<>()[\]\\.,;:\s@"]+)*`;
const mailDomain = String.raw`(?:\[\d{1,3}(?:\.\d{1,3}){3}\]|(?:[a-zA-Z0-9-]+\.)+[a-zA-Z]{2,})`;
const mailForm = new RegExp(`^(?:${mailAtoms}|${quotedLocal})@${mailDomain}$`);
const ascii = /^[\x20-\x7e]*$/;

/**
 * Returns the modes in which the portal accepts this address. The portal has one rule for e-mail
 * invitations, and a wider rule for people who register by a link (docs/docspace-wire.md 4.1 and 13.6).
 */
export function addressUse(email: string): AddressUse {
  if (email.length > longestAddress || !linkForm.test(email) || email.includes('..')) return 'none';
  return takenByMail(email) ? 'any_mode' : 'link_only';
}

function takenByMail(email: string): boolean {
  if (!ascii.test(email) || !mailForm.test(email) || /@(?:.*\.)?xn--/i.test(email)) return false;
  const domain = email.slice(email.lastIndexOf('@') + 1);
  // The portal splits the whole address at its dots, and treats each part as a label of a domain.
  const pieces = [...email.split('.'), ...domain.split('.')];
  return pieces.every((piece) => piece.length <= 63 && !/^-|-$/.test(piece));
}
