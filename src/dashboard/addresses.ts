/**
 * Finds the addresses in a pasted text. Line breaks, commas, semicolons or spaces may separate them. A
 * list from a mail program is also read (`"Stone, Anna" <anna@example.com>; Bob <bob@example.com>`).
 * @returns the addresses in the order of the text. In a line without an address in brackets, a word that
 *   is not an address stays, so that the mistake is shown
 */
export function addressesIn(text: string): string[] {
  return text.split(/[\r\n;]+/).flatMap((line) => {
    const isBracketed = line.match(/<[^<>\s]*>/g)?.some(looksLikeAddress) ?? false;
    // If a line has an address in brackets, its other words are names, unless they are addresses too.
    if (isBracketed) return line.split(/[<>\s,"']+/).filter(looksLikeAddress);
    return line.split(/[\s,]+/).filter((one) => one !== '');
  });
}

/** Whether the word has an `@` between two characters. A pattern with `+` is slow for a long word. */
function looksLikeAddress(word: string): boolean {
  return /[^<]@[^>]/.test(word);
}
