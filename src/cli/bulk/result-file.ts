import { renameSync, writeFileSync } from 'node:fs';
import { byteOrderMark, csvLine } from '../csv/write.ts';
import type { RowResult } from './row-result.ts';

/**
 * Writes one line per row, whole or not at all. Readable by its owner only: it holds links.
 * @throws when the folder cannot be written
 */
export function writeResults(file: string, results: readonly RowResult[]): void {
  const heading = ['row', 'email', 'result', 'id', 'link', 'reason'];
  const lines = results.map((one) =>
    csvLine([one.row, one.email, one.result, one.id, one.link, one.reason]),
  );
  const text = [csvLine(heading), ...lines, ''].join('\r\n');
  writeFileSync(`${file}.part`, byteOrderMark + text, { mode: 0o600 });
  renameSync(`${file}.part`, file);
}
