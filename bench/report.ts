/* The output of a bench: tables for people, and the same as JSON for programs. */

export type Cell = string | number;
export type Table = {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
};
/** A goal of the project, and the result of this run. */
export type Goal = {
  readonly what: string;
  readonly wanted: string;
  readonly reached: number;
  readonly isReached: boolean;
};
export type Report = {
  readonly bench: string;
  /** Sizes, seconds and rounds: what a reader needs to understand the figures. */
  readonly setting: string;
  readonly tables: readonly Table[];
  readonly goals: readonly Goal[];
};

/** A goal that is reached if the result is `least` or more. */
export function atLeast(what: string, least: number, reached: number): Goal {
  return { what, wanted: `≥ ${least}`, reached, isReached: reached >= least };
}

/** A goal that is reached if the result is `most` or less. */
export function atMost(what: string, most: number, reached: number): Goal {
  return { what, wanted: `≤ ${most}`, reached, isReached: reached <= most };
}

export function asText(report: Report): string {
  const goals: Table = {
    title: 'Goals',
    columns: ['goal', 'wanted', 'reached', ''],
    rows: report.goals.map((one) => [
      one.what,
      one.wanted,
      one.reached,
      one.isReached ? 'reached' : 'MISSED',
    ]),
  };
  const tables = report.goals.length > 0 ? [...report.tables, goals] : report.tables;
  return [`${report.bench}: ${report.setting}`, ...tables.map(tableText)].join('\n\n');
}

function tableText(table: Table): string {
  const lines = [table.columns, ...table.rows].map((row) => row.map(cellText));
  const widths = table.columns.map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? '').length)),
  );
  const padded = lines.map((line) =>
    line
      .map((text, column) => {
        const width = widths[column] ?? 0;
        return column === 0 ? text.padEnd(width) : text.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
  return [table.title, ...padded].join('\n');
}

function cellText(cell: Cell): string {
  if (typeof cell === 'string') return cell;
  if (Number.isInteger(cell)) return cell.toLocaleString('en');
  return cell >= 100 ? Math.round(cell).toLocaleString('en') : cell.toFixed(cell >= 10 ? 1 : 2);
}
