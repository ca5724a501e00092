import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import unitTests from '../vitest.unit.config.ts';

const source = fileURLToPath(new URL('../src', import.meta.url));
const simulator = fileURLToPath(new URL('../simulator', import.meta.url));
const leaves = ['clock', 'health', 'ids', 'log', 'project'];
const below = ['domain', 'docspace', 'store', 'channels'];

/** The folders that each folder may import, from the bottom to the top. A folder may always import itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  clock: [],
  health: [],
  ids: [],
  log: [],
  project: [],
  domain: [],
  messages: ['domain', 'health'],
  config: ['log', 'domain', 'store'],
  docspace: ['clock', 'domain'],
  store: ['domain', 'project'],
  events: [...leaves, 'domain', 'messages', 'store'],
  channels: ['clock', 'docspace', 'domain', 'project'],
  http: ['log', 'messages', 'store'],
  webhook: [...leaves, 'docspace', 'domain', 'http', 'messages', 'store'],
  onboarding: [...leaves, ...below, 'messages'],
  reconciliation: [...leaves, ...below, 'messages', 'onboarding'],
  invitations: [...leaves, ...below, 'http', 'messages', 'onboarding'],
  letters: [...leaves, ...below, 'invitations', 'messages', 'onboarding'],
  operations: [...leaves, ...below, 'invitations', 'messages', 'onboarding', 'reconciliation'],
  notices: [...leaves, ...below, 'messages', 'onboarding', 'reconciliation'],
  doctor: [...leaves, ...below, 'messages', 'reconciliation'],
  api: [
    ...leaves,
    ...below,
    'events',
    'http',
    'invitations',
    'messages',
    'onboarding',
    'operations',
    'reconciliation',
    'webhook',
  ],
  dashboard: [
    ...leaves,
    ...below,
    'api',
    'http',
    'invitations',
    'messages',
    'onboarding',
    'operations',
    'reconciliation',
    'webhook',
  ],
  server: [
    ...leaves,
    'api',
    'dashboard',
    'events',
    'http',
    'invitations',
    'messages',
    'onboarding',
    'operations',
    'reconciliation',
    'store',
    'webhook',
  ],
  service: [
    ...leaves,
    ...below,
    'api',
    'config',
    'dashboard',
    'events',
    'invitations',
    'letters',
    'messages',
    'notices',
    'onboarding',
    'operations',
    'reconciliation',
    'server',
    'webhook',
  ],
  demo: ['config', 'service', 'simulator', 'webhook'],
  cli: [
    ...leaves,
    ...below,
    'api',
    'config',
    'demo',
    'doctor',
    'http',
    'invitations',
    'messages',
    'onboarding',
    'operations',
    'reconciliation',
    'service',
    'webhook',
  ],
  main: ['cli'],
};

/** Circles of imports that exist today: none may be added, and the aim is an empty set. */
const knownCircles: ReadonlySet<string> = new Set([]);

const mostFilesInFolder = 25;
/** Folders that have more files today: none may be added, and the aim is an empty set. */
const knownLargeFolders: ReadonlySet<string> = new Set([]);

/** The aim is 200 files and 22,000 lines. */
const mostSourceFiles = 312;
const mostSourceLines = 47_050;

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => join(folder, file))
    .sort();
}

function sourceFiles(): string[] {
  return filesIn(source);
}

function nameOf(file: string): string {
  return relative(source, file);
}

test('no test replaces process.env, because vitest would go on to restore the old object', () => {
  const guilty = filesIn(import.meta.dirname)
    .filter((file) => !file.endsWith('architecture.test.ts'))
    .filter((file) => /process\.env = /.test(readFileSync(file, 'utf8')));
  expect(guilty).toEqual([]);
});

/** The first folder below src, or the name of a file that lies in src itself. */
function folderOf(file: string): string {
  const [first = ''] = nameOf(file)
    .replace(/^\.\.\//, '')
    .split('/');
  return first.replace(/\.tsx?$/, '');
}

/** The files that this file imports, for their types too. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const specifiers = text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g);
  return [...specifiers].map(([, specifier]) => resolve(dirname(file), specifier ?? ''));
}

/** Circles of imports, each as `a.ts > b.ts > a.ts`: at least one for every group of files that has any. */
function findCircles(files: readonly string[]): string[] {
  const circles = new Set<string>();
  const finished = new Set<string>();
  const path: string[] = [];
  function visit(file: string): void {
    if (finished.has(file)) return;
    const start = path.indexOf(file);
    if (start >= 0) {
      circles.add(describeCircle(path.slice(start)));
      return;
    }
    path.push(file);
    for (const imported of importsOf(file)) if (files.includes(imported)) visit(imported);
    path.pop();
    finished.add(file);
  }
  for (const file of files) visit(file);
  return [...circles].sort();
}

/** Starts with the first file of the alphabet, so that a circle has one description. */
function describeCircle(files: readonly string[]): string {
  const names = files.map(nameOf);
  const first = names.indexOf([...names].sort()[0] ?? '');
  const turned = [...names.slice(first), ...names.slice(0, first)];
  return [...turned, turned[0]].join(' > ');
}

test('every folder is in the map, and imports only the folders that the map allows', () => {
  const breaches = sourceFiles().flatMap((file) => {
    const folder = folderOf(file);
    const mayImport = allowed[folder];
    if (!mayImport) return [`${nameOf(file)} is in no folder of the map`];
    return importsOf(file)
      .map(folderOf)
      .filter((other) => other !== folder && !mayImport.includes(other))
      .map((other) => `${nameOf(file)} imports ${other}`);
  });
  expect(breaches).toEqual([]);
});

test('no files import each other in a circle, not even for types', () => {
  const added = findCircles(sourceFiles()).filter((circle) => !knownCircles.has(circle));
  expect(added).toEqual([]);
});

test(`no folder has more than ${mostFilesInFolder} files`, () => {
  const folders = sourceFiles().map((file) => dirname(nameOf(file)));
  const large = [...new Set(folders)]
    .map((folder) => ({ folder, count: folders.filter((other) => other === folder).length }))
    .filter(({ folder, count }) => count > mostFilesInFolder && !knownLargeFolders.has(folder));
  expect(large).toEqual([]);
});

test('the source stays small enough to be read', () => {
  const files = sourceFiles();
  const lines = files.reduce(
    (sum, file) => sum + readFileSync(file, 'utf8').split('\n').length - 1,
    0,
  );
  process.stdout.write(`src: ${files.length} files, ${lines} lines (the aim: 200, 22000)\n`);
  expect(files.length).toBeLessThanOrEqual(mostSourceFiles);
  expect(lines).toBeLessThanOrEqual(mostSourceLines);
});

test('the simulator imports nothing of the service', () => {
  const outside = filesIn(simulator).flatMap((file) =>
    importsOf(file)
      .filter((imported) => relative(simulator, imported).startsWith('..'))
      .map((imported) => `${relative(simulator, file)} imports ${nameOf(imported)}`),
  );
  expect(outside).toEqual([]);
});

test('every file in the list of unit tests exists', () => {
  const listed = unitTests.test?.include ?? [];
  const missing = listed.filter((pattern) => !pattern.includes('*') && !existsSync(pattern));
  expect(listed).not.toEqual([]);
  expect(missing).toEqual([]);
});

test('the domain reads no clock, no random numbers and no files', () => {
  const guilty = sourceFiles()
    .filter((file) => folderOf(file) === 'domain')
    .filter((file) => /Date\.now|Math\.random|node:|from '[a-z@]/.test(readFileSync(file, 'utf8')));
  expect(guilty).toEqual([]);
});

test('each side effect has one caller', () => {
  const callers = (pattern: RegExp) =>
    sourceFiles()
      .filter((file) => !['cli'].includes(folderOf(file)))
      .filter((file) => pattern.test(readFileSync(file, 'utf8')))
      .map((file) => nameOf(file));
  expect(callers(/\bagent\.dispatch\(/)).toEqual(['docspace/transport.ts']);
  expect(callers(/\bchannel\.send\(/)).toEqual(['onboarding/attempts.ts']);
  expect(callers(/\.inviteByEmail\(/)).toEqual(['invitations/ask-portal.ts']);
  expect(callers(/process\.env/)).toEqual([]);
});
