import { isUtf8 } from 'node:buffer';
import { pipeline } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { CsvError, type InfoRecord, parse } from 'csv-parse';

/** One row with something in it. `row` is its number in a spreadsheet: the heading is 1. */
export type CsvRow = {
  readonly row: number;
  readonly email: string;
  readonly type: string;
  readonly mode: string;
  readonly note: string;
};

export type ReadCsv =
  | { readonly kind: 'read'; readonly rows: readonly CsvRow[] }
  | { readonly kind: 'unreadable'; readonly reason: string };

const columns = ['email', 'type', 'mode', 'note'] as const;
type Column = (typeof columns)[number];

/** What spreadsheets hold at most. */
const mostColumns = 16_384;
/** Rows of nothing but separators, as spreadsheets leave them at the end: each takes its time. */
const mostBlankRows = 100_000;
/** A row with this much in it is a quote that nobody closed, or no row. */
const longestRowBytes = 256 * 1024;
/** Read in one turn of the event loop: a few milliseconds, in which no delivery is answered. */
const pieceBytes = 4 * 1024;

/**
 * Reads a table as spreadsheets save it: with or without a byte order mark, separated by comma,
 * semicolon or tab, quoted or not, any line breaks. Columns are found by their heading, others are
 * passed over; a missing column or cell is an empty string. Other work goes on meanwhile.
 * @param mostRows reading ends one row after that many
 */
export async function readCsv(
  bytes: Uint8Array,
  mostRows = Number.POSITIVE_INFINITY,
): Promise<ReadCsv> {
  const text = inUtf8(bytes);
  if (text === null) {
    return unreadable('is not UTF-8: save it as "CSV UTF-8"');
  }
  const { separator, table } = separatorOf(text);
  if (longestLine(table) > longestRowBytes) return unreadable('is no table: a line is endless');
  const linesBefore = table === text ? 0 : 1;
  const rows: CsvRow[] = [];
  let places: Record<Column, number> | null = null;
  let blankRows = 0;
  try {
    for await (const { record, line } of recordsOf(table, separator)) {
      if (record.length > mostColumns) return unreadable('has more columns than a spreadsheet');
      if (isBlank(record)) {
        blankRows += 1;
        if (blankRows > mostBlankRows) return unreadable('has more empty rows than people');
        continue;
      }
      if (places) rows.push(rowOf(record, places, linesBefore + line));
      places ??= placesOf(record);
      if (places.email === -1) {
        return unreadable(
          'has no column "email": its first line names the columns, such as email,type,mode,note',
        );
      }
      if (rows.length > mostRows) break;
    }
  } catch (error) {
    if (error instanceof CsvError) return unreadable(`cannot be read: ${error.message}`);
    throw error;
  }
  return places === null ? unreadable('is empty') : { kind: 'read', rows };
}

/** @yields each line that is not empty, with its number: line breaks within quotes do not count */
async function* recordsOf(bytes: Uint8Array, separator: string) {
  const parser = parse({
    delimiter: separator,
    relax_column_count: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    // Of millions of them nothing is made; `info` counts them.
    skip_empty_lines: true,
    max_record_size: longestRowBytes,
    info: true,
  });
  // With `info` and without `columns` each record comes as this.
  type Parsed = AsyncIterable<{ readonly record: string[]; readonly info: InfoRecord }>;
  // What goes wrong comes out of the iteration.
  const parsed: Parsed = pipeline(inPieces(bytes), parser, () => {});
  for await (const { record, info } of parsed) {
    yield { record, line: info.records + info.empty_lines };
  }
}

/** @returns how much stands at most between two line breaks, rounded up to pieces */
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

function unreadable(reason: string): ReadCsv {
  return { kind: 'unreadable', reason };
}

/** @returns null for what is neither UTF-8 nor marked as UTF-16 (Excel's "Unicode text") */
function inUtf8(bytes: Uint8Array): Buffer | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) {
    try {
      // The decoder takes the byte order mark off.
      return Buffer.from(new TextDecoder('utf-16le', { fatal: true }).decode(bytes));
    } catch {
      // The only thing that a fatal decoder throws for is a byte that does not belong.
      return null;
    }
  }
  if (!isUtf8(bytes)) return null;
  const isMarked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).subarray(isMarked ? 3 : 0);
}

/** What parts the headings most often; Excel may say it itself in a first line `sep=;`. */
function separatorOf(text: Buffer): { readonly separator: string; readonly table: Buffer } {
  const beginning = text.toString('utf8', 0, 64 * 1024);
  const said = /^sep=([,;\t])(?:\r\n|\n|\r)/i.exec(beginning);
  if (said?.[1]) return { separator: said[1], table: text.subarray(said[0].length) };
  const heading = /[^\r\n]+/.exec(beginning)?.[0].replace(/"[^"]*"/g, '') ?? '';
  const counts = [',', ';', '\t'].map((one) => [one, heading.split(one).length] as const);
  const [separator] = counts.reduce((best, one) => (one[1] > best[1] ? one : best));
  return { separator, table: text };
}

function isBlank(record: readonly string[]): boolean {
  return record.every((cell) => cell.trim() === '');
}

function placesOf(heading: readonly string[]): Record<Column, number> {
  const names = heading.map((name) => name.trim().toLowerCase().replace('e-mail', 'email'));
  const places = columns.map((column) => [column, names.indexOf(column)] as const);
  // Every column is among them.
  return Object.fromEntries(places) as Record<Column, number>;
}

function rowOf(record: readonly string[], places: Record<Column, number>, row: number): CsvRow {
  const cell = (column: Column) => record[places[column]]?.trim() ?? '';
  return { row, email: cell('email'), type: cell('type'), mode: cell('mode'), note: cell('note') };
}
