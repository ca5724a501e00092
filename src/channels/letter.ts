import Handlebars from 'handlebars';
import type { LetterFileKind } from '../domain/vocabulary.ts';
import { checkTemplate, type TemplateFault } from './template-check.ts';

/** The variables of each kind of letter. A value is one line of plain text; empty if it is not known. */
const welcomeVariables = ['firstName', 'lastName', 'portalUrl', 'portalHost'] as const;
const invitationVariables = ['link', 'expiresOn', 'portalUrl', 'portalHost'] as const;
type Variables = Readonly<Record<string, string>>;
export type LetterView = Readonly<Record<(typeof welcomeVariables)[number], string>>;
export type InvitationView = Readonly<Record<(typeof invitationVariables)[number], string>>;

/** A welcome must use `portalUrl` and `firstName`. The other letters must use `link`. */
const rules = {
  welcome: { variables: welcomeVariables, required: ['portalUrl', 'firstName'] },
  invitation: { variables: invitationVariables, required: ['link'] },
  reminder: { variables: invitationVariables, required: ['link'] },
} as const;

/**
 * A compiled letter: functions that write its parts for one person. `html` writes the content without
 * the page around it.
 */
export type CompiledLetter = {
  readonly subject: (view: Variables) => string;
  readonly text: (view: Variables) => string;
  readonly html: (view: Variables) => string;
};

/**
 * Compiles a letter.
 * @returns the compiled letter, or `faulty` with the faults and their lines
 */
export function compileLetter(
  text: string,
  kind: LetterFileKind,
):
  | { readonly kind: 'ok'; readonly letter: CompiledLetter }
  | { readonly kind: 'faulty'; readonly faults: readonly TemplateFault[] } {
  const read = readLetter(text, kind);
  if (read.kind === 'faulty') return read;
  const { subject, blocks } = read.letter;
  const { variables, required } = rules[kind];
  const inSubject = new Set<string>();
  const inBody = new Set<string>();
  const check = ({ source, line }: Piece, used: Set<string>) =>
    checkTemplate({ source, firstLine: line, variables, used });
  const body = blocks.flatMap(piecesOf).flatMap((piece) => check(piece, inBody));
  const faults = [...check(subject, inSubject), ...body];
  if (faults.length > 0) return { kind: 'faulty', faults };
  // A link in the subject does not count, because nobody can open it.
  const isUsed = (name: string) => inBody.has(name) || (name !== 'link' && inSubject.has(name));
  const missing = required.find((name) => !isUsed(name));
  if (missing !== undefined) {
    const sentence = `{{${missing}}} is missing: ${articles[kind]} ${kind} needs it`;
    return { kind: 'faulty', faults: [{ line: 1, sentence }] };
  }
  return { kind: 'ok', letter: compile(read.letter) };
}

const articles = { welcome: 'a', invitation: 'an', reminder: 'a' } as const;

function compile({ subject, blocks }: LetterFile): CompiledLetter {
  const text = template(textSource(blocks), { noEscape: true });
  const html = template(blocks.map(htmlBlock).join('\n'), { noEscape: false });
  return {
    subject: template(subject.source, { noEscape: true }),
    text,
    html,
  };
}

/** Compiles a template. With `strict`, a missing variable is an error, not a gap in the mail. */
export function template<View extends object>(
  source: string,
  options: { readonly noEscape: boolean },
): (view: View) => string {
  return Handlebars.compile<View>(source, { ...options, strict: true, knownHelpersOnly: true });
}

function piecesOf(block: Block): readonly Piece[] {
  switch (block.kind) {
    case 'paragraph':
    case 'small':
      return [block];
    case 'list':
      return block.items;
    case 'button':
      return [block.label, block.target];
    default:
      return block satisfies never;
  }
}

function textSource(blocks: readonly Block[]): string {
  const firstSmall = blocks.findIndex((block) => block.kind === 'small');
  const parts = blocks.map((block, index) =>
    // Mail programs show what follows the line "-- " (with the space) as a signature (RFC 3676, 4.3).
    index === firstSmall ? `-- \n${textBlock(block)}` : textBlock(block),
  );
  return `${parts.join('\n\n')}\n`;
}

function textBlock(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
    case 'small':
      return block.source;
    case 'list':
      return block.items
        .map((item, i) => `${block.ordered ? `${i + 1}.` : '-'} ${item.source}`)
        .join('\n');
    case 'button':
      return `${block.label.source}:\n${block.target.source}`;
    default:
      return block satisfies never;
  }
}

/** Functions that write the parts of a mail in HTML. Their arguments are HTML already. */
export const markup = {
  paragraph: (html: string) => `<p style="margin:0 0 18px">${html}</p>`,
  small: (html: string) =>
    `<p class="small" style="margin:30px 0 0;padding-top:18px;border-top:1px solid #e1e5eb;font-size:13px;line-height:1.5;color:#667080">${html}</p>`,
  button: (target: string, label: string) =>
    `<p style="margin:26px 0"><a href="${target}" style="display:inline-block;background:#1f5fbf;color:#ffffff;padding:12px 22px;border-radius:6px;font-weight:600;text-decoration:none">${label}</a></p>`,
};

function htmlBlock(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return markup.paragraph(literal(block));
    case 'small':
      return markup.small(literal(block));
    case 'list': {
      const tag = block.ordered ? 'ol' : 'ul';
      const items = block.items.map((item) => `<li style="margin:0 0 10px">${literal(item)}</li>`);
      return `<${tag} style="margin:0 0 18px;padding:0 0 0 22px">${items.join('')}</${tag}>`;
    }
    case 'button':
      return markup.button(literal(block.target), literal(block.label));
    default:
      return block satisfies never;
  }
}

/** Turns a piece of the file into HTML. Its variables stay: the engine escapes their values later. */
function literal({ source }: Piece): string {
  return source
    .split(/(\{\{[^}]*\}\})/)
    .map((part) => (part.startsWith('{{') ? part : escapeText(part)))
    .join('')
    .replace(/\n/g, ' ');
}

export function escapeText(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}

/**
 * A letter file: `Subject:` in the first line, an empty line, then paragraphs.
 *
 *   1. step          an item of a list; so is `- thing`
 *   [Label](https…)  a button, alone in its paragraph
 *   --               begins the small print
 */
type LetterFile = {
  readonly subject: Piece;
  readonly blocks: readonly Block[];
};
/** `line`: the number of the first line of this piece in the file, from 1. */
type Piece = { readonly source: string; readonly line: number };
type Block =
  | ({ readonly kind: 'paragraph' | 'small' } & Piece)
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly Piece[] }
  | { readonly kind: 'button'; readonly label: Piece; readonly target: Piece };

type LetterRead =
  | { readonly kind: 'ok'; readonly letter: LetterFile }
  | { readonly kind: 'faulty'; readonly faults: readonly TemplateFault[] };

function readLetter(text: string, kind: LetterFileKind): LetterRead {
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
    const block = blockOf(paragraph, isSmall, kind);
    if ('sentence' in block) return { kind: 'faulty', faults: [block] };
    blocks.push(block);
  }
  if (blocks.length === 0) return faulty(3, 'the letter is empty');
  return { kind: 'ok', letter: { subject: { source: subject, line: 1 }, blocks } };
}

/**
 * Splits the lines after the subject into paragraphs. A line `--` is a paragraph of its own, with or
 * without empty lines around it.
 */
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

function blockOf(paragraph: Piece, isSmall: boolean, kind: LetterFileKind): Block | TemplateFault {
  const { source, line } = paragraph;
  const button = /^\[([^\]]+)\]\((\S+)\)$/.exec(source);
  if (button) {
    const [, label = '', target = ''] = button;
    const isLink = kind !== 'welcome' && target === '{{link}}';
    if (!isLink && !/^(https?:\/\/|mailto:|\{\{portalUrl\}\})/.test(target)) {
      const link = kind === 'welcome' ? '' : '{{link}}, ';
      return { line, sentence: `a button leads to ${link}{{portalUrl}}, https://… or mailto:…` };
    }
    return { kind: 'button', label: { source: label, line }, target: { source: target, line } };
  }
  if (listItem.test(source)) return listOf(paragraph);
  return { kind: isSmall ? 'small' : 'paragraph', source, line };
}

/** Reads a list. A line that does not begin an item continues the item before. */
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
