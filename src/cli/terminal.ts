import { styleText } from 'node:util';

/** Where a verb writes: results to standard output, everything else to standard error. */
export type Terminal = {
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
  /** Characters in a line; 100 where the output is not a terminal. */
  readonly columns: number;
  /** Replaces the last redrawn line. Exists only if standard error is a terminal. */
  readonly redraw?: (line: string) => void;
};

/** The terminal of this process. */
export function processTerminal(): Terminal {
  return {
    print: lineWriter(process.stdout),
    printError: lineWriter(process.stderr),
    // A pseudo-terminal without a size has 0 columns.
    columns: process.stdout.columns || 100,
    ...(process.stderr.isTTY ? { redraw } : {}),
  };
}

/**
 * Returns a function that writes lines until the reader closes the pipe (`stats | head`). A verb that
 * changes something must not stop in the middle because of that, so the later lines are dropped and the
 * verb goes on to its end.
 */
function lineWriter(stream: NodeJS.WriteStream): (text: string) => void {
  let isClosed = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    isClosed = true;
  });
  return (text) => {
    if (!isClosed) stream.write(`${text}\n`);
  };
}

/** Moves to the start of the line, erases the line (ECMA-48: CR, EL) and writes the new line. */
function redraw(line: string): void {
  process.stderr.write(`\r\u001b[2K${line}`);
}

type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan';

/** Styles a text. It stays plain if standard output is not a terminal or NO_COLOR is set. */
export function style(name: Style, text: string): string {
  return styleText(name, text, { stream: process.stdout });
}

const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Replaces each character that could move the cursor, change the colours or change the reading direction
 * by �. Names, notes and links come from strangers.
 */
export function printable(text: string): string {
  return text.replace(unprintable, '�');
}

/** Prints a value as JSON. Characters that `printable` replaces are written as `\uXXXX`. */
export function printJson({ print }: Pick<Terminal, 'print'>, value: unknown): void {
  print(jsonText(value, 2));
}

/** @param indent spaces per level; 0 writes everything on one line */
export function jsonText(value: unknown, indent: number): string {
  const text = JSON.stringify(value, null, indent);
  // Every line break here is between two lines of JSON: line breaks in a string are escaped already.
  return text.replace(unprintable, (one) => (one === '\n' ? one : escaped(one)));
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
