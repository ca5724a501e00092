// Finds every escape that JSON.stringify writes, every character outside 0x20 to 0x7E, and six more
// characters that .NET's default encoder escapes. `dotnetJson` decides how each is written.
const NOT_IN_DELIVERIES = /\\(?:u[0-9a-f]{4}|.)|[^\x20-\x7e]|[&'+<>`]/g;
// Finds what answers write in another way than JSON.stringify: its escapes (their hex becomes upper
// case), control characters from DEL to 0x9F, line separators, and characters beyond the basic plane.
const NOT_IN_ANSWERS = /\\(?:u[0-9a-f]{4}|.)|[\u007f-\u009f\u2028\u2029\ud800-\udfff]/g;

/**
 * JSON as System.Text.Json writes it with its default encoder: one line, no spaces, pure ASCII,
 * upper-case hex (docs/docspace-wire.md 7.5). Undefined properties are left out.
 */
export function dotnetJson(value: unknown): string {
  return JSON.stringify(value).replace(NOT_IN_DELIVERIES, (found) =>
    found === '\\"' ? unicodeEscape('"') : dotnetEscape(found),
  );
}

/**
 * JSON as the API's answers contain it, written with the relaxed encoder (docs/docspace-wire.md 13.1).
 */
export function answerJson(value: unknown): string {
  return JSON.stringify(value).replace(NOT_IN_ANSWERS, dotnetEscape);
}

/** Writes an escape of JSON.stringify, or a character, as .NET does. */
function dotnetEscape(found: string): string {
  if (found.startsWith('\\u')) return `\\u${found.slice(2).toUpperCase()}`;
  return found.startsWith('\\') ? found : unicodeEscape(found);
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}
