import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readEnvText } from '../../src/config/env-file.ts';
import { readConfig } from '../../src/config/read.ts';
import { type SettingName, settings } from '../../src/config/settings.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { configOf, faultsOf, reading, required, secretNames } from './support.ts';

const dotenv = (values: Readonly<Record<string, string>>) =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');

describe('the settings', () => {
  test('are read from .env in the working folder if it exists', async () => {
    const files = { '.env': `# a comment\n${dotenv(required)}PORT=9000\nLOG_LEVEL="warn"\n` };
    expect(await configOf({}, { files })).toMatchObject({ PORT: 9000, LOG_LEVEL: 'warn' });
  });

  test('of the environment win over the file, except for empty variables', async () => {
    const files = { '.env': `${dotenv(required)}PORT=9000\nHOST=::1\n` };
    const config = await configOf({ PORT: '9001', HOST: '' }, { files });
    expect(config).toMatchObject({ PORT: 9001, HOST: '::1' });
  });

  test('are read from the file of --env-file, and then .env is not read', async () => {
    const files = {
      '.env': 'PORT=1\nHOST=::1\n',
      'conf/production': `${dotenv(required)}PORT=2\n`,
    };
    const config = await configOf({}, { files, envFile: 'conf/production' });
    expect(config).toMatchObject({ PORT: 2, HOST: '127.0.0.1' });
  });

  test('are faulty if the file of --env-file does not exist, and the fault names the whole path', async () => {
    const { read, folder } = await reading(required, { envFile: 'missing.env' });
    expect(read).toEqual({
      kind: 'faulty',
      faults: [`${join(folder, 'missing.env')}: there is no such file`],
    });
  });

  test('are faulty if a file cannot be read, even if it is .env', async () => {
    const folder = await temporaryFolder();
    mkdirSync(join(folder, '.env'));
    const read = readConfig({ environment: required, workingFolder: folder, envFile: null });
    expect(read).toEqual({
      kind: 'faulty',
      faults: [`${join(folder, '.env')}: it cannot be read`],
    });
  });

  test('can come from the environment alone, and no other variable of it is used', async () => {
    const config = await configOf({ ...required, PATH: '/bin', WELCOM_KEY: 'typo' });
    const names = [...Object.keys(settings), 'database', 'folder', 'channelChoice'];
    expect(Object.keys(config).sort()).toEqual(names.sort());
    expect(Object.isFrozen(config)).toBe(true);
  });
});

describe('a secret', () => {
  test('is each of these settings, and no other', () => {
    expect(secretNames()).toEqual([
      'DOCSPACE_API_KEY',
      'DOCSPACE_WEBHOOK_SECRET',
      'DOCSPACE_WEBHOOK_SECRET_PREVIOUS',
      'ADMIN_TOKEN',
      'DATABASE_URL',
      'SMTP_URL',
      'EVENTS_SECRET',
    ]);
  });

  const examples = {
    ...required,
    DOCSPACE_WEBHOOK_SECRET_PREVIOUS: 'the-old-secret',
    DATABASE_URL: 'file:elsewhere.db',
    SMTP_URL: 'smtp://127.0.0.1',
    EVENTS_SECRET: `whsec_${Buffer.alloc(32, 'events').toString('base64')}`,
  } as const;

  test.each(secretNames())(
    '%s may come from a file, whose line break does not belong to it',
    async (name) => {
      const value = examples[name as keyof typeof examples];
      const environment = { ...required, [name]: undefined, [`${name}_FILE`]: 'secrets/it' };
      const config = await configOf(environment, { files: { 'secrets/it': `${value}\r\n` } });
      const direct = await configOf({ ...required, [name]: value });
      expect(config[name]).toEqual(direct[name]);
    },
  );

  test.each(secretNames())(
    '%s that is given twice is a fault, whatever the file contains',
    async (name) => {
      const value = examples[name as keyof typeof examples];
      const environment = { ...required, [name]: value, [`${name}_FILE`]: 'it' };
      for (const files of [{ it: value }, {}]) {
        const faults = await faultsOf(environment, { files });
        expect(faults).toEqual([expect.stringContaining(`${name}_FILE`)]);
        expect(faults.join()).toContain('both');
        expect(faults.join()).not.toContain(value);
      }
    },
  );

  test('whose file does not exist is a fault without the path, which may be the secret itself; an empty file is a missing secret', async () => {
    const environment = { ...required, ADMIN_TOKEN: undefined, ADMIN_TOKEN_FILE: 'nowhere' };
    const faults = await faultsOf(environment);
    expect(faults).toEqual([expect.stringMatching(/^ADMIN_TOKEN_FILE cannot be read: /)]);
    expect(faults.join()).not.toContain('nowhere');
    expect(await faultsOf(environment, { files: { nowhere: '\n' } })).toEqual([
      expect.stringMatching(/^ADMIN_TOKEN is missing/),
    ]);
  });

  test('in a file has a path relative to the .env that names it, and an empty name means no file', async () => {
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

  test('or another wrong setting is never repeated, in whatever way it is wrong', async () => {
    const names = Object.keys(settings) as SettingName[];
    const text = fc.string({ unit: 'grapheme-ascii', minLength: 4, maxLength: 60 });
    const folder = await temporaryFolder();
    fc.assert(
      fc.property(fc.constantFrom(...names), text, (name, value) => {
        fc.pre(value.trim().length >= 4 && !settings[name].meaning.includes(value.trim()));
        const environment = { ...required, [name]: `${value}\u0007 ` };
        const read = readConfig({ environment, workingFolder: folder, envFile: null });
        if (read.kind === 'faulty') expect(read.faults.join('\n')).not.toContain(value);
      }),
      { numRuns: 500 },
    );
  });

  // No value is printed. An address in a wrong setting often contains a password.
  test.each([
    ['DOCSPACE_URL', 'https://admin:hunter2-hunter2@office.example.com'],
    ['DOCSPACE_URL', 'https://admin:hunter2-hunter2@office.example.com/portal'],
    ['DOCSPACE_URL', 'https://:hunter2-hunter2@office.example.com'],
    ['DATABASE_URL', 'mysql://welcome:hunter2-hunter2@db.example.com/welcome'],
    ['PUBLIC_URL', 'ftp://admin:hunter2-hunter2@welcome.example.com'],
  ])('within an address in %s is refused and not repeated', async (name, value) => {
    const faults = await faultsOf({ ...required, [name]: value });
    expect(faults.join('\n')).toContain(name);
    expect(faults.join('\n')).not.toContain('hunter2');
  });
});

describe('the database', () => {
  test('at several hosts is refused, with the advice to name an address that leads to the primary', async () => {
    const url = 'postgres://w:p@one:5432,two:5432/welcome?target_session_attrs=read-write';
    const faults = await faultsOf({ ...required, DATABASE_URL: url });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain('names several hosts');
  });

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
    expect(read.config.database.name).toBe(join(folder, expected));
  });

  test.each([
    ['file:/var/lib/w.db', '/var/lib/w.db'],
    ['file:///var/lib/w.db', '/var/lib/w.db'],
    ['file:/with space/w.db', '/with space/w.db'],
  ])('of %s is %s', async (url, expected) => {
    expect((await configOf({ ...required, DATABASE_URL: url })).database.name).toBe(expected);
  });

  test('and other relative paths start in the same folder', async () => {
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
  test('are reported all at once, in the order of the settings, one sentence each', async () => {
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

  test('of an empty environment are exactly the required settings', async () => {
    const faults = await faultsOf({});
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual(
      Object.keys(settings).filter((name) => name in required),
    );
  });

  test('are returned and not thrown, whatever the environment contains', async () => {
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

describe('a .env file from practice (cases/env)', () => {
  const textOf = (name: string) => readFileSync(new URL(`./env/${name}`, import.meta.url), 'utf8');
  const madeUp = ['sk-made-up-key', 'made-up-admin-token', 'Docspace-Webhook', 'Winter12'];

  test('with a byte order mark keeps its first setting', async () => {
    const config = await configOf({}, { files: { '.env': textOf('bom.env') } });
    expect(config.WELCOME_AUDIENCE).toBe('everyone');
  });

  test('with an unquoted # in a secret is read whole', async () => {
    const config = await configOf({}, { files: { '.env': textOf('hash.env') } });
    expect(config.DOCSPACE_WEBHOOK_SECRET).toBe('Winter12#Office');
  });

  test('with a quote that is not closed is refused, and no value is printed', async () => {
    const faults = await faultsOf({}, { files: { '.env': textOf('unclosed-quote.env') } });
    expect(faults).toEqual([expect.stringMatching(/\.env: line 2: WELCOME_FROM begins with "/)]);
    for (const value of madeUp) expect(faults.join('\n')).not.toContain(value);
  });

  test('given to docker, which keeps the quotes, means the same', async () => {
    const lines = textOf('docker.env').trim().split('\n');
    const environment = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    const config = await configOf(environment);
    expect(config.WELCOME_FROM).toEqual({ name: 'Example Office', address: 'office@example.com' });
    expect(await configOf({}, { files: { '.env': textOf('docker.env') } })).toMatchObject({
      WELCOME_FROM: config.WELCOME_FROM,
    });
  });

  test('given to docker may have quotes around the path of a secret, too', async () => {
    const { DOCSPACE_API_KEY, ...others } = required;
    const environment = { ...others, DOCSPACE_API_KEY_FILE: '"my key"' };
    const config = await configOf(environment, { files: { 'my key': DOCSPACE_API_KEY } });
    expect(config.DOCSPACE_API_KEY).toBe(DOCSPACE_API_KEY);
  });

  test.each([
    ['PORT=9000', { PORT: '9000' }],
    ['  export PORT = 9000  ', { PORT: '9000' }],
    ["HOST='::1' # a comment", { HOST: '::1' }],
    ['HOST="a # b"', { HOST: 'a # b' }],
    ['HOST=`"it\'s"`', { HOST: '"it\'s"' }],
    ['HOST=a#b', { HOST: 'a#b' }],
    ['HOST=a=b', { HOST: 'a=b' }],
    ['HOST=', { HOST: '' }],
    ['HOST=""', { HOST: '' }],
    ['# HOST=x\r\n\r\nPORT=1\r\n', { PORT: '1' }],
    ['HOST=a\\nb', { HOST: 'a\\nb' }],
  ])('%j is read', (text, values) => {
    expect(readEnvText(text)).toEqual({ kind: 'ok', values });
  });

  test.each([
    ['HOST=a # b', /^line 1: HOST has a # after a space/],
    ['HOST=# b', /^line 1: HOST has a #/],
    ['PORT=1\nHOST="a', /^line 2: HOST begins with ", but that quote is not closed/],
    ['HOST="a" b', /^line 1: HOST goes on after its closing "/],
    ['secret-without-a-name', /^line 1 is not of the form NAME=value$/],
  ])('%j is refused', (text, fault) => {
    expect(readEnvText(text)).toEqual({ kind: 'faulty', faults: [expect.stringMatching(fault)] });
  });

  test('never loses or changes a value without a fault, whatever it contains', () => {
    const value = fc
      .string({ unit: 'grapheme', maxLength: 40 })
      .filter((text) => !/[\r\n]/.test(text));
    fc.assert(
      fc.property(value, fc.constantFrom('', "'", '"', '`'), (text, quote) => {
        const read = readEnvText(`A=${quote}${text}${quote}`);
        if (read.kind === 'faulty') return;
        const isQuoted = quote !== '' && !text.includes(quote);
        if (isQuoted) expect(read.values['A']).toBe(text);
        else if (quote === '' && !/^\s*["'`]/.test(text))
          expect(read.values['A']).toBe(text.trim());
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a name that is not a setting', () => {
  test.each([
    ['WELCOM_CHANNEL', 'did you mean WELCOME_CHANNEL?'],
    ['WELCOME_CHANEL', 'did you mean WELCOME_CHANNEL?'],
    ['DOCSPACE_ULR', 'did you mean DOCSPACE_URL?'],
    ['ADMIN_TOKENS', 'did you mean ADMIN_TOKEN?'],
    ['SMTP_PASSWORD', 'it has no effect'],
    ['DOCSPACE_WEBHOOK', 'it has no effect'],
    ['PATH', null],
    ['HOME', null],
    ['HTTPS_PROXY', null],
    ['NODE_EXTRA_CA_CERTS', null],
    ['ADMIN_TOKEN_FILE', null],
  ])('%s: %s', async (name, expected) => {
    const environment =
      name === 'ADMIN_TOKEN_FILE'
        ? { ...required, ADMIN_TOKEN: undefined, [name]: 'token' }
        : { ...required, [name]: 'a-secret-value' };
    const files = { token: required.ADMIN_TOKEN };
    const { read } = await reading(environment, { files });
    if (read.kind === 'faulty') throw new Error(read.faults.join('\n'));
    expect(read.warnings).toEqual(expected === null ? [] : [expect.stringContaining(expected)]);
    expect(read.warnings.join()).not.toContain('a-secret-value');
  });
});
