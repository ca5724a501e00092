/** Tells spreadsheets that the file is UTF-8. */
export const byteOrderMark = '\ufeff';

/** Formats one line (RFC 4180), without its line break. */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return cells.map((cell) => quoted(harmless(cell === null ? '' : String(cell)))).join(',');
}

/**
 * Puts an apostrophe before text that a spreadsheet would run as a formula. A new cell can also begin
 * after a semicolon: where the comma is the decimal sign (German, French, Spanish), spreadsheets separate
 * cells by semicolons, and they respect quotes only at the beginning of a cell. `read-csv.ts` removes
 * these apostrophes.
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
function harmless(cell: string): string {
  const within = cell.replace(/((?:;|(?<!^)[\t\r\n])["\s]*)(?=[=+\-@＝＋－＠])/g, "$1'");
  return /^[=+\-@\t\r\n＝＋－＠]/.test(within) ? `'${within}` : within;
}

function quoted(cell: string): string {
  return /[",;\t\r\n']|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
