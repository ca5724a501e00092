/** The mark by which spreadsheets know UTF-8. */
export const byteOrderMark = '\ufeff';

/** One line (RFC 4180) without its line break. */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return cells.map((cell) => quoted(harmless(cell === null ? '' : String(cell)))).join(',');
}

/**
 * What a spreadsheet would run as a formula gets an apostrophe before it, which makes it text: also
 * after a semicolon, tab or line break within the cell. Where the comma is the decimal sign (German,
 * French, Spanish), spreadsheets part cells there, and heed quotes only at the beginning of one.
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
function harmless(cell: string): string {
  const within = cell.replace(/(?<!^)([;\t\r\n]["\s]*)(?=[=+\-@＝＋－＠])/g, "$1'");
  return /^[=+\-@\t\r\n＝＋－＠]/.test(within) ? `'${within}` : within;
}

function quoted(cell: string): string {
  return /[",;\t\r\n']|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
