// What JSON.stringify leaves and .NET's default encoder does not: its own escapes (to be looked at),
// everything outside 0x20 to 0x7E, and these six.
const TO_ESCAPE = /\\(?:u[0-9a-f]{4}|.)|[^\x20-\x7e]|[&'+<>`]/g;

/**
 * JSON as System.Text.Json writes it with its default encoder: one line, no spaces, pure ASCII,
 * upper-case hex (wire 7.5). Properties that are undefined are left out.
 */
export function dotnetJson(value: unknown): string {
  return JSON.stringify(value).replace(TO_ESCAPE, (found) => {
    if (found === '\\"') return unicodeEscape('"');
    if (found.startsWith('\\u')) return `\\u${found.slice(2).toUpperCase()}`;
    return found.startsWith('\\') ? found : unicodeEscape(found);
  });
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}
