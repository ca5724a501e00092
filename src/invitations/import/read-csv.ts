import { isUtf8 } from 'node:buffer';
import { pipeline } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { CsvError, type InfoRecord, parse } from 'csv-parse';
import type { CsvFault } from '../../domain/reason.ts';
import { type Column, columnOf, mentionsAddress } from './headings.ts';

/** A row that is not empty. `row` is its number in a spreadsheet, where the first row is 1. */
export type CsvRow = {
  readonly row: number;
  readonly email: string;
  readonly type: string;
  readonly mode: string;
  readonly note: string;
  readonly language: string;
};

export type ReadCsv =
  | { readonly kind: 'read'; readonly rows: readonly CsvRow[] }
  | { readonly kind: 'unreadable'; readonly fault: CsvFault };

/** The limit of spreadsheet programs. */
const maxColumns = 16_384;
/**
 * A file is refused if more rows than this have only empty cells. Spreadsheets leave such rows at the
 * end, and reading them takes time.
 */
const maxBlankRows = 100_000;
/** A longer row is not a real row, or has a quote that is never closed. */
const longestRowBytes = 256 * 1024;
/**
 * How much is parsed in one turn of the event loop. A turn takes a few milliseconds, in which no
 * delivery is answered.
 */
const pieceBytes = 4 * 1024;
/** How many of the first rows are searched for the heading and the columns of addresses. */
const headRows = 50;

/**
 * Reads a table as spreadsheets and other programs save it: with or without a byte order mark, separated
 * by comma, semicolon or tab, quoted or not, with any line breaks. The heading may follow other lines,
 * and may be in one of many languages (see `headings.ts`). Without a heading, the column of addresses is
 * found by its cells. A missing column or cell becomes an empty string. Other work can run while the
 * file is read.
 * @param options.maxRows reading ends one row after this number
 * @param options.emailColumn the heading of the column of addresses, if there are several
 */
export async function readCsv(
  bytes: Uint8Array,
  options: { readonly maxRows?: number; readonly emailColumn?: string | undefined } = {},
): Promise<ReadCsv> {
  const { maxRows = Number.POSITIVE_INFINITY, emailColumn } = options;
  const text = inUtf8(bytes);
  if (text === null) {
    return unreadable({ code: 'csv_not_utf8' });
  }
  const { separator, table } = separatorOf(text);
  if (longestLine(table) > longestRowBytes) {
    return unreadable({ code: 'csv_line_too_long' });
  }
  const linesBefore = table === text ? 0 : 1;
  const headLength = Math.min(headRows, maxRows + 2);
  const rows: CsvRow[] = [];
  let head: RecordOfRow[] = [];
  let layout: Layout | null = null;
  let blankRows = 0;
  try {
    for await (const { record, line } of recordsOf(table, separator)) {
      if (record.length > maxColumns) {
        return unreadable({ code: 'csv_too_many_columns' });
      }
      if (isBlank(record)) {
        blankRows += 1;
        if (blankRows > maxBlankRows) return unreadable({ code: 'csv_too_many_empty_rows' });
        continue;
      }
      const one = { row: linesBefore + line, record };
      if (layout) rows.push(rowOf(one, layout));
      else head.push(one);
      if (!layout && head.length >= headLength) {
        const found = layoutOf(head, emailColumn);
        if (found.kind === 'unreadable') return found;
        layout = found.layout;
        rows.push(...head.slice(layout.firstRow).map((each) => rowOf(each, found.layout)));
        head = [];
      }
      if (rows.length > maxRows) break;
    }
  } catch (error) {
    if (error instanceof CsvError) return unreadable({ code: 'csv_broken', cause: error.message });
    throw error;
  }
  if (layout === null) {
    if (head.length === 0) return unreadable({ code: 'csv_empty' });
    const found = layoutOf(head, emailColumn);
    if (found.kind === 'unreadable') return found;
    rows.push(...head.slice(found.layout.firstRow).map((each) => rowOf(each, found.layout)));
  }
  return { kind: 'read', rows: rows.slice(0, maxRows + 1) };
}

/** @yields each row, except empty lines, with its number; line breaks within quotes do not count */
async function* recordsOf(bytes: Uint8Array, separator: string) {
  const parser = parse({
    delimiter: separator,
    relax_column_count: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    // There may be millions of empty lines. `info` counts them.
    skip_empty_lines: true,
    max_record_size: longestRowBytes,
    info: true,
  });
  // The type of a record when `info` is on and `columns` is off.
  type Parsed = AsyncIterable<{ readonly record: string[]; readonly info: InfoRecord }>;
  // An error is thrown by the iteration, so the callback ignores it.
  const parsed: Parsed = pipeline(inPieces(bytes), parser, () => {});
  for await (const { record, info } of parsed) {
    yield { record, line: info.records + info.empty_lines };
  }
}

/** @returns the length of the longest line, rounded up to whole pieces */
function longestLine(bytes: Uint8Array): number {
  let longest = 0;
  let length = 0;
  for (let start = 0; start < bytes.length; start += pieceBytes) {
    const piece = bytes.subarray(start, start + pieceBytes);
    length += piece.length;
    longest = Math.max(longest, length);
    const end = Math.max(piece.lastIndexOf(0x0a), piece.lastIndexOf(0x0d));
    if (end !== -1) length = piece.length - end - 1;
  }
  return longest;
}

async function* inPieces(bytes: Uint8Array) {
  for (let start = 0; start < bytes.length; start += pieceBytes) {
    await setImmediate();
    yield bytes.subarray(start, start + pieceBytes);
  }
}

function unreadable(fault: CsvFault): Unreadable {
  return { kind: 'unreadable', fault };
}

/** @returns null if the bytes are neither UTF-8 nor UTF-16 as Excel saves it ("Unicode text") */
function inUtf8(bytes: Uint8Array): Buffer | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) {
    try {
      // The decoder removes the byte order mark.
      return Buffer.from(new TextDecoder('utf-16le', { fatal: true }).decode(bytes));
    } catch {
      // A fatal decoder throws only for an invalid byte.
      return null;
    }
  }
  if (!isUtf8(bytes)) return null;
  const isMarked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).subarray(isMarked ? 3 : 0);
}

/**
 * Finds the separator in the line with the heading. If there is no heading, the first line that contains
 * a separator is used.
 * A first line such as `sep=;`, which Excel understands, names the separator.
 */
function separatorOf(text: Buffer): { readonly separator: string; readonly table: Buffer } {
  const beginning = text.toString('utf8', 0, 64 * 1024);
  const named = /^sep=([,;\t])(?:\r\n|\n|\r)/i.exec(beginning);
  if (named?.[1]) return { separator: named[1], table: text.subarray(named[0].length) };
  const lines = beginning.split(/[\r\n]+/).slice(0, headRows);
  const heading = lines.find((line) => line.split(/[,;\t]/).some(isEmailHeading));
  const line = heading ?? lines.find((one) => /[,;\t]/.test(one)) ?? '';
  const outsideQuotes = line.replace(/"[^"]*"/g, '');
  const counts = [',', ';', '\t'].map((one) => [one, outsideQuotes.split(one).length] as const);
  const [separator] = counts.reduce((best, one) => (one[1] > best[1] ? one : best));
  return { separator, table: text };
}

function isEmailHeading(cell: string): boolean {
  return columnOf(cell) === 'email';
}

function isBlank(record: readonly string[]): boolean {
  return record.every((cell) => cell.trim() === '');
}

type RecordOfRow = { readonly row: number; readonly record: readonly string[] };

/**
 * The index of the first row of data, and the index of each column (-1: the file has no such column).
 */
type Layout = {
  readonly firstRow: number;
  readonly indexes: Readonly<Record<Column, number>>;
  /** True for a list that this program wrote. Its cells have apostrophes before formulas. */
  readonly isOwnExport: boolean;
};

type LayoutFound = { readonly kind: 'found'; readonly layout: Layout } | Unreadable;
type Unreadable = Extract<ReadCsv, { kind: 'unreadable' }>;

/** Finds the heading and the columns in the first rows. */
function layoutOf(head: readonly RecordOfRow[], emailColumn: string | undefined): LayoutFound {
  const heading = headingIn(head, emailColumn);
  const names = head[heading]?.record ?? [];
  const below = head.slice(heading + 1);
  const found = emailColumnIndex({ names, below, emailColumn });
  if (found.kind === 'unreadable') return found;
  const { index } = found;
  // Without a known heading, the lines before the first address are titles.
  const firstAddress = head.findIndex(({ record }) => isAddress(record[index]));
  const firstRow = heading === -1 ? firstAddress : heading + 1;
  const titles = heading === -1 ? (head[firstAddress - 1]?.record ?? []) : names;
  const columns = titles.map(columnOf);
  return {
    kind: 'found',
    layout: {
      firstRow,
      indexes: {
        email: index,
        type: columns.indexOf('type'),
        mode: columns.indexOf('mode'),
        note: columns.indexOf('note'),
        language: columns.indexOf('language'),
      },
      isOwnExport: names.includes('employeeType') && names.includes('createdAt'),
    },
  };
}

/** @returns the index of the heading; -1 if no row has a known heading */
function headingIn(head: readonly RecordOfRow[], emailColumn: string | undefined): number {
  return head.findIndex(
    ({ record }) =>
      !record.some(isAddress) &&
      record.some((cell) =>
        emailColumn === undefined ? isEmailHeading(cell) : isSameText(cell, emailColumn),
      ),
  );
}

function emailColumnIndex(options: {
  readonly names: readonly string[];
  readonly below: readonly RecordOfRow[];
  readonly emailColumn: string | undefined;
}): { readonly kind: 'found'; readonly index: number } | Unreadable {
  const { names, below, emailColumn } = options;
  if (emailColumn !== undefined) {
    const index = names.findIndex((name) => isSameText(name, emailColumn));
    return index === -1
      ? unreadable({ code: 'csv_column_missing', column: emailColumn })
      : { kind: 'found', index };
  }
  const width = Math.max(names.length, ...below.map(({ record }) => record.length));
  const indexes = Array.from({ length: width }, (_, index) => index);
  const named = indexes.filter((index) => isEmailHeading(names[index] ?? ''));
  const withAddresses = indexes.filter((index) => {
    const name = names[index] ?? '';
    if (columnOf(name) === 'note') return false;
    const cells = below.map(({ record }) => record[index] ?? '').filter((cell) => cell.trim());
    const count = cells.filter(isAddress).length;
    const isKnown = isEmailHeading(name) || mentionsAddress(name);
    return isKnown ? count > 0 : count > cells.length / 2;
  });
  if (withAddresses.length > 1) {
    const columns = withAddresses.map((index) => names[index]?.trim() || `${index + 1}`);
    return unreadable({ code: 'csv_several_address_columns', columns });
  }
  const index = withAddresses[0] ?? (named.length === 1 ? named[0] : undefined);
  if (index !== undefined) return { kind: 'found', index };
  if (named.length > 1) return unreadable({ code: 'csv_several_email_columns' });
  return unreadable({ code: 'csv_no_address_column' });
}

function isSameText(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase();
}

function isAddress(cell: string | undefined): boolean {
  return cell !== undefined && /^[^@\s]+@[^@\s]+$/.test(addressIn(cell));
}

/**
 * Returns the address in a cell. The cell may contain `mailto:` before the address, a name as in
 * `Anna Stone <anna@example.com>`, invisible characters, or the apostrophe that this program's own
 * files put before formulas.
 */
function addressIn(cell: string): string {
  const visible = asWritten(plain(cell));
  const inBrackets = /<([^<>]*@[^<>]*)>[\s;,]*$/.exec(visible)?.[1] ?? visible;
  return inBrackets
    .replace(/^mailto:([^?]*).*$/i, '$1')
    .replace(/[\s;,]+$/, '')
    .trim();
}

/** Returns the text without zero-width and direction marks, and with ordinary spaces. */
function plain(cell: string): string {
  return cell
    .replace(/\p{Cf}/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
}

function rowOf({ row, record }: RecordOfRow, { indexes, isOwnExport }: Layout): CsvRow {
  const cell = (column: Column) => record[indexes[column]] ?? '';
  const note = cell('note').trim();
  return {
    row,
    email: addressIn(cell('email')),
    type: plain(cell('type')),
    mode: plain(cell('mode')),
    note: isOwnExport ? asWritten(note) : note,
    language: plain(cell('language')),
  };
}

/** Removes the apostrophes that `src/api/csv.ts` puts before formulas. */
function asWritten(cell: string): string {
  return cell
    .replace(/^'(?=[=+\-@＝＋－＠])/, '')
    .replace(/([;\t\r\n]["\s]*)'(?=[=+\-@＝＋－＠])/g, '$1');
}
