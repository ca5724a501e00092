import { displayWidth } from './table.ts';

/**
 * Breaks a text between words so that it fits, every line but the first indented by `indent`.
 * @param first what the first line begins with, as wide as `indent`; it may be styled
 */
export function wrapped(given: {
  readonly first: string;
  readonly indent: number;
  readonly text: string;
  readonly columns: number;
}): string[] {
  const { first, indent, text, columns } = given;
  const room = Math.max(20, columns - indent);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && displayWidth(longer) > room) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  lines.push(line);
  return lines.map((one, i) => (i === 0 ? first : ' '.repeat(indent)) + one);
}
