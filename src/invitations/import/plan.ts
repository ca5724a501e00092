import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { ImportReason } from '../../domain/reason.ts';
import { emailKey, invitationModes } from '../../domain/vocabulary.ts';
import { faultsOf } from '../../http/problem.ts';
import { invitationRequestSchema } from '../request.ts';
import { typeOf } from './headings.ts';
import type { CsvRow } from './read-csv.ts';
import type { RowResult } from './row-result.ts';
import type { RowRequest } from './run.ts';

/** A row with its request, or with the reason why it has none. */
export type PlannedRow =
  | ({ readonly kind: 'request' } & RowRequest)
  | {
      readonly kind: 'not valid' | 'duplicate in the file';
      readonly row: number;
      readonly email: string;
      readonly reason: ImportReason;
    };

/** The values for empty cells. */
export type RowDefaults = {
  readonly type: string;
  readonly mode: string;
  readonly note?: string | undefined;
  readonly language?: string | undefined;
  /**
   * True if every row without an address asks for an open link. Otherwise only a row with the mode
   * `open-link` does.
   */
  readonly openLinks?: boolean | undefined;
};

/** The value in the column `mode` for a row that has no address on purpose. */
const openLinkMode = 'open-link';
/** How many rows are planned in one turn of the event loop. Such a turn takes a few milliseconds. */
const rowsPerTurn = 250;

/**
 * Turns CSV rows into invitation requests. Each request has an idempotency key, so importing a file
 * twice invites nobody twice. For a row with an address, the key is the file's key, because the address
 * tells the rows apart. For a row without an address, the key also contains a hash of the row and its
 * number among equal rows. After every `rowsPerTurn` rows, other work gets a turn.
 * @param fileKey see `fileKeyOf`
 */
export async function planRows(
  rows: readonly CsvRow[],
  fileKey: string,
  defaults: RowDefaults,
): Promise<PlannedRow[]> {
  const rowOfAddress = new Map<string, number>();
  const repeats = new Map<string, number>();

  function plan({ row, ...cells }: CsvRow): PlannedRow {
    const { email } = cells;
    const isOpenLink = cells.mode.toLowerCase() === openLinkMode;
    const notValid = (reason: ImportReason) => ({ kind: 'not valid', row, email, reason }) as const;
    if (email === '' && !isOpenLink && !defaults.openLinks) {
      return notValid({ code: 'row_without_address' });
    }
    if (email !== '' && isOpenLink) return notValid({ code: 'row_with_address' });
    const parsed = invitationRequestSchema.safeParse({
      employeeType: typeOf(cells.type || defaults.type),
      mode: isOpenLink ? 'link' : modeOf(cells.mode || defaults.mode),
      email: email || null,
      note: cells.note || defaults.note,
      language: cells.language || defaults.language,
    });
    if (!parsed.success) {
      const faults = faultsOf(parsed.error).map(({ path, message }) => ({
        field: path === 'employeeType' ? 'type' : path,
        fault: message,
      }));
      return notValid({ code: 'row_not_valid', faults });
    }
    const request = parsed.data;
    if (request.email === null) {
      const { employeeType, mode, note, language } = request;
      // Version 0.2.0 knew no language. Without one, the key is the same as there.
      const cells = [employeeType, mode, note, ...(language === null ? [] : [language])];
      const content = hash(JSON.stringify(cells));
      const nth = (repeats.get(content) ?? 0) + 1;
      repeats.set(content, nth);
      const idempotencyKey = `${fileKey}:${content}:${nth}`;
      return { kind: 'request', row, request: { ...request, idempotencyKey } };
    }
    const address = emailKey(request.email);
    const before = rowOfAddress.get(address);
    if (before !== undefined) {
      const reason = { code: 'row_repeats_address', row: before } as const;
      return { kind: 'duplicate in the file', row, email: request.email, reason };
    }
    rowOfAddress.set(address, row);
    return { kind: 'request', row, request: { ...request, idempotencyKey: fileKey } };
  }

  const planned: PlannedRow[] = [];
  for (const row of rows) {
    if (planned.length % rowsPerTurn === rowsPerTurn - 1) await setImmediate();
    planned.push(plan(row));
  }
  return planned;
}

/** Returns the result of a row without an answer: its own fault, or `not reached`. */
export function withoutAnswer(planned: PlannedRow): RowResult {
  const { row } = planned;
  if (planned.kind === 'request') return notReached({ row, email: planned.request.email });
  const { kind: result, email, reason } = planned;
  return { row, email, result, id: null, link: null, reason };
}

/** Returns the result of a row whose invitation was not requested before the import ended. */
export function notReached(row: Pick<RowResult, 'row' | 'email'>): RowResult {
  return {
    ...row,
    result: 'not reached',
    id: null,
    link: null,
    reason: { code: 'row_not_reached' },
  };
}

/**
 * Returns the key of a file. The key is made from the path, not from the content, because a file may
 * grow between two imports.
 */
export function fileKeyOf(absolutePath: string): string {
  return `csv:${hash(absolutePath)}`;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/**
 * Returns a known mode in lower case, because spreadsheets change the case of words: `LINK` is `link`.
 */
function modeOf(word: string): string {
  return invitationModes.find((mode) => mode === word.toLowerCase()) ?? word;
}
