import { styleText } from 'node:util';

/** Where a verb writes: results to standard output, everything else to standard error. */
export type Terminal = {
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
  /** Characters in a line; 100 where the output is not a terminal. */
  readonly columns: number;
};

export function processTerminal(): Terminal {
  return {
    print: (text) => {
      process.stdout.write(`${text}\n`);
    },
    complain: (text) => {
      process.stderr.write(`${text}\n`);
    },
    columns: process.stdout.columns ?? 100,
  };
}

type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan';

/** Plain text where the output is no terminal, or NO_COLOR is set. */
export function style(name: Style, text: string): string {
  return styleText(name, text, { stream: process.stdout });
}

/**
 * Lines up columns; the last one is cut so that a line fits.
 * @param rows the first one is the heading
 */
export function table(rows: readonly (readonly string[])[], columns: number): string[] {
  const widths = rows.reduce<number[]>(
    (all, row) => row.map((cell, i) => Math.max(all[i] ?? 0, displayWidth(cell))),
    [],
  );
  return rows.map((row) => {
    const line = row
      .map((cell, i) => (i === row.length - 1 ? cell : cell + ' '.repeat(padding(cell, widths[i]))))
      .join('  ');
    return fit(line, columns);
  });
}

function padding(cell: string, width = 0): number {
  return Math.max(0, width - displayWidth(cell));
}

/** Names come from strangers: whatever would move the cursor or restyle the screen is shown as �. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�');
}

function displayWidth(text: string): number {
  return [...text].length;
}

function fit(line: string, columns: number): string {
  const letters = [...line];
  return letters.length <= columns ? line.trimEnd() : `${letters.slice(0, columns - 1).join('')}…`;
}
