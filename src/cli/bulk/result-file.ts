import { renameSync, writeFileSync } from 'node:fs';
import { resultsCsv } from '../../api/csv/results.ts';
import type { RowResult } from '../../invitations/import/row-result.ts';

/**
 * Writes one line per row, whole or not at all. Readable by its owner only: it holds links.
 * @throws when the folder cannot be written
 */
export function writeResults(file: string, results: readonly RowResult[]): void {
  writeFileSync(`${file}.part`, resultsCsv(results), { mode: 0o600 });
  renameSync(`${file}.part`, file);
}
