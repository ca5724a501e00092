import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runVerb } from './support.ts';

const run = promisify(execFile);

async function isThere(program: string): Promise<boolean> {
  return run(program, ['--version']).then(
    () => true,
    () => false,
  );
}

/** Writes the script of a shell to a file. */
async function scriptOf(shell: string): Promise<string> {
  const { code, out } = await runVerb(['completion', shell]);
  expect(code).toBe(0);
  const file = join(await temporaryFolder(), `script.${shell}`);
  await writeFile(file, out);
  return file;
}

/** The suggestions of bash for the last of these words. */
async function bashOffers(script: string, words: readonly string[]): Promise<string[]> {
  const { stdout } = await run('bash', [
    '-c',
    `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _docspace_welcome; printf "%s\\n" "\${COMPREPLY[@]}"`,
    'bash',
    script,
    'docspace-welcome',
    ...words,
  ]);
  return stdout.trim().split('\n');
}

test('bash completes verbs, verbs below verbs, options and their values', async () => {
  const script = await scriptOf('bash');
  expect(await bashOffers(script, ['in'])).toEqual(['init', 'invite']);
  expect(await bashOffers(script, ['webhook', ''])).toEqual(
    expect.arrayContaining(['register', 'status']),
  );
  expect(await bashOffers(script, ['invite', '--ty'])).toEqual(['--type']);
  expect(await bashOffers(script, ['invite', '--type', ''])).toEqual([
    'Guest',
    'User',
    'RoomAdmin',
    'DocSpaceAdmin',
  ]);
  expect(await bashOffers(script, ['resolve', 'ann@example.com', 's'])).toEqual(['sent']);
  // The value of an option is not mistaken for a verb.
  expect(await bashOffers(script, ['--env-file', 'serve', 'inv'])).toEqual(['invite']);
  expect(await bashOffers(script, ['invite', '--note', ''])).toEqual(['']);
});

test('fish completes verbs, verbs below verbs, options and their values', async (context) => {
  if (!(await isThere('fish'))) return context.skip('left out: fish is not installed');
  const script = await scriptOf('fish');
  const offers = async (line: string) => {
    const code = 'source $argv[1]; complete -C $argv[2]';
    const { stdout } = await run('fish', ['-c', code, script, `docspace-welcome ${line}`]);
    return stdout
      .trim()
      .split('\n')
      .map((one) => one.split('\t')[0]);
  };
  expect(await offers('in')).toEqual(['init', 'invite']);
  expect(await offers('webhook ')).toEqual(['register', 'status']);
  expect(await offers('invite --ty')).toEqual(['--type']);
  expect(await offers('invite --type Room')).toEqual(['RoomAdmin']);
});

test('zsh accepts its script', async (context) => {
  if (!(await isThere('zsh'))) return context.skip('left out: zsh is not installed');
  await run('zsh', ['-n', await scriptOf('zsh')]);
});

test('every shell and the man page know every verb in the help', async () => {
  const { out: help } = await runVerb(['--help']);
  const verbs = [...help.matchAll(/^ {2}([a-z][a-z-]*)(?: .*)?$/gm)].map(([, verb = '']) => verb);
  expect(verbs).toEqual(expect.arrayContaining(['serve', 'init', 'doctor', 'forget', 'backup']));
  for (const args of [
    ['completion', 'bash'],
    ['completion', 'zsh'],
    ['completion', 'fish'],
    ['man'],
  ]) {
    const { out } = await runVerb(args);
    for (const verb of verbs.filter((one) => one !== 'help')) {
      expect(out.replaceAll('\\', ''), `${args} ${verb}`).toContain(verb);
    }
  }
});

test('man can show the man page', async (context) => {
  const { out } = await runVerb(['man']);
  expect(out).toMatch(/^\.TH DOCSPACE\\-WELCOME 1 /);
  for (const code of [0, 1, 64, 69, 78]) expect(out).toContain(`.TP\n.B ${code}\n`);
  if (!(await isThere('man'))) return context.skip('left out: man is not installed');
  const file = join(await temporaryFolder(), 'docspace-welcome.1');
  await writeFile(file, out);
  const { stdout, stderr } = await run('man', ['--warnings', '-l', file], {
    env: { ...process.env, MANWIDTH: '80', LC_ALL: 'C' },
  });
  expect(stderr).toBe('');
  expect(stdout.replace(/ +/g, ' ')).toContain(
    'docspace-welcome - invites people to a DocSpace portal',
  );
});
