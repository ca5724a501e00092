import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { employeeTypes, invitationModes, normaliseEmail } from '../../domain/vocabulary.ts';
import { faultsOf } from '../../http/problem.ts';
import type { InvitationRequest } from '../inviter.ts';
import { invitationRequestSchema } from '../request.ts';
import type { CsvRow } from './read-csv.ts';
import type { RowResult } from './row-result.ts';

/** A row with what it asks for, or why it asks for nothing. */
export type PlannedRow =
  | { readonly kind: 'wish'; readonly row: number; readonly request: InvitationRequest }
  | {
      readonly kind: 'not valid' | 'duplicate in the file';
      readonly row: number;
      readonly email: string;
      readonly reason: string;
    };

/** Rows that are judged in one turn of the event loop: a few milliseconds. */
const rowsPerTurn = 250;

/**
 * Turns rows into wishes, while other work goes on. Each bears a key by which the log knows it again, so that a file can be
 * given twice: with an address the file's key (the address does the rest), without one the key of
 * what the row says and of how often the file said it before.
 * @param fileKey see `fileKeyOf`
 * @param defaults for empty cells
 */
export async function planRows(
  rows: readonly CsvRow[],
  fileKey: string,
  defaults: { readonly type: string; readonly mode: string; readonly note?: string | undefined },
): Promise<PlannedRow[]> {
  const rowOfAddress = new Map<string, number>();
  const repeats = new Map<string, number>();
  function planned({ row, ...cells }: CsvRow): PlannedRow {
    const parsed = invitationRequestSchema.safeParse({
      employeeType: known(cells.type || defaults.type, employeeTypes),
      mode: known(cells.mode || defaults.mode, invitationModes),
      email: cells.email || null,
      note: cells.note || defaults.note,
    });
    if (!parsed.success) {
      const reason = faultsOf(parsed.error).map(sentence).join('; ');
      return { kind: 'not valid', row, email: cells.email, reason };
    }
    const request = parsed.data;
    if (request.email === null) {
      const says = hash(JSON.stringify([request.employeeType, request.mode, request.note]));
      const nth = (repeats.get(says) ?? 0) + 1;
      repeats.set(says, nth);
      return { kind: 'wish', row, request: { ...request, importKey: `${fileKey}:${says}:${nth}` } };
    }
    const address = normaliseEmail(request.email);
    const before = rowOfAddress.get(address);
    if (before !== undefined) {
      const reason = `the same address as in row ${before}`;
      return { kind: 'duplicate in the file', row, email: request.email, reason };
    }
    rowOfAddress.set(address, row);
    return { kind: 'wish', row, request: { ...request, importKey: fileKey } };
  }

  const all: PlannedRow[] = [];
  for (const row of rows) {
    if (all.length % rowsPerTurn === rowsPerTurn - 1) await setImmediate();
    all.push(planned(row));
  }
  return all;
}

/** What is said of a row that nobody was asked about. */
export function withoutAnswer(planned: PlannedRow): RowResult {
  const { row } = planned;
  if (planned.kind === 'wish') {
    const reason = 'run it again: it goes on here';
    const { email } = planned.request;
    return { row, email, result: 'not reached', id: null, link: null, reason };
  }
  const { kind: result, email, reason } = planned;
  return { row, email, result, id: null, link: null, reason };
}

/** The same file is the same place: its content may grow between two runs. */
export function fileKeyOf(absolutePath: string): string {
  return `csv:${hash(absolutePath)}`;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Spreadsheets know no upper and lower case: `guest` is `Guest`. */
function known(word: string, words: readonly string[]): string {
  return words.find((one) => one.toLowerCase() === word.toLowerCase()) ?? word;
}

function sentence({ path, message }: { readonly path: string; readonly message: string }): string {
  return `${path === 'employeeType' ? 'type' : path} ${message}`;
}
