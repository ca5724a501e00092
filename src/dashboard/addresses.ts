/**
 * The addresses in a pasted text: one per line, separated by commas, semicolons or spaces, or as mail
 * programs write them (`"Stone, Anna" <anna@example.com>; Bob <bob@example.com>`).
 * @returns in their order; a word that is not an address stays, so that the mistake is shown
 */
export function addressesIn(text: string): string[] {
  return text.split(/[\r\n;]+/).flatMap((line) => {
    const isBracketed = line.match(/<[^<>\s]*>/g)?.some(looksLikeAddress) ?? false;
    // Everything beside an address in brackets is a name, unless it is an address too.
    if (isBracketed) return line.split(/[<>\s,"']+/).filter(looksLikeAddress);
    return line.split(/[\s,]+/).filter((one) => one !== '');
  });
}

/** A character, an `@`, and a character. A pattern with several `+` would take too long on a long word. */
function looksLikeAddress(word: string): boolean {
  return /[^<]@[^>]/.test(word);
}
