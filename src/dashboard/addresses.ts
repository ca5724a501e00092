/**
 * The addresses in what somebody pasted: one a line, separated by commas, semicolons or spaces, or as
 * mail programs write them (`"Stone, Anna" <anna@example.com>; Bob <bob@example.com>`).
 * @returns in their order; what is no address is kept as it is, so that somebody sees the mistake
 */
export function addressesIn(text: string): string[] {
  return text.split(/[\r\n;]+/).flatMap((line) => {
    const isBracketed = line.match(/<[^<>\s]*>/g)?.some(looksLikeAddress) ?? false;
    // Beside an address in brackets everything else is a name, unless it is an address too.
    if (isBracketed) return line.split(/[<>\s,"']+/).filter(looksLikeAddress);
    return line.split(/[\s,]+/).filter((one) => one !== '');
  });
}

/** Something, an `@`, and something; more than one pattern of `+` would take for ever on a long word. */
function looksLikeAddress(word: string): boolean {
  return /[^<]@[^>]/.test(word);
}
