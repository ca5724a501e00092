/**
 * The portal's own pattern for addresses of invitations by e-mail (docs/docspace-wire.md 13.1):
 * dotted atoms or a quoted part, a domain of at least two labels or a literal, nothing beyond
 * ASCII.
 */
export function isInvitable(email: string): boolean {
  const local = String.raw`(?:[^<>()[\]\\.,;:\s@"]+(?:\.[^<>()[\]\\.,;:\s@"]+)*|".+")`;
  const domain = String.raw`(?:\[\d{1,3}(?:\.\d{1,3}){3}\]|(?:[a-zA-Z\-0-9]+\.)+[a-zA-Z]{2,})`;
  if (!new RegExp(`^${local}@${domain}$`).test(email)) return false;
  if (!/^[\x20-\x7e]*$/.test(email) || /@(?:.*\.)?xn--/i.test(email)) return false;
  // The whole address goes through a function for domain names: its labels are cut at the dots.
  const labels = [...email.split('.'), ...email.slice(email.lastIndexOf('@') + 1).split('.')];
  return labels.every((label) => label.length <= 63 && !/^-|-$/.test(label));
}

/**
 * What comes of an address that somebody registers with by an open link: the bare address in NFC,
 * or undefined where .NET's MailAddress refuses it (docs/docspace-wire.md 13.6).
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

/** One @ with something on both sides: the rule of the model, before any of the others. */
export function looksLikeEmail(text: string): boolean {
  return text.length <= 255 && /^[^@\r\n]+@[^@\r\n]+$/.test(text);
}

/** `core:username:regex`, and the length of the field (docs/docspace-wire.md 13.2, 10). */
export function isAllowedName(name: {
  readonly firstName: string;
  readonly lastName: string;
}): boolean {
  const pattern = /^[\p{L}\p{M}' -]+\n?$/u;
  const { firstName, lastName } = name;
  const isShort = firstName.length <= 64 && lastName.length <= 64;
  return isShort && pattern.test(firstName) && (lastName === '' || pattern.test(lastName));
}
