import { styleText } from 'node:util';

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

/** Names come from strangers: whatever would move the cursor or restyle the screen is shown as �. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�');
}
