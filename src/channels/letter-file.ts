import type { TemplateFault } from './template-check.ts';

/**
 * A letter as its file says it: `Subject:` in the first line, an empty line, then paragraphs.
 *
 *   1. step          an item of a list; so is `- thing`
 *   [Label](https…)  a button, alone in its paragraph
 *   --               what follows is small print
 */
export type LetterFile = {
  readonly subject: Piece;
  readonly blocks: readonly Block[];
};
/** `line`: where it begins in the file, from 1. */
export type Piece = { readonly source: string; readonly line: number };
export type Block =
  | ({ readonly kind: 'paragraph' | 'small' } & Piece)
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly Piece[] }
  | { readonly kind: 'button'; readonly label: Piece; readonly target: Piece };

export type LetterRead =
  | { readonly kind: 'ok'; readonly letter: LetterFile }
  | { readonly kind: 'faulty'; readonly faults: readonly TemplateFault[] };

export function readLetter(text: string): LetterRead {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  const subject = /^Subject:\s*(\S.*)$/i.exec(lines[0] ?? '')?.[1]?.trim();
  if (!subject) return faulty(1, 'the first line has to be "Subject: …"');
  if (lines[1]?.trim())
    return faulty(2, 'an empty line belongs between the subject and the letter');
  const blocks: Block[] = [];
  let isSmall = false;
  for (const paragraph of paragraphsOf(lines)) {
    if (paragraph.source === '--') {
      isSmall = true;
      continue;
    }
    const block = blockOf(paragraph, isSmall);
    if ('sentence' in block) return { kind: 'faulty', faults: [block] };
    blocks.push(block);
  }
  if (blocks.length === 0) return faulty(3, 'the letter is empty');
  return { kind: 'ok', letter: { subject: { source: subject, line: 1 }, blocks } };
}

/** A line of `--` is a paragraph of its own, with or without empty lines around it. */
function paragraphsOf(lines: readonly string[]): Piece[] {
  const found: { source: string; line: number }[] = [];
  let open: { source: string; line: number } | null = null;
  for (const [index, raw] of lines.entries()) {
    if (index === 0) continue;
    const text = raw.trim();
    if (text === '' || text === '--') open = null;
    if (text === '') continue;
    if (open) open.source += `\n${text}`;
    else {
      open = { source: text, line: index + 1 };
      found.push(open);
      if (text === '--') open = null;
    }
  }
  return found;
}

const listItem = /^(-|\d+\.)\s+/;

function blockOf(paragraph: Piece, isSmall: boolean): Block | TemplateFault {
  const { source, line } = paragraph;
  const button = /^\[([^\]]+)\]\((\S+)\)$/.exec(source);
  if (button) {
    const [, label = '', target = ''] = button;
    if (!/^(https?:\/\/|mailto:|\{\{portalUrl\}\})/.test(target)) {
      return { line, sentence: 'a button leads to {{portalUrl}}, https://… or mailto:…' };
    }
    return { kind: 'button', label: { source: label, line }, target: { source: target, line } };
  }
  if (listItem.test(source)) return listOf(paragraph);
  return { kind: isSmall ? 'small' : 'paragraph', source, line };
}

/** Lines that begin no item belong to the one before. */
function listOf({ source, line }: Piece): Block {
  const items: { source: string; line: number }[] = [];
  for (const [index, text] of source.split('\n').entries()) {
    const last = items.at(-1);
    if (listItem.test(text) || !last) {
      items.push({ source: text.replace(listItem, ''), line: line + index });
    } else last.source += `\n${text}`;
  }
  return { kind: 'list', ordered: /^\d/.test(source), items };
}

function faulty(line: number, sentence: string): LetterRead {
  return { kind: 'faulty', faults: [{ line, sentence }] };
}
