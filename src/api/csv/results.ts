import { type RowResult, rowReasonText } from '../../invitations/import/row-result.ts';
import { byteOrderMark, csvLine } from './write.ts';

/** The result of each row of an import, as a file for spreadsheets. It holds links. */
export function resultsCsv(results: readonly RowResult[]): string {
  const heading = ['row', 'email', 'result', 'id', 'link', 'reason'];
  const lines = results.map(({ row, email, result, id, link, reason }) =>
    csvLine([row, email, result, id, link, reason && rowReasonText(reason)]),
  );
  return byteOrderMark + [csvLine(heading), ...lines, ''].join('\r\n');
}
