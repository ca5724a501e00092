import { CsvError, parse } from 'csv-parse/sync';

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

/**
 * Reads a table as spreadsheets save it: with or without a byte order mark, separated by comma,
 * semicolon or tab, quoted or not, any line breaks. Columns are found by their heading, others are
 * passed over; a missing column or cell is an empty string.
 */
export function readCsv(bytes: Uint8Array): ReadCsv {
  const text = decode(bytes);
  if (text === null) {
    return unreadable('is not UTF-8: save it as "CSV UTF-8"');
  }
  const { separator, table } = separatorOf(text);
  let records: string[][];
  try {
    records = parse(table, {
      delimiter: separator,
      relax_column_count: true,
      record_delimiter: ['\r\n', '\n', '\r'],
    });
  } catch (error) {
    if (error instanceof CsvError) return unreadable(`cannot be read: ${error.message}`);
    throw error;
  }
  const first = records.findIndex((record) => !isBlank(record));
  const heading = records[first];
  if (!heading) return unreadable('is empty');
  const places = placesOf(heading);
  if (places.email === -1) {
    return unreadable(
      'has no column "email": its first line names the columns, such as email,type,mode,note',
    );
  }
  const rowOffset = table === text ? 1 : 2;
  const rows = records.flatMap((record, index) =>
    index <= first || isBlank(record) ? [] : [rowOf(record, places, index + rowOffset)],
  );
  return { kind: 'read', rows };
}

function unreadable(reason: string): ReadCsv {
  return { kind: 'unreadable', reason };
}

/** @returns null for what is neither UTF-8 nor marked as UTF-16 (Excel's "Unicode text") */
function decode(bytes: Uint8Array): string | null {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8';
  try {
    // The decoder takes the byte order mark off.
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    // The only thing that a fatal decoder throws for is a byte that does not belong.
    return null;
  }
}

/** What parts the headings most often; Excel may say it itself in a first line `sep=;`. */
function separatorOf(text: string): { readonly separator: string; readonly table: string } {
  const said = /^sep=([,;\t])(?:\r\n|\n|\r)/i.exec(text);
  if (said?.[1]) return { separator: said[1], table: text.slice(said[0].length) };
  const heading = /[^\r\n]+/.exec(text)?.[0].replace(/"[^"]*"/g, '') ?? '';
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
