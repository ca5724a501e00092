/**
 * The addresses in a pasted text: one per line, separated by commas, semicolons or spaces, or as mail
 * programs write them (`"Stone, Anna" <anna@example.com>; Bob <bob@example.com>`).
 * @returns the addresses in their order. In a line without an address in brackets, a word that is not an
 *   address stays, so that the mistake is shown
 */
export function addressesIn(text: string): string[] {
  return text.split(/[\r\n;]+/).flatMap((line) => {
    const isBracketed = line.match(/<[^<>\s]*>/g)?.some(looksLikeAddress) ?? false;
    // If a line has an address in brackets, its other words are names, unless they are addresses too.
    if (isBracketed) return line.split(/[<>\s,"']+/).filter(looksLikeAddress);
    return line.split(/[\s,]+/).filter((one) => one !== '');
  });
}

/** Whether a character stands before and after an `@`. A pattern with `+` is slow for a long word. */
function looksLikeAddress(word: string): boolean {
  return /[^<]@[^>]/.test(word);
}
