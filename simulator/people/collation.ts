/**
 * How the portal's database compares texts (MySQL utf8_general_ci, docs/docspace-wire.md 13.6): without
 * case and accents, so that `jürgen@example.com` and `jurgen@example.com` are the same address. Equal
 * texts have equal keys, and keys sort as in the database.
 */
export function collationKey(text: string): string {
  // Most texts are ASCII, and this runs for every lookup.
  if (/^[\x20-\x7e]*$/.test(text)) return text.trimEnd().toUpperCase();
  return text.replaceAll('ß', 's').normalize('NFD').replace(/\p{M}/gu, '').trimEnd().toUpperCase();
}

/**
 * Whether the text has letters beyond the basic plane. MySQL cannot compare them under utf8_general_ci.
 */
export function isBeyondCollation(text: string): boolean {
  return /[\u{10000}-\u{10ffff}]/u.test(text);
}
