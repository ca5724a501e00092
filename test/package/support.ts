import { type ChildProcess, execFile, spawn } from 'node:child_process';
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, onTestFinished } from 'vitest';
import { until } from '../support/until.ts';

const execute = promisify(execFile);
export const project = fileURLToPath(new URL('../..', import.meta.url));

/** What the package is made from, and nothing else of the project. */
const sources = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'src',
  'simulator',
  'drizzle',
  'deploy',
];
const endDeadlineMs = 60_000;

/** Runs a program to its end. @throws with both outputs, unless it exits with 0 */
export async function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  try {
    return await execute(command, args, options);
  } catch (error) {
    // A rejected execFile carries what the program printed.
    const { message, stdout = '' } = error as Error & { stdout?: string };
    throw new Error(`${message}\n${stdout}`, { cause: error });
  }
}

/** A folder that is removed after the last test of the file. */
export async function folderOfFile(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `docspace-welcome-${name}-`));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A copy of the sources in `folder`, so that no build disturbs the `dist` of the project. */
async function copySources(folder: string): Promise<string> {
  const copy = join(folder, 'project');
  await mkdir(copy);
  for (const name of sources) {
    await cp(join(project, name), join(copy, name), { recursive: true });
  }
  await symlink(join(project, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** Compiles the program. @returns the folder of the compiled project */
export async function compile(folder: string): Promise<string> {
  const copy = await copySources(folder);
  await run('npm', ['run', '--silent', 'build'], { cwd: copy });
  return copy;
}

export type Tarball = {
  readonly file: string;
  readonly bytes: number;
  /** Paths inside of the package, sorted. */
  readonly paths: readonly string[];
};

/** `npm pack`, which also compiles. */
export async function pack(folder: string): Promise<Tarball> {
  const copy = await copySources(folder);
  await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: copy });
  const name = (await readdir(folder)).find((entry) => entry.endsWith('.tgz'));
  if (!name) throw new Error('npm pack made no tarball');
  const file = join(folder, name);
  const { stdout } = await run('tar', ['-tzf', file]);
  const paths = stdout.trim().split('\n');
  return {
    file,
    bytes: (await stat(file)).size,
    paths: paths.map((path) => path.replace(/^package\//, '')).sort(),
  };
}

/**
 * Installs the tarball with its production dependencies in an empty folder, and returns that folder.
 * With PACKAGE_FROM=npm by npm, which needs the registry. Else npm's result is built from the
 * project's own node_modules, which needs no network: the package, the locked dependencies, the link.
 */
export async function install(folder: string, { file }: Tarball): Promise<string> {
  const target = join(folder, 'installed');
  await mkdir(target);
  if (process.env.PACKAGE_FROM === 'npm') {
    await writeFile(join(target, 'package.json'), '{ "private": true }');
    await run('npm', ['install', '--omit=dev', '--no-audit', '--no-fund', file], { cwd: target });
    return target;
  }
  const modules = join(target, 'node_modules');
  const own = join(modules, 'docspace-welcome');
  await mkdir(own, { recursive: true });
  await run('tar', ['-xzf', file, '--strip-components=1', '-C', own]);
  const lock: { packages: Record<string, { dev?: boolean; link?: boolean }> } = JSON.parse(
    await readFile(join(project, 'package-lock.json'), 'utf8'),
  );
  for (const [path, { dev, link }] of Object.entries(lock.packages)) {
    // A package inside of another one comes with it.
    const isOwnFolder = /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path);
    if (!isOwnFolder || dev || link) continue;
    await cp(join(project, path), join(target, path), { recursive: true });
  }
  await mkdir(join(modules, '.bin'));
  await chmod(join(own, 'dist/src/main.js'), 0o755);
  await symlink('../docspace-welcome/dist/src/main.js', join(modules, '.bin/docspace-welcome'));
  return target;
}

/** The environment of a person who has configured nothing. */
export function bareEnvironment(home: string): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: home, NO_COLOR: '1', TZ: 'UTC' };
}

export type Program = {
  readonly child: ChildProcess;
  /** Standard output and standard error. */
  readonly output: () => string;
  /** Waits until the output matches, and gives the match. */
  readonly says: (pattern: RegExp) => Promise<RegExpExecArray>;
  /** @returns the exit code */
  readonly ended: () => Promise<number | null>;
};

/** Starts a program; it is killed when the test is over. */
export function start(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Program {
  const child = spawn(command, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let output = '';
  const keep = (chunk: Buffer) => {
    output += chunk;
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.stdin.end();
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return {
    child,
    output: () => output,
    says: (pattern) =>
      until(
        `${args[0]} prints ${pattern}`,
        () => {
          const found = pattern.exec(output);
          if (!found && child.exitCode !== null) throw new Error(`it ended:\n${output}`);
          return found;
        },
        endDeadlineMs,
      ),
    async ended() {
      await until(`${args[0]} ends`, () => child.exitCode !== null, endDeadlineMs).catch(() => {
        throw new Error(`${args[0]} does not end:\n${output}`);
      });
      return ended;
    },
  };
}

/** Sends the form of a page of the simulated portal as a browser does, and gives the next page. */
async function submit(
  page: { readonly url: string; readonly html: string },
  fields: Readonly<Record<string, string>>,
): Promise<{ readonly url: string; readonly html: string }> {
  const action = /<form[^>]*action="([^"]*)"/.exec(page.html)?.[1]?.replaceAll('&amp;', '&');
  if (action === undefined) throw new Error(`no form on ${page.url}:\n${page.html}`);
  const answer = await fetch(new URL(action, page.url), {
    method: 'POST',
    body: new URLSearchParams(fields),
  });
  const html = await answer.text();
  if (!answer.ok) throw new Error(`${page.url} refused the form:\n${html}`);
  return { url: answer.url, html };
}

/** A person follows an invitation link, registers, and confirms the e-mail address. */
export async function joinPortal(link: string, email: string): Promise<void> {
  const answer = await fetch(link);
  const invited = { url: answer.url, html: await answer.text() };
  const names = { firstName: 'Ann', lastName: 'Guest' };
  await submit(await submit(invited, { ...names, email }), {});
}
