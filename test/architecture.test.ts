import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const source = fileURLToPath(new URL('../src', import.meta.url));
const leaves = ['clock', 'health', 'id', 'log', 'outcome'];

/** Who may import whom: the README's map of rooms. A room may always import itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  clock: [],
  health: [],
  id: [],
  log: [],
  outcome: [],
  onboarding: ['outcome'],
  config: ['log', 'onboarding', 'outcome'],
  docspace: ['clock', 'outcome'],
  welcome: ['clock', 'docspace', 'onboarding', 'outcome'],
  store: ['onboarding', 'outcome'],
  worker: [...leaves, 'docspace', 'onboarding', 'store', 'welcome'],
  http: [...leaves, 'docspace', 'onboarding', 'store', 'welcome', 'worker'],
  demo: [],
  workshop: [...leaves, 'config', 'docspace', 'store', 'welcome', 'worker'],
  app: [...leaves, 'config', 'docspace', 'http', 'store', 'welcome', 'worker', 'workshop'],
  cli: [
    ...leaves,
    'app',
    'config',
    'demo',
    'docspace',
    'http',
    'onboarding',
    'store',
    'welcome',
    'worker',
    'workshop',
  ],
  main: ['cli'],
};

function sourceFiles(): string[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => join(source, file));
}

/** The first folder below src, or the name of a file that lies in it directly. */
function roomOf(file: string): string {
  const [room = ''] = relative(source, file).split('/');
  return room.replace(/\.tsx?$/, '');
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const specifiers = text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g);
  return [...specifiers].map(([, specifier]) => resolve(dirname(file), specifier ?? ''));
}

test('every room is in the map, and imports only the rooms that the map allows', () => {
  const breaches = sourceFiles().flatMap((file) => {
    const room = roomOf(file);
    const mayImport = allowed[room];
    if (!mayImport) return [`${relative(source, file)} is in no room of the map`];
    return importsOf(file)
      .map(roomOf)
      .filter((other) => other !== room && !mayImport.includes(other))
      .map((other) => `${relative(source, file)} imports ${other}`);
  });
  expect(breaches).toEqual([]);
});

test('the decisions know neither clock nor chance nor I/O', () => {
  const guilty = sourceFiles()
    .filter((file) => roomOf(file) === 'onboarding')
    .filter((file) => /Date\.now|Math\.random|node:|from '[a-z@]/.test(readFileSync(file, 'utf8')));
  expect(guilty).toEqual([]);
});

test('each side effect has one caller', () => {
  const callers = (pattern: RegExp) =>
    sourceFiles()
      .filter((file) => !['demo', 'cli'].includes(roomOf(file)))
      .filter((file) => pattern.test(readFileSync(file, 'utf8')))
      .map((file) => relative(source, file));
  expect(callers(/\bpool\.dispatch\(/)).toEqual(['docspace/exchange.ts']);
  expect(callers(/\bchannel\.send\(/)).toEqual(['worker/send.ts']);
  expect(callers(/\.inviteByEmail\(/)).toEqual(['worker/invite.ts']);
  expect(callers(/process\.env/)).toEqual([]);
});

test('no file is longer than 300 lines', () => {
  const long = sourceFiles()
    .map((file) => [relative(source, file), readFileSync(file, 'utf8').split('\n').length] as const)
    .filter(([, lines]) => lines > 301);
  expect(long).toEqual([]);
});
