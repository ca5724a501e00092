import type { RowResult } from '../../invitations/import/row-result.ts';
import { byteOrderMark, csvLine } from './write.ts';

/** What each row of a bulk invitation came to, as a file for spreadsheets. It holds links. */
export function resultsCsv(results: readonly RowResult[]): string {
  const heading = ['row', 'email', 'result', 'id', 'link', 'reason'];
  const lines = results.map((one) =>
    csvLine([one.row, one.email, one.result, one.id, one.link, one.reason]),
  );
  return byteOrderMark + [csvLine(heading), ...lines, ''].join('\r\n');
}
