import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readConfig, secretNames } from '../../src/config/read.ts';
import { settings } from '../../src/config/settings.ts';
import { temporaryFolder } from '../support/world.ts';
import { configOf, faultsOf, reading, required } from './support.ts';

const dotenv = (values: Readonly<Record<string, string>>) =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');

describe('where settings come from', () => {
  test('.env of the working folder is read when it is there', async () => {
    const files = { '.env': `# a comment\n${dotenv(required)}PORT=9000\nLOG_LEVEL="warn"\n` };
    expect(await configOf({}, { files })).toMatchObject({ PORT: 9000, LOG_LEVEL: 'warn' });
  });

  test('the environment wins over the file, but not with an empty variable', async () => {
    const files = { '.env': `${dotenv(required)}PORT=9000\nHOST=::1\n` };
    const config = await configOf({ PORT: '9001', HOST: '' }, { files });
    expect(config).toMatchObject({ PORT: 9001, HOST: '::1' });
  });

  test('--env-file names another file, and .env is then not read', async () => {
    const files = {
      '.env': 'PORT=1\nHOST=::1\n',
      'conf/production': `${dotenv(required)}PORT=2\n`,
    };
    const config = await configOf({}, { files, envFile: 'conf/production' });
    expect(config).toMatchObject({ PORT: 2, HOST: '127.0.0.1' });
  });

  test('--env-file that is not there is a fault that names the whole path', async () => {
    const { read, folder } = await reading(required, { envFile: 'missing.env' });
    expect(read).toEqual({
      kind: 'faulty',
      faults: [`${join(folder, 'missing.env')}: there is no such file`],
    });
  });

  test('a file that cannot be read is a fault, also when it is .env', async () => {
    const folder = await temporaryFolder();
    mkdirSync(join(folder, '.env'));
    const read = readConfig({ environment: required, workingFolder: folder, envFile: null });
    expect(read).toEqual({
      kind: 'faulty',
      faults: [`${join(folder, '.env')}: it cannot be read`],
    });
  });

  test('without any file the environment is enough, and nothing else of it is taken', async () => {
    const config = await configOf({ ...required, PATH: '/bin', WELCOM_KEY: 'typo' });
    expect(Object.keys(config).sort()).toEqual([...Object.keys(settings), 'databaseFile'].sort());
    expect(Object.isFrozen(config)).toBe(true);
  });
});

describe('a secret', () => {
  test('is each of these, and no other setting', () => {
    expect(secretNames()).toEqual([
      'DOCSPACE_API_KEY',
      'DOCSPACE_WEBHOOK_SECRET',
      'DOCSPACE_WEBHOOK_SECRET_PREVIOUS',
      'ADMIN_TOKEN',
      'SMTP_URL',
    ]);
  });

  const examples = {
    ...required,
    DOCSPACE_WEBHOOK_SECRET_PREVIOUS: 'the-old-secret',
    SMTP_URL: 'smtp://127.0.0.1',
  } as const;

  test.each(secretNames())(
    '%s may come from a file, whose line break is not part of it',
    async (name) => {
      const value = examples[name as keyof typeof examples];
      const environment = { ...required, [name]: undefined, [`${name}_FILE`]: 'secrets/it' };
      const config = await configOf(environment, { files: { 'secrets/it': `${value}\r\n` } });
      const direct = await configOf({ ...required, [name]: value });
      expect(config[name]).toEqual(direct[name]);
    },
  );

  test.each(secretNames())('%s given twice is a fault, whatever the file holds', async (name) => {
    const value = examples[name as keyof typeof examples];
    const environment = { ...required, [name]: value, [`${name}_FILE`]: 'it' };
    for (const files of [{ it: value }, {}]) {
      const faults = await faultsOf(environment, { files });
      expect(faults).toEqual([expect.stringContaining(`${name}_FILE`)]);
      expect(faults.join()).toContain('both');
      expect(faults.join()).not.toContain(value);
    }
  });

  test('whose file is not there is a fault with the path; an empty file is a missing secret', async () => {
    const environment = { ...required, ADMIN_TOKEN: undefined, ADMIN_TOKEN_FILE: 'nowhere' };
    const { read, folder } = await reading(environment);
    if (read.kind === 'ok') throw new Error('taken');
    expect(read.faults).toEqual([`ADMIN_TOKEN_FILE cannot be read: ${join(folder, 'nowhere')}`]);
    expect(await faultsOf(environment, { files: { nowhere: '\n' } })).toEqual([
      expect.stringMatching(/^ADMIN_TOKEN is missing/),
    ]);
  });

  test('in a file counts from the folder of the .env that names it, and an empty name is none', async () => {
    const files = {
      'conf/env': dotenv({ ...required, ADMIN_TOKEN: '', ADMIN_TOKEN_FILE: 'token' }),
      'conf/token': 'a-token-that-lies-in-a-file-1\n',
    };
    const config = await configOf({}, { files, envFile: 'conf/env' });
    expect(config.ADMIN_TOKEN).toBe('a-token-that-lies-in-a-file-1');
    expect((await configOf({ ...required, ADMIN_TOKEN_FILE: '' })).ADMIN_TOKEN).toBe(
      required.ADMIN_TOKEN,
    );
  });

  test('that is wrong is never repeated, in whatever form it is wrong', async () => {
    const text = fc.string({ unit: 'grapheme-ascii', minLength: 4, maxLength: 60 });
    const folder = await temporaryFolder();
    fc.assert(
      fc.property(fc.constantFrom(...secretNames()), text, (name, value) => {
        fc.pre(value.trim().length >= 4 && !settings[name].meaning.includes(value.trim()));
        const environment = { ...required, [name]: `${value}\u0007 ` };
        const read = readConfig({ environment, workingFolder: folder, envFile: null });
        if (read.kind === 'faulty') expect(read.faults.join('\n')).not.toContain(value);
      }),
      { numRuns: 500 },
    );
  });

  // Design: "no secret is printed". An address in a wrong place often has a password in it.
  test.each([
    ['DOCSPACE_URL', 'https://admin:hunter2-hunter2@office.example.com'],
    ['DOCSPACE_URL', 'https://admin:hunter2-hunter2@office.example.com/portal'],
    ['DOCSPACE_URL', 'https://:hunter2-hunter2@office.example.com'],
    ['DATABASE_URL', 'postgres://welcome:hunter2-hunter2@db.example.com/welcome'],
    ['PUBLIC_URL', 'ftp://admin:hunter2-hunter2@welcome.example.com'],
  ])('within an address in %s is refused, and not repeated', async (name, value) => {
    const faults = await faultsOf({ ...required, [name]: value });
    expect(faults.join('\n')).toContain(name);
    expect(faults.join('\n')).not.toContain('hunter2');
  });
});

describe('the database', () => {
  test.each([
    ['beside the .env that was read', { files: { '.env': dotenv(required) } }, 'data/w.db'],
    ['in the working folder when none was read', {}, 'data/w.db'],
    [
      'beside the file that --env-file names',
      { files: { '.env': 'PORT=1\n', 'conf/env': dotenv(required) }, envFile: 'conf/env' },
      'conf/data/w.db',
    ],
  ])('of a relative DATABASE_URL lies %s', async (_, options, expected) => {
    const environment = { ...required, DATABASE_URL: 'file:data/w.db' };
    const { read, folder } = await reading(environment, options);
    if (read.kind === 'faulty') throw new Error(read.faults.join('\n'));
    expect(read.config.databaseFile).toBe(join(folder, expected));
  });

  test.each([
    ['file:/var/lib/w.db', '/var/lib/w.db'],
    ['file:///var/lib/w.db', '/var/lib/w.db'],
    ['file:/with space/w.db', '/with space/w.db'],
  ])('of %s is %s', async (url, expected) => {
    expect((await configOf({ ...required, DATABASE_URL: url })).databaseFile).toBe(expected);
  });

  test('and other relative paths count from the same folder', async () => {
    const files = {
      'conf/env': dotenv({
        ...required,
        WELCOME_TEMPLATES: 'letters',
        DOCSPACE_MACHINE_KEY_FILE: 'machine-key',
      }),
    };
    const { read, folder } = await reading({}, { files, envFile: 'conf/env' });
    if (read.kind === 'faulty') throw new Error(read.faults.join('\n'));
    expect(read.config.WELCOME_TEMPLATES).toBe(join(folder, 'conf/letters'));
    expect(read.config.DOCSPACE_MACHINE_KEY_FILE).toBe(join(folder, 'conf/machine-key'));
  });
});

describe('faults', () => {
  test('are told all at once, in the order of the settings, one sentence each', async () => {
    const faults = await faultsOf({
      DOCSPACE_URL: 'office',
      DOCSPACE_WEBHOOK_SECRET: 'short',
      ADMIN_TOKEN: 'short-too',
      PORT: 'x',
      WELCOME_CHANNEL: 'smtp',
      RECONCILE_EVERY: 'often',
      DOCSPACE_MACHINE_KEY: 'not-here',
    });
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual([
      'DOCSPACE_URL',
      'DOCSPACE_API_KEY',
      'DOCSPACE_WEBHOOK_SECRET',
      'ADMIN_TOKEN',
      'PORT',
      'RECONCILE_EVERY',
      'SMTP_URL',
      'WELCOME_FROM',
      'DOCSPACE_MACHINE_KEY',
    ]);
    for (const fault of faults) expect(fault).not.toContain('\n');
  });

  test('of nothing at all are exactly what is required', async () => {
    const faults = await faultsOf({});
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual(
      Object.keys(settings).filter((name) => name in required),
    );
  });

  test('are values, whatever the environment holds', async () => {
    const folder = await temporaryFolder();
    const names = Object.keys(settings).flatMap((name) => [name, `${name}_FILE`]);
    const environments = fc.dictionary(fc.constantFrom(...names), fc.string(), { maxKeys: 12 });
    fc.assert(
      fc.property(environments, (environment) => {
        const read = readConfig({
          environment: { ...required, ...environment },
          workingFolder: folder,
          envFile: null,
        });
        if (read.kind === 'ok') return;
        for (const fault of read.faults) {
          expect(names.some((name) => fault.startsWith(`${name} `))).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});
