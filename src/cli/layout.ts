import stringWidth from 'string-width';

/**
 * Formats rows as aligned columns. The end of a line that is too long is cut off.
 * @param rows all rows, with the heading if there is one
 */
export function table(rows: readonly (readonly string[])[], columns: number): string[] {
  const widths = rows.reduce<number[]>(
    (all, row) => row.map((cell, i) => Math.max(all[i] ?? 0, displayWidth(cell))),
    [],
  );
  return rows.map((row) => {
    const cells = row.map((cell, i) => (i === row.length - 1 ? cell : padded(cell, widths[i])));
    return cutToWidth(cells.join('  '), columns);
  });
}

/** Adds spaces up to this width. */
export function padded(cell: string, width = 0): string {
  return cell + ' '.repeat(Math.max(0, width - displayWidth(cell)));
}

/** Returns how many columns a text takes: two for a wide letter or emoji, none for a combining mark. */
export function displayWidth(text: string): number {
  return stringWidth(text);
}

const graphemes = new Intl.Segmenter();

/** Cuts a line that is too long, but never within a letter, and adds `…`. */
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

/** Breaks a text between words; a word that is longer than a line (a path, an address) stays whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && displayWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}

/**
 * Wraps a text, and indents every line except the first by `indent` columns.
 * @param first the beginning of the first line, as wide as `indent`; it may be styled
 */
export function wrapIndented(given: {
  readonly first: string;
  readonly indent: number;
  readonly text: string;
  readonly columns: number;
}): string[] {
  const { first, indent, text, columns } = given;
  const lines = wrap(text, Math.max(20, columns - indent));
  return lines.map((line, i) => (i === 0 ? first : ' '.repeat(indent)) + line);
}
