import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/* Checks that every link in a document, and every reference from a comment to a document, resolves. */

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Folders whose comments may still refer to pages outside of the repository. */
const stillToConvert: readonly string[] = [];

/** Commands that the documents name, but that package.json does not have yet. */
const stillToCome: readonly string[] = [];

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  ...['simulator', 'test', 'bench', 'deploy'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
];

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

function withoutCode(markdown: string): string {
  return markdown.replace(/^```.*?^```/gms, '').replace(/`[^`\n]*`/g, '');
}

/** Another test checks the links between documents. */
function withoutLinks(file: string): string {
  const text = read(file);
  return file.endsWith('.md') ? text.replace(/\[[^\]]*\]\([^)]*\)/g, '') : text;
}

function headingsOf(file: string): string[] {
  const text = read(file).replace(/^```.*?^```/gms, '');
  return [...text.matchAll(/^#{1,6} +(.+)$/gm)].map(([, heading]) => (heading ?? '').trim());
}

/** The anchor that GitHub makes from a heading: lower case, without punctuation, hyphens for spaces. */
function anchorOf(heading: string): string {
  return heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
    .replaceAll(' ', '-');
}

/** The anchors of a document; a repeated heading gets a number. */
function anchorsOf(file: string): Set<string> {
  const seen = new Map<string, number>();
  return new Set(
    headingsOf(file).map((heading) => {
      const anchor = anchorOf(heading);
      const count = seen.get(anchor) ?? 0;
      seen.set(anchor, count + 1);
      return count === 0 ? anchor : `${anchor}-${count}`;
    }),
  );
}

/** The section numbers of a document: "7.4" of the heading "### 7.4 Bodies across retries". */
function sectionsOf(file: string): Set<string> {
  return new Set(
    headingsOf(file).flatMap((heading) => /^(\d+(?:\.\d+)*)\b/.exec(heading)?.[1] ?? []),
  );
}

/** @returns what is wrong with a target such as `docs/design.md#store`, or null */
function faultOf(path: string, anchor: string | undefined): string | null {
  if (!existsSync(join(root, path))) return `${path} does not exist`;
  if (!anchor) return null;
  if (!path.endsWith('.md')) return null;
  return anchorsOf(path).has(anchor) ? null : `${path} has no heading #${anchor}`;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => /\.(tsx?|mjs|css|js)$/.test(file) && statSync(join(root, file)).isFile())
    .filter((file) => resolve(root, file) !== fileURLToPath(import.meta.url));
}

const sources = ['src', 'simulator', 'test', 'bench', 'docs'].flatMap(sourceFiles);

test.each(documents)('every relative link of %s leads to a file and a heading', (file) => {
  const links = [...withoutCode(read(file)).matchAll(/\]\(([^)\s]+)\)/g)].map(
    ([, link]) => link ?? '',
  );
  const faults = links
    .filter((link) => !/^[a-z][a-z+.-]*:/.test(link))
    .flatMap((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? file : relative(root, resolve(root, dirname(file), path));
      return faultOf(target, anchor) ?? [];
    });
  expect(faults).toEqual([]);
});

test('every reference to docs/… in a document or a comment resolves', () => {
  const faults = [...sources, ...documents].flatMap((file) => {
    const references = read(file).matchAll(
      /\bdocs\/([\w-]+\.md)(?:#([\w-]+)|,?(?:[ \t]|\n[ \t]*(?:\*|\/\/)[ \t]*)+(\d+(?:\.\d+)*)(?![\w%]))?/g,
    );
    return [...references].flatMap(([whole, name, anchor, section]) => {
      const path = `docs/${name}`;
      const fault = faultOf(path, anchor);
      if (fault) return `${file}: ${whole}: ${fault}`;
      if (section === undefined || sectionsOf(path).has(section)) return [];
      return `${file}: ${whole}: there is no section ${section}`;
    });
  });
  expect(faults).toEqual([]);
});

test('no comment and no document refers to a page outside of the repository', () => {
  const outside =
    /\bwire \d+(?:\.\d+)?|(?<!docs\/)\b(?:design(?:-2)?|docspace-wire|style|performance|stack|house|plain-english|postgres)\.md\b|\bdesign: "/g;
  const offenders = [...sources, ...documents]
    .filter((file) => !stillToConvert.some((folder) => file.startsWith(folder)))
    .flatMap((file) =>
      [...withoutLinks(file).matchAll(outside)].map(([words]) => `${file}: ${words}`),
    );
  expect(offenders).toEqual([]);
});

test('the map of CONTRIBUTING.md and of docs/design.md names every folder and file of src', () => {
  const inSource = readdirSync(join(root, 'src'));
  const missing = ['CONTRIBUTING.md', 'docs/design.md'].flatMap((file) =>
    inSource
      .filter((name) => !read(file).includes(name))
      .map((name) => `${file} does not name src/${name}`),
  );
  expect(missing).toEqual([]);
});

test('the README has at most 200 lines', () => {
  expect(read('README.md').split('\n').length).toBeLessThanOrEqual(200);
});

test('CONTRIBUTING.md explains each dependency', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json'));
  const section = read('CONTRIBUTING.md').split('## Dependencies')[1] ?? '';
  const explained = [...section.matchAll(/^\| ([^|]+) \|/gm)]
    .flatMap(([, cell]) => (cell ?? '').split(', '))
    .filter((name) => name !== 'package' && name !== '---');
  expect(explained.sort()).toEqual(Object.keys({ ...dependencies, ...devDependencies }).sort());
});

test('the documents name only commands that package.json has', () => {
  const { scripts } = JSON.parse(read('package.json'));
  const known = new Set([...Object.keys(scripts), ...stillToCome]);
  const named = documents.flatMap((file) =>
    [...read(file).matchAll(/\bnpm run ([a-z][\w:-]*)/g)].map(([, name]) => name ?? ''),
  );
  expect([...new Set(named)].filter((name) => !known.has(name))).toEqual([]);
});
