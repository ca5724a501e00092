import { type RowResult, rowReasonText } from '../invitations/import/row-result.ts';
import type { InvitationView } from './invitations.ts';

const columns = [
  'status',
  'createdAt',
  'employeeType',
  'mode',
  'id',
  'email',
  'note',
  'language',
] as const;

export const invitationsHeading = csvLine(columns);

/**
 * Formats an invitation as one line of the export. The link is left out, because people share exports.
 */
export function invitationLine(invitation: InvitationView): string {
  return csvLine(columns.map((column) => invitation[column]));
}

/** Formats the results of an import as a CSV file for spreadsheets. The file contains links. */
export function resultsCsv(results: readonly RowResult[]): string {
  const heading = ['row', 'email', 'result', 'id', 'link', 'reason'];
  const lines = results.map(({ row, email, result, id, link, reason }) =>
    csvLine([row, email, result, id, link, reason && rowReasonText(reason)]),
  );
  return byteOrderMark + [csvLine(heading), ...lines, ''].join('\r\n');
}

/** Tells spreadsheets that the file is UTF-8. */
export const byteOrderMark = '\ufeff';

/** Formats one line (RFC 4180), without its line break. */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return cells.map((cell) => quoted(harmless(cell === null ? '' : String(cell)))).join(',');
}

/**
 * Puts an apostrophe before text that a spreadsheet would run as a formula. Inside a text, a new cell
 * can begin after a semicolon, a tab or a line break. Spreadsheets separate cells by semicolons where
 * the comma is the decimal sign (German, French, Spanish), and they respect quotes only at the beginning
 * of a cell. `read-csv.ts` removes these apostrophes.
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
function harmless(cell: string): string {
  const within = cell.replace(/((?:;|(?<!^)[\t\r\n])["\s]*)(?=[=+\-@＝＋－＠])/g, "$1'");
  return /^[=+\-@\t\r\n＝＋－＠]/.test(within) ? `'${within}` : within;
}

function quoted(cell: string): string {
  return /[",;\t\r\n']|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
