import Handlebars from 'handlebars';
import { type Block, type LetterFile, type Piece, readLetter } from './letter-file.ts';
import { checkTemplate, type TemplateFault } from './template-check.ts';

/** What a letter may name. All are one line of plain text; empty where it is not known. */
const letterVariables = ['firstName', 'lastName', 'portalUrl', 'portalHost'] as const;
export type LetterView = Readonly<Record<(typeof letterVariables)[number], string>>;

/** A compiled letter: each part made for one person, in plain text and as the inside of a page. */
export type CompiledLetter = {
  readonly subject: (view: LetterView) => string;
  readonly text: (view: LetterView) => string;
  readonly html: (view: LetterView) => string;
};

/** No letter without these: where to go, and to whom it speaks. */
const required = ['portalUrl', 'firstName'] as const;

/** Compiles a letter, or says everything that is wrong with it, line by line. */
export function compileLetter(
  text: string,
):
  | { readonly kind: 'ok'; readonly letter: CompiledLetter }
  | { readonly kind: 'faulty'; readonly faults: readonly TemplateFault[] } {
  const read = readLetter(text);
  if (read.kind === 'faulty') return read;
  const { subject, blocks } = read.letter;
  const used = new Set<string>();
  const check = ({ source, line }: Piece) =>
    checkTemplate({ source, firstLine: line, variables: letterVariables, used });
  const faults = [...check(subject), ...blocks.flatMap(piecesOf).flatMap(check)];
  if (faults.length > 0) return { kind: 'faulty', faults };
  const missing = required.filter((name) => !used.has(name));
  if (missing.length > 0) {
    const sentence = `{{${missing[0]}}} is missing: a welcome says it`;
    return { kind: 'faulty', faults: [{ line: 1, sentence }] };
  }
  return { kind: 'ok', letter: compile(read.letter) };
}

function compile({ subject, blocks }: LetterFile): CompiledLetter {
  const text = template(textSource(blocks), { noEscape: true });
  const html = template(blocks.map(htmlBlock).join('\n'), { noEscape: false });
  return {
    subject: template(subject.source, { noEscape: true }),
    text,
    html,
  };
}

/** `strict`: a variable that is missing after all is an error, never a hole in a mail. */
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
    // "-- " with its space is how mail programs know what follows as an appendix (RFC 3676, 4.3).
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

function htmlBlock(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return `<p style="margin:0 0 18px">${literal(block)}</p>`;
    case 'small':
      return `<p class="small" style="margin:30px 0 0;padding-top:18px;border-top:1px solid #e1e5eb;font-size:13px;line-height:1.5;color:#667080">${literal(block)}</p>`;
    case 'list': {
      const tag = block.ordered ? 'ol' : 'ul';
      const items = block.items.map((item) => `<li style="margin:0 0 10px">${literal(item)}</li>`);
      return `<${tag} style="margin:0 0 18px;padding:0 0 0 22px">${items.join('')}</${tag}>`;
    }
    case 'button':
      return `<p style="margin:26px 0"><a href="${literal(block.target)}" style="display:inline-block;background:#1f5fbf;color:#ffffff;padding:12px 22px;border-radius:6px;font-weight:600;text-decoration:none">${literal(block.label)}</a></p>`;
    default:
      return block satisfies never;
  }
}

/** The file's own words are plain text: escaped here, once; its variables by the engine. */
function literal({ source }: Piece): string {
  return source
    .split(/(\{\{[^}]*\}\})/)
    .map((part) => (part.startsWith('{{') ? part : escapeText(part)))
    .join('')
    .replace(/\n/g, ' ');
}

function escapeText(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}
