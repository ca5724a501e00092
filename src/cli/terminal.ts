import { styleText } from 'node:util';
import stringWidth from 'string-width';

/** Where a verb writes: results to standard output, everything else to standard error. */
export type Terminal = {
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
  /** Characters in a line; 100 where the output is not a terminal. */
  readonly columns: number;
  /** Replaces the line that it wrote before; only where standard error is a terminal. */
  readonly redraw?: (line: string) => void;
};

export function processTerminal(): Terminal {
  return {
    print: (text) => {
      process.stdout.write(`${text}\n`);
    },
    complain: (text) => {
      process.stderr.write(`${text}\n`);
    },
    // A pseudo-terminal that nobody sized has 0.
    columns: process.stdout.columns || 100,
    ...(process.stderr.isTTY ? { redraw } : {}),
  };
}

/** To the start of the line, then erase it (ECMA-48: CR, EL). */
function redraw(line: string): void {
  process.stderr.write(`\r\u001b[2K${line}`);
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
    return cutToWidth(line, columns);
  });
}

function padding(cell: string, width = 0): number {
  return Math.max(0, width - displayWidth(cell));
}

/** Names come from strangers: whatever would move the cursor or restyle the screen is shown as �. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�');
}

/** Columns that a text takes: two for a wide letter or emoji, none for a combining mark. */
export function displayWidth(text: string): number {
  return stringWidth(text);
}

const graphemes = new Intl.Segmenter();

/** Cuts what is too long, never through a letter. */
export function cutToWidth(line: string, columns: number): string {
  const trimmed = line.trimEnd();
  if (displayWidth(trimmed) <= columns) return trimmed;
  let kept = '';
  let width = 0;
  for (const { segment } of graphemes.segment(line)) {
    width += displayWidth(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}
