/**
 * The portal's own pattern for addresses of e-mail invitations (docs/docspace-wire.md 13.1). The local
 * part has dotted atoms or is quoted. The domain has at least two labels or is an IP address in
 * brackets. Only ASCII is allowed.
 */
export function isInvitable(email: string): boolean {
  const local = String.raw`(?:[^<>()[\]\\.,;:\s@"]+(?:\.[^<>()[\]\\.,;:\s@"]+)*|".+")`;
  const domain = String.raw`(?:\[\d{1,3}(?:\.\d{1,3}){3}\]|(?:[a-zA-Z\-0-9]+\.)+[a-zA-Z]{2,})`;
  if (!new RegExp(`^${local}@${domain}$`).test(email)) return false;
  if (!/^[\x20-\x7e]*$/.test(email) || /@(?:.*\.)?xn--/i.test(email)) return false;
  // The real code passes the whole address to a function for domain names, which splits it at the dots.
  const labels = [...email.split('.'), ...email.slice(email.lastIndexOf('@') + 1).split('.')];
  return labels.every((label) => label.length <= 63 && !/^-|-$/.test(label));
}

/**
 * The address that is stored for a person who types this text behind an open or shared link: the bare
 * address in NFC. Undefined if .NET's MailAddress refuses the text (docs/docspace-wire.md 13.6).
 */
export function registeredAddress(given: string): string | undefined {
  const bare = /^[^<]*<([^<>]+)>\s*$/.exec(given)?.[1] ?? given;
  const email = bare.trim().normalize('NFC');
  const local = /^(?:"[^"]+"|[^\s@"<>()[\]\\,;:]+)$/;
  const at = email.lastIndexOf('@');
  if (given.length > 255 || at < 1 || at === email.length - 1) return undefined;
  const isGood = local.test(email.slice(0, at)) && /^[^\s@<>()\\,;:"]+$/.test(email.slice(at + 1));
  return isGood && !email.includes('..') ? email : undefined;
}

/**
 * Whether the text has at most 255 characters and one @ with text on both sides. The model checks this
 * rule before all others.
 */
export function looksLikeEmail(text: string): boolean {
  return text.length <= 255 && /^[^@\r\n]+@[^@\r\n]+$/.test(text);
}

/**
 * Checks a name by the default of `core:username:regex` and by the length of the field
 * (docs/docspace-wire.md 13.2, 10).
 */
export function isAllowedName(name: {
  readonly firstName: string;
  readonly lastName: string;
}): boolean {
  const pattern = /^[\p{L}\p{M}' -]+\n?$/u;
  const { firstName, lastName } = name;
  const isShort = firstName.length <= 64 && lastName.length <= 64;
  return isShort && pattern.test(firstName) && (lastName === '' || pattern.test(lastName));
}
