import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { envText, newWebhookSecret } from '../../src/cli/verbs/init/env-file.ts';
import { type InitOptions, init } from '../../src/cli/verbs/init/init.ts';
import { readConfig } from '../../src/config/read.ts';
import { spawnVerb } from '../support/process.ts';
import { openPractice, type Practice } from './support.ts';

type Ran = { readonly code: number; readonly said: string; readonly asked: readonly string[] };

/** @param answers what the person types, in this order; null: nobody is there */
async function run(
  practice: Practice,
  answers: readonly string[] | null,
  but: Partial<InitOptions> = {},
): Promise<Ran> {
  const lines: string[] = [];
  const asked: string[] = [];
  const left = [...(answers ?? [])];
  const print = (text: string) => lines.push(text);
  const next = (question: string) => {
    asked.push(question);
    const answer = left.shift();
    if (answer === undefined) throw new Error(`nobody answers: ${question}`);
    return answer;
  };
  const code = await init({
    terminal: { print, printError: print, columns: 80 },
    envFile: null,
    flags: {},
    checks: true,
    prompter: answers && {
      ask: async (question) => next(question),
      // Return chooses the first option, as at the terminal.
      choose: async (question, options) =>
        next(`${question} [${options[0]?.value}]`) || (options[0]?.value ?? ''),
      confirm: async (question) => next(question) !== 'n',
    },
    environment: {},
    workingFolder: practice.folder,
    now: Date.now,
    ...but,
  });
  return { code, said: lines.join('\n'), asked };
}

function written({ folder }: Practice) {
  return parseEnv(readFileSync(`${folder}/.env`, 'utf8'));
}

function known({ portal }: Practice) {
  return { DOCSPACE_URL: portal.url, DOCSPACE_API_KEY: portal.apiKey };
}

describe('without a terminal', () => {
  test('missing settings are listed, the exit code is 64, and nothing is written', async () => {
    const practice = await openPractice();
    const { code, said } = await run(practice, null, { flags: { WELCOME_CHANNEL: 'smtp' } });
    expect(code).toBe(64);
    for (const name of ['DOCSPACE_URL', 'DOCSPACE_API_KEY', 'SMTP_URL', 'WELCOME_FROM']) {
      expect(said).toContain(`  ${name}: `);
    }
    expect(readdirSync(practice.folder)).toEqual([]);
  });

  test('options and environment are enough to write a .env that only its owner can read', async () => {
    const practice = await openPractice();
    const { code, said } = await run(practice, null, { environment: known(practice) });
    expect(code).toBe(0);
    expect(readdirSync(practice.folder)).toEqual(['.env']);
    expect(statSync(`${practice.folder}/.env`).mode & 0o777).toBe(0o600);
    const read = readConfig({ environment: {}, workingFolder: practice.folder, envFile: null });
    expect(read.kind).toBe('ok');
    expect(written(practice)).toMatchObject(known(practice));
    expect(said).toContain('TURNS');
    expect(said).toContain('npm run cli -- webhook register');
    expect(said).not.toContain(practice.portal.apiKey);
    expect(said).not.toContain(written(practice)['ADMIN_TOKEN']);
  });

  test('a key that was given as a file is not copied into .env', async () => {
    const practice = await openPractice();
    writeFileSync(`${practice.folder}/key`, practice.portal.apiKey, { mode: 0o600 });
    const environment = { DOCSPACE_URL: practice.portal.url, DOCSPACE_API_KEY_FILE: 'key' };
    expect((await run(practice, null, { environment })).code).toBe(0);
    expect(written(practice)['DOCSPACE_API_KEY_FILE']).toBe(`${practice.folder}/key`);
    expect(written(practice)['DOCSPACE_API_KEY']).toBeUndefined();
  });

  test('it never overwrites a file', async () => {
    const practice = await openPractice();
    writeFileSync(`${practice.folder}/.env`, 'mine\n');
    const { code, said } = await run(practice, null, { environment: known(practice) });
    expect([code, said]).toEqual([1, expect.stringContaining('exists already')]);
    expect(readFileSync(`${practice.folder}/.env`, 'utf8')).toBe('mine\n');
  });

  test('the exit code is 69 if the portal cannot be reached and 1 if the key is refused, and nothing is written', async () => {
    const practice = await openPractice();
    const away = { ...known(practice), DOCSPACE_URL: 'http://127.0.0.1:1' };
    expect((await run(practice, null, { environment: away })).code).toBe(69);
    const wrongKey = { ...known(practice), DOCSPACE_API_KEY: 'sk-of-yesterday' };
    expect((await run(practice, null, { environment: wrongKey })).code).toBe(1);
    expect(readdirSync(practice.folder)).toEqual([]);
    const unchecked = await run(practice, null, { environment: away, checks: false });
    expect(unchecked.code).toBe(0);
  });

  test('an invalid answer exits with 64 and names its setting', async () => {
    const practice = await openPractice();
    const environment = { ...known(practice), WELCOME_CHANNEL: 'pigeon' };
    const { code, said } = await run(practice, null, { environment });
    expect([code, said]).toEqual([64, expect.stringContaining('WELCOME_CHANNEL may contain only')]);
    expect(readdirSync(practice.folder)).toEqual([]);
  });

  test('the verb itself exits with 64 in a pipe', async () => {
    const practice = await openPractice();
    const environment = { PATH: process.env['PATH'] ?? '', HOME: practice.folder };
    const { child, output } = spawnVerb(['init'], { environment, folder: practice.folder });
    expect(await once(child, 'close')).toEqual([64, null]);
    expect(output()).toContain('DOCSPACE_URL: ');
  });
});

describe('at a terminal', () => {
  test('it asks for what it needs, explains the portal’s letter, and offers smtp', async () => {
    const practice = await openPractice();
    const { portal } = practice;
    const { code, said, asked } = await run(practice, [
      'not an address',
      portal.url,
      portal.apiKey,
      'https://203.0.113.9',
      'docspace',
      '',
    ]);
    expect(code).toBe(0);
    expect(said).toContain('DOCSPACE_URL is not a web address');
    expect(said).toContain('ADMINISTRATOR');
    expect(said).toContain('TWO-FACTOR LOGIN');
    expect(asked.join('\n')).toContain('[smtp]');
    expect(written(practice)).toMatchObject({
      WELCOME_CHANNEL: 'docspace',
      PUBLIC_URL: 'https://203.0.113.9',
    });
  });

  test('it asks again for a key that is not accepted', async () => {
    const practice = await openPractice();
    const { url, apiKey } = practice.portal;
    const answers = [url, 'sk-of-yesterday', 'y', url, apiKey, '', 'docspace', ''];
    const { code, said } = await run(practice, answers);
    expect(code).toBe(0);
    expect(said).toContain('does not accept the API key');
  });

  test('a key that was given as a file is checked before the other questions', async () => {
    const practice = await openPractice();
    const environment = { DOCSPACE_URL: practice.portal.url, DOCSPACE_API_KEY_FILE: 'key' };
    writeFileSync(`${practice.folder}/key`, 'sk-of-yesterday');
    const wrong = await run(practice, ['n'], { environment });
    expect([wrong.code, wrong.said]).toEqual([
      1,
      expect.stringContaining('does not accept the API key'),
    ]);
    writeFileSync(`${practice.folder}/key`, practice.portal.apiKey);
    const { code, said } = await run(practice, ['', 'docspace', ''], { environment });
    expect(code).toBe(0);
    expect(said).toContain(practice.portal.url);
  });

  test('if the person cancels, no file is left behind', async () => {
    const practice = await openPractice();
    const { code } = await run(practice, [practice.portal.url, 'sk-of-yesterday', 'n']);
    expect(code).toBe(1);
    expect(existsSync(`${practice.folder}/.env`)).toBe(false);
  });

  test('pressing return chooses smtp, and the mail server is checked', async () => {
    const practice = await openPractice();
    const { url, apiKey } = practice.portal;
    const mail = ['smtps://u:p@127.0.0.1:1', 'Office <office@example.com>'];
    const { code, said } = await run(practice, [url, apiKey, '', '', ...mail]);
    expect(code).toBe(1);
    expect(said).toContain('the mail server cannot be reached');
    expect(readdirSync(practice.folder)).toEqual([]);
  });
});

describe('the file and the secrets', () => {
  test('every webhook secret satisfies every password policy of a portal', () => {
    for (let i = 0; i < 500; i += 1) {
      const secret = newWebhookSecret();
      expect(secret).toMatch(/^[\x21-\x7e]{24}$/);
      for (const kind of [/[A-Z]/, /[a-z]/, /\d/, /[^A-Za-z0-9]/]) expect(secret).toMatch(kind);
    }
  });

  test('a value is read back exactly as it was written, or it is not written', () => {
    const value = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.string({ unit: fc.constantFrom('"', "'", '`', '#', '=', '\\', 'n', ' ', '\n', '$', 'é') }),
    );
    fc.assert(
      fc.property(value, (text) => {
        try {
          expect(parseEnv(envText([{ name: 'SMTP_URL', value: text }]))['SMTP_URL']).toBe(text);
        } catch (error) {
          expect(String(error)).toContain('SMTP_URL_FILE');
        }
      }),
    );
  });
});

describe('an account that has already invited people', () => {
  async function openUsed(): Promise<Practice> {
    const practice = await openPractice();
    const { control, accountId } = practice.portal;
    control.seedPeople({ count: 3, createdBy: accountId, status: 1, activationStatus: 1 });
    return practice;
  }

  test('is asked about at a terminal, and "no" writes nothing', async () => {
    const practice = await openUsed();
    const { code, said, asked } = await run(practice, ['n'], { flags: known(practice) });
    expect(code).toBe(1);
    expect(asked).toEqual([expect.stringContaining('already invited people')]);
    expect(said).toContain('DATABASE_URL');
    expect(readdirSync(practice.folder)).toEqual([]);
  });

  test.each([
    [false, 1],
    [true, 0],
  ])('needs --new-database in a script: %s', async (acceptsUsedAccount, expected) => {
    const practice = await openUsed();
    const environment = known(practice);
    const { code, said } = await run(practice, null, { environment, acceptsUsedAccount });
    expect(code).toBe(expected);
    expect(said.includes('--new-database')).toBe(!acceptsUsedAccount);
    expect(readdirSync(practice.folder)).toEqual(acceptsUsedAccount ? ['.env'] : []);
  });
});
