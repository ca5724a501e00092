import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const source = fileURLToPath(new URL('../src', import.meta.url));
const leaves = ['clock', 'health', 'ids', 'log', 'project'];
const below = ['domain', 'docspace', 'store', 'channels'];

/** Who may import whom: the map of folders, top down. A folder may always import itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  clock: [],
  health: [],
  ids: [],
  log: [],
  project: [],
  domain: [],
  config: ['log', 'domain'],
  docspace: ['clock', 'domain'],
  store: ['domain', 'project'],
  channels: ['clock', 'docspace', 'domain', 'project'],
  http: ['log', 'store'],
  webhook: [...leaves, 'docspace', 'http', 'store'],
  onboarding: [...leaves, ...below],
  reconciliation: [...leaves, ...below, 'onboarding'],
  invitations: [...leaves, ...below, 'http', 'onboarding'],
  operations: [...leaves, ...below, 'invitations', 'onboarding', 'reconciliation'],
  doctor: [...leaves, ...below, 'reconciliation'],
  api: [
    ...leaves,
    ...below,
    'http',
    'invitations',
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
    'onboarding',
    'operations',
    'reconciliation',
    'webhook',
  ],
  server: [
    ...leaves,
    'api',
    'dashboard',
    'http',
    'invitations',
    'onboarding',
    'operations',
    'reconciliation',
    'store',
    'webhook',
  ],
  core: [
    ...leaves,
    ...below,
    'config',
    'invitations',
    'onboarding',
    'operations',
    'reconciliation',
  ],
  service: [
    ...leaves,
    ...below,
    'config',
    'core',
    'dashboard',
    'api',
    'onboarding',
    'operations',
    'invitations',
    'server',
    'webhook',
  ],
  cli: [
    ...leaves,
    ...below,
    'api',
    'config',
    'core',
    'doctor',
    'http',
    'invitations',
    'onboarding',
    'operations',
    'reconciliation',
    'service',
    'simulator',
    'webhook',
  ],
  main: ['cli'],
};

function sourceFiles(): string[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => join(source, file));
}

/** The first folder below src, or the name of a file that lies in it directly. */
function folderOf(file: string): string {
  const [first = ''] = relative(source, file)
    .replace(/^\.\.\//, '')
    .split('/');
  return first.replace(/\.tsx?$/, '');
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const specifiers = text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g);
  return [...specifiers].map(([, specifier]) => resolve(dirname(file), specifier ?? ''));
}

test('every folder is in the map, and imports only the folders that the map allows', () => {
  const breaches = sourceFiles().flatMap((file) => {
    const folder = folderOf(file);
    const mayImport = allowed[folder];
    if (!mayImport) return [`${relative(source, file)} is in no folder of the map`];
    return importsOf(file)
      .map(folderOf)
      .filter((other) => other !== folder && !mayImport.includes(other))
      .map((other) => `${relative(source, file)} imports ${other}`);
  });
  expect(breaches).toEqual([]);
});

test('the decisions know neither clock nor chance nor I/O', () => {
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
      .map((file) => relative(source, file));
  expect(callers(/\bpool\.dispatch\(/)).toEqual(['docspace/transport.ts']);
  expect(callers(/\bchannel\.send\(/)).toEqual(['onboarding/sender.ts']);
  expect(callers(/\.inviteByEmail\(/)).toEqual(['invitations/inviter.ts']);
  expect(callers(/process\.env/)).toEqual([]);
});
