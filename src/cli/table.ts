import stringWidth from 'string-width';

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
