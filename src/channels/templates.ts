import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LetterFileKind, type LetterKind, letterKinds } from '../domain/vocabulary.ts';
import { projectPath } from '../project.ts';
import {
  type CompiledLetter,
  compileLetter,
  type InvitationView,
  type LetterView,
  template,
} from './letter.ts';
import { checkTemplate } from './template-check.ts';

/** A letter that was written for one person. */
type RenderedLetter = {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** The language of the letter, as in its file name: `de`, `pt-br`. */
  readonly language: string;
};

/** All letters, and the page around them. */
export type Templates = {
  readonly render: (
    person: {
      /** Languages such as `pt-BR`, the preferred one first. Null stands for an unknown language. */
      readonly cultures: readonly (string | null)[];
      readonly isGuest: boolean;
    } & LetterContent,
  ) => RenderedLetter;
  /** Writes the page around a letter. `content` is HTML. */
  readonly page: (view: LayoutView) => string;
};

type LetterContent =
  | { readonly kind: 'welcome'; readonly view: LetterView }
  | {
      readonly kind: LetterKind;
      /** Has no `expiresOn`: `render` writes that date in the letter's language, from `expiresAt`. */
      readonly view: Omit<InvitationView, 'expiresOn'> & { readonly expiresAt: number };
    };

export type TemplatesRead =
  | { readonly kind: 'ok'; readonly templates: Templates }
  /** Each fault is a sentence. A sentence about a file begins with the path and the line. */
  | { readonly kind: 'faulty'; readonly faults: readonly string[] };

/** The folder of the built-in letters. It is not in dist/, because the compiler copies no text files. */
const builtIn = projectPath('src/channels/letters');
const layoutName = 'layout.html';
const letterName = /^([a-z]{2,3}(?:-[a-z0-9]{2,8})*)(\.guest)?(?:\.(invitation|reminder))?\.txt$/i;
/** The language that is tried last. Its built-in letters always exist. */
const lastLanguage = 'en';

/**
 * Reads the built-in letters, and the letters of `folder`, which replace built-in letters of the
 * same name. Every letter is compiled and rendered, so that a broken file is found at start.
 * @param folder `WELCOME_TEMPLATES`, an absolute path; null if it is not set
 * @param language `WELCOME_LANGUAGE`
 */
export function loadTemplates(options: {
  readonly folder: string | null;
  readonly language: string;
}): TemplatesRead {
  const faults: string[] = [];
  const letters = new Map<string, CompiledLetter>();
  const files = new Map<string, string>();
  for (const folder of options.folder === null ? [builtIn] : [builtIn, options.folder]) {
    for (const name of namesIn(folder, faults)) files.set(name.toLowerCase(), join(folder, name));
  }
  for (const [name, path] of files) {
    if (name === layoutName) continue;
    const read = compileLetter(readText(path, faults), kindOf(name));
    if (read.kind === 'ok') letters.set(name.replace(/\.txt$/, ''), read.letter);
    else faults.push(...read.faults.map((fault) => `${path}:${fault.line}: ${fault.sentence}`));
  }
  const layout = compileLayout(files.get(layoutName) ?? '', faults);
  const language = options.language.toLowerCase();
  if (faults.length === 0 && !letters.has(language)) {
    faults.push(`WELCOME_LANGUAGE is ${language}, but there is no letter ${language}.txt`);
  }
  if (faults.length > 0) return { kind: 'faulty', faults };
  const render = createRender({ letters, layout, language });
  tryOut(letters, render, faults);
  return faults.length > 0
    ? { kind: 'faulty', faults }
    : { kind: 'ok', templates: { render, page: layout } };
}

/**
 * Renders every letter, because the engine compiles a letter at its first use. A welcome is rendered
 * with a name and without a name.
 */
function tryOut(
  letters: ReadonlyMap<string, CompiledLetter>,
  render: Templates['render'],
  faults: string[],
): void {
  const portal = { portalUrl: 'https://office.example.com', portalHost: 'office.example.com' };
  for (const name of letters.keys()) {
    const [cultureName = name] = name.split('.');
    const kind = kindOf(name);
    for (const firstName of kind === 'welcome' ? ['Ada', ''] : ['']) {
      try {
        const person = { cultures: [cultureName], isGuest: name.includes('.guest') };
        const link = `${portal.portalUrl}/s/1`;
        if (kind !== 'welcome')
          render({ ...person, kind, view: { ...portal, link, expiresAt: 0 } });
        else render({ ...person, kind, view: { ...portal, firstName, lastName: firstName } });
      } catch (error) {
        faults.push(`${name}.txt:1: cannot be rendered: ${String(error)}`);
      }
    }
  }
}

function createRender(made: {
  readonly letters: ReadonlyMap<string, CompiledLetter>;
  readonly layout: (view: LayoutView) => string;
  readonly language: string;
}): Templates['render'] {
  return ({ cultures, isGuest, ...content }) => {
    const suffix = content.kind === 'welcome' ? '' : `.${content.kind}`;
    const letterIn = (language: string) =>
      (isGuest ? made.letters.get(`${language}.guest${suffix}`) : undefined) ??
      made.letters.get(`${language}${suffix}`);
    const wanted = [...cultures, made.language, lastLanguage];
    const language = languageFor(wanted, (name) => letterIn(name) !== undefined) ?? made.language;
    const letter = letterIn(language);
    // This cannot happen, because the letters in `lastLanguage` always exist.
    if (!letter) throw new Error(`there is no letter ${language}${suffix}.txt`);
    const view = viewOf(content, language);
    const subject = letter.subject(view);
    const direction = /^(ar|dv|fa|he|ku|ps|ur|yi)\b/.test(language) ? 'rtl' : 'ltr';
    const { portalUrl, portalHost } = view;
    const page = {
      subject,
      language,
      direction,
      portalUrl,
      portalHost,
      content: letter.html(view),
    };
    return { subject, text: letter.text(view), html: made.layout(page), language };
  };
}

function viewOf(content: LetterContent, language: string): LetterView | InvitationView {
  if (content.kind === 'welcome') return content.view;
  const { expiresAt, ...view } = content.view;
  // Nobody knows the person's time zone, so this is the date in UTC.
  const format = new Intl.DateTimeFormat([language, lastLanguage], {
    dateStyle: 'long',
    timeZone: 'UTC',
  });
  return { ...view, expiresOn: format.format(expiresAt) };
}

/** Returns the kind of the letter with this file name. The name may lack `.txt`. */
function kindOf(name: string): LetterFileKind {
  const bare = name.replace(/\.txt$/, '');
  return letterKinds.find((kind) => bare.endsWith(`.${kind}`)) ?? 'welcome';
}

/**
 * Returns the first language that `has` accepts. For `pt-BR` it tries `pt-br`, then `pt`, then the next
 * culture.
 * @param cultures languages, the preferred one first; null stands for an unknown language
 */
export function languageFor(
  cultures: readonly (string | null)[],
  has: (language: string) => boolean,
): string | undefined {
  const wanted = cultures.flatMap((culture) => {
    const parts = (culture ?? '').toLowerCase().split(/[-_]/);
    return parts.map((_, i) => parts.slice(0, parts.length - i).join('-'));
  });
  return wanted.find(has);
}

const layoutVariables = ['subject', 'language', 'direction', 'portalUrl', 'portalHost'] as const;
type LayoutView = Readonly<Record<(typeof layoutVariables)[number] | 'content', string>>;

function compileLayout(path: string, faults: string[]): (view: LayoutView) => string {
  const source = readText(path, faults);
  const used = new Set<string>();
  const rules = { source, firstLine: 1, variables: layoutVariables, raw: 'content', used };
  const found = checkTemplate(rules);
  if (found.length === 0 && !used.has('content')) {
    found.push({ line: 1, sentence: '{{{content}}} is missing: it is the place of the letter' });
  }
  faults.push(...found.map((fault) => `${path}:${fault.line}: ${fault.sentence}`));
  return template<LayoutView>(source, { noEscape: false });
}

/**
 * Reads the names of the letter files and of the layout in a folder. A misspelt name is a fault, because
 * nobody would ever get that letter.
 */
function namesIn(folder: string, faults: string[]): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    faults.push('WELCOME_TEMPLATES is not a folder that this service may read');
    return [];
  }
  return names.filter((name) => {
    if (letterName.test(name) || name.toLowerCase() === layoutName) return true;
    if (/^[^.].*\.(txt|html?)$/i.test(name)) {
      faults.push(
        `${join(folder, name)}:1: this name is not known: letters are called de.txt, de.guest.txt, de.invitation.txt or de.reminder.txt, the page around them ${layoutName}`,
      );
    }
    return false;
  });
}

function readText(path: string, faults: string[]): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch {
    faults.push(`${path}:1: cannot be read as UTF-8 text`);
    return '';
  }
}
