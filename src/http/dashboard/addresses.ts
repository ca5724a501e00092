/**
 * The addresses in what somebody pasted: one a line, separated by commas, semicolons or spaces, or as
 * mail programs write them (`"Stone, Anna" <anna@example.com>; Bob <bob@example.com>`).
 * @returns in their order; what is no address is kept as it is, so that somebody sees the mistake
 */
export function addressesIn(text: string): string[] {
  return text.split(/[\r\n;]+/).flatMap((line) => {
    const bracketed = [...line.matchAll(/<([^<>\s]+@[^<>\s]+)>/g)];
    // Beside an address in brackets everything else is a name, unless it is an address too.
    if (bracketed.length > 0) return line.match(/[^<>\s,"']+@[^<>\s,"']+/g) ?? [];
    return line.split(/[\s,]+/).filter((one) => one !== '');
  });
}
