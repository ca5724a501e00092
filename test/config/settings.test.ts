import { describe, expect, test } from 'vitest';
import { type SettingName, settings } from '../../src/config/settings.ts';
import { configOf, faultsOf, reading, required, secretNames } from './support.ts';

const mail = { SMTP_URL: 'smtps://u:p@mail.example.com', WELCOME_FROM: 'o@example.com' };
/** A secret of this many bytes for the events. */
const eventsSecret = (bytes: number) => `whsec_${Buffer.alloc(bytes, 'events').toString('base64')}`;
const from = (name: string) => ({ name, address: 'office@example.com' });

/** The default of each setting (docs/settings.md). A setting without an entry must be given. */
const defaults: Readonly<Partial<Record<SettingName, unknown>>> = {
  DOCSPACE_WEBHOOK_SECRET_PREVIOUS: null,
  DOCSPACE_CONCURRENCY: 8,
  HOST: '127.0.0.1',
  PORT: 8080,
  PUBLIC_URL: null,
  DATABASE_URL: 'file:data/docspace-welcome.db',
  DATABASE_SCHEMA: 'docspace_welcome',
  FORGET_KEY_FILE: null,
  MIGRATE: 'on',
  WELCOME_CHANNEL: ['docspace'],
  WELCOME_KEY_LIFETIME: 300_000,
  SMTP_NAME: null,
  SMTP_CONNECTIONS: 5,
  SMTP_MAX_PER_MINUTE: null,
  INVITE_REMIND_AFTER: null,
  WELCOME_AUDIENCE: 'invited',
  WELCOME_BASELINE_PENDING: 'skip',
  WELCOME_KEY: 'welcome_guest',
  DOCSPACE_MACHINE_KEY_FILE: null,
  SMTP_URL: null,
  WELCOME_FROM: null,
  WELCOME_TEMPLATES: null,
  WELCOME_LANGUAGE: 'en',
  NOTIFY_EMAIL: null,
  NOTIFY_DIGEST: 'weekly',
  WELCOME_ON_UNKNOWN: 'hold',
  WELCOME_MAX_PER_HOUR: 500,
  EVENTS_URL: null,
  EVENTS_SECRET: null,
  RECONCILE_EVERY: 300_000,
  RETENTION_DAYS: 90,
  LOG_LEVEL: 'info',
};

const valid: readonly (readonly [SettingName, string, unknown])[] = [
  ['DOCSPACE_URL', 'https://office.example.com/', 'https://office.example.com'],
  ['DOCSPACE_URL', 'HTTPS://Office.Example.COM:8443', 'https://office.example.com:8443'],
  ['DOCSPACE_URL', 'http://127.0.0.1:8090', 'http://127.0.0.1:8090'],
  ['DOCSPACE_API_KEY', 'sk-0123456789', 'sk-0123456789'],
  ['DOCSPACE_API_KEY', 'Q2ZESjhK/raw+token==', 'Q2ZESjhK/raw+token=='],
  ['DOCSPACE_WEBHOOK_SECRET', '12345678', '12345678'],
  ['DOCSPACE_WEBHOOK_SECRET', '~!@$%^&*()-+="quoted"', '~!@$%^&*()-+="quoted"'],
  ['DOCSPACE_WEBHOOK_SECRET', 'x'.repeat(30), 'x'.repeat(30)],
  ['DOCSPACE_WEBHOOK_SECRET_PREVIOUS', 'the-old-one', 'the-old-one'],
  ['DOCSPACE_CONCURRENCY', '1', 1],
  ['DOCSPACE_CONCURRENCY', '256', 256],
  ['ADMIN_TOKEN', '0f3a9c1b7d5e2846a1b0c9d8', '0f3a9c1b7d5e2846a1b0c9d8'],
  // One random token in 256 begins like this one.
  ['ADMIN_TOKEN', '0003a9c1b7d5e2846a1b0c9d', '0003a9c1b7d5e2846a1b0c9d'],
  ['ADMIN_TOKEN', 'correct-horse-battery-staple', 'correct-horse-battery-staple'],
  ['HOST', '::', '::'],
  ['PORT', '0', 0],
  ['PORT', '65535', 65_535],
  ['PUBLIC_URL', 'https://welcome.example.com/', 'https://welcome.example.com'],
  ['PUBLIC_URL', 'https://example.com/welcome', 'https://example.com/welcome'],
  ['DATABASE_URL', 'file:elsewhere.db', 'file:elsewhere.db'],
  ['DATABASE_URL', 'postgres://u:p@db/welcome', 'postgres://u:p@db/welcome'],
  ['DATABASE_URL', 'postgres://u:p,q@db/welcome', 'postgres://u:p,q@db/welcome'],
  [
    'DATABASE_URL',
    'postgresql://db:5433/w?sslmode=require',
    'postgresql://db:5433/w?sslmode=require',
  ],
  [
    'DATABASE_URL',
    'postgres://u:p@db/w?sslmode=verify-full&sslrootcert=/etc/ssl/ca.pem',
    'postgres://u:p@db/w?sslmode=verify-full&sslrootcert=/etc/ssl/ca.pem',
  ],
  ['DATABASE_SCHEMA', 'welcome_2', 'welcome_2'],
  ['FORGET_KEY_FILE', '/run/secrets/forget', '/run/secrets/forget'],
  ['MIGRATE', 'off', 'off'],
  ['WELCOME_CHANNEL', 'smtp', ['smtp']],
  ['WELCOME_CHANNEL', 'docspace,smtp', ['docspace', 'smtp']],
  ['WELCOME_CHANNEL', 'smtp, docspace', ['smtp', 'docspace']],
  ['WELCOME_AUDIENCE', 'everyone', 'everyone'],
  ['WELCOME_BASELINE_PENDING', 'welcome', 'welcome'],
  ['WELCOME_KEY', '524160000000.ABCDEF', '524160000000.ABCDEF'],
  ['WELCOME_KEY_LIFETIME', '1m', 60_000],
  ['WELCOME_KEY_LIFETIME', '1h', 3_600_000],
  ['SMTP_NAME', 'mail-1.example.com', 'mail-1.example.com'],
  ['SMTP_CONNECTIONS', '1', 1],
  ['SMTP_MAX_PER_MINUTE', '30', 30],
  ['INVITE_REMIND_AFTER', '3d, 6d', [259_200_000, 518_400_000]],
  [
    'SMTP_URL',
    'smtps://u%40x:p%2Fw@mail.example.com',
    {
      host: 'mail.example.com',
      port: 465,
      secure: true,
      requireTls: false,
      login: { user: 'u@x', password: 'p/w' },
    },
  ],
  [
    'SMTP_URL',
    'smtp://mail.example.com:2525',
    {
      host: 'mail.example.com',
      port: 2525,
      secure: false,
      requireTls: true,
      login: null,
    },
  ],
  [
    'SMTP_URL',
    'smtp://127.0.0.1?requireTLS=false',
    {
      host: '127.0.0.1',
      port: 587,
      secure: false,
      requireTls: false,
      login: null,
    },
  ],
  [
    'SMTP_URL',
    'smtp://127.0.0.1:25?tls=off',
    { host: '127.0.0.1', port: 25, secure: false, requireTls: false, tls: 'off', login: null },
  ],
  [
    'SMTP_URL',
    'smtp://127.0.0.1:25?tls=insecure',
    { host: '127.0.0.1', port: 25, secure: false, requireTls: true, tls: 'insecure', login: null },
  ],
  ['WELCOME_FROM', 'office@example.com', from('')],
  ['WELCOME_FROM', 'Example Office <office@example.com>', from('Example Office')],
  ['WELCOME_FROM', '"Müller, Köln" <office@example.com>', from('Müller, Köln')],
  ['WELCOME_LANGUAGE', 'pt-BR', 'pt-BR'],
  ['NOTIFY_EMAIL', 'office@example.com', [from('')]],
  [
    'NOTIFY_EMAIL',
    'IT <office@example.com>, hr@example.com',
    [from('IT'), { name: '', address: 'hr@example.com' }],
  ],
  ['NOTIFY_DIGEST', 'daily', 'daily'],
  ['NOTIFY_DIGEST', 'off', 'off'],
  ['WELCOME_ON_UNKNOWN', 'resend', 'resend'],
  ['WELCOME_MAX_PER_HOUR', '1', 1],
  ['EVENTS_URL', 'https://hooks.example.com/a?b=c@d', 'https://hooks.example.com/a?b=c@d'],
  ['EVENTS_SECRET', eventsSecret(24), eventsSecret(24)],
  ['EVENTS_SECRET', eventsSecret(64), eventsSecret(64)],
  ['RECONCILE_EVERY', '0', 0],
  ['RECONCILE_EVERY', '30s', 30_000],
  ['RECONCILE_EVERY', '1h', 3_600_000],
  ['RECONCILE_EVERY', '1d', 86_400_000],
  ['RECONCILE_EVERY', '1500ms', 1_500],
  ['RETENTION_DAYS', '1', 1],
  ...(['debug', 'info', 'warn', 'error', 'silent'] as const).map(
    (level) => ['LOG_LEVEL', level, level] as const,
  ),
];

const invalid: readonly (readonly [SettingName, string])[] = [
  ['DOCSPACE_URL', 'office.example.com'],
  ['DOCSPACE_URL', 'ftp://office.example.com'],
  ['DOCSPACE_URL', 'https://office.example.com/portal'],
  ['DOCSPACE_URL', 'https://office.example.com/?x=1'],
  ['DOCSPACE_URL', 'https://office.example.com/#/rooms'],
  ['DOCSPACE_API_KEY', 'short'],
  ['DOCSPACE_API_KEY', 'Bearer sk-0123456789'],
  ['DOCSPACE_API_KEY', 'sk-0123456789\nsk-9876543210'],
  ['DOCSPACE_WEBHOOK_SECRET', '1234567'],
  ['DOCSPACE_WEBHOOK_SECRET', 'x'.repeat(31)],
  ['DOCSPACE_WEBHOOK_SECRET', 'with a space'],
  ['DOCSPACE_WEBHOOK_SECRET', 'with-an-ümlaut'],
  ['DOCSPACE_WEBHOOK_SECRET_PREVIOUS', '1234567'],
  ['DOCSPACE_CONCURRENCY', '0'],
  ['DOCSPACE_CONCURRENCY', '257'],
  ['DOCSPACE_CONCURRENCY', '2.5'],
  ['DOCSPACE_CONCURRENCY', 'many'],
  ['ADMIN_TOKEN', '0f3a9c1b7d5e2846a1b0c9d'],
  ['ADMIN_TOKEN', 'x'.repeat(24)],
  ['ADMIN_TOKEN', 'password'.repeat(4)],
  ['ADMIN_TOKEN', '12345678'.repeat(3)],
  ['ADMIN_TOKEN', `${'Password1'.repeat(3)}!`],
  ['ADMIN_TOKEN', `${'x'.repeat(30)} ${'x'.repeat(30)}`],
  ['PORT', '-1'],
  ['PORT', '65536'],
  ['PORT', 'http'],
  ['PUBLIC_URL', 'welcome.example.com'],
  ['DATABASE_URL', 'elsewhere/w.db'],
  ['DATABASE_URL', 'mysql://db/welcome'],
  ['DATABASE_URL', 'postgres://db'],
  ['DATABASE_URL', 'postgres://me:100%@db/welcome'],
  ['DATABASE_URL', 'postgres://me:p@one,two/welcome'],
  ['DATABASE_URL', 'postgres://me:12#34@db/welcome'],
  ['DATABASE_URL', 'postgres://me:12?34@db/welcome'],
  ['DATABASE_URL', 'postgres://u:p@db/w?ssl_mode=verify-full'],
  ['DATABASE_URL', 'postgres://u:p@db/w?sslmode='],
  ['DATABASE_URL', 'postgres://u:p@db/w?sslmode=prefer'],
  ['DATABASE_URL', 'postgres://u:p@db/w?sslrootcert=/ca.pem&sslmode=verify_full'],
  ['MIGRATE', 'never'],
  ['DATABASE_SCHEMA', 'Welcome'],
  ['DATABASE_SCHEMA', 'public'],
  ['DATABASE_SCHEMA', 'pg_own'],
  ['WELCOME_CHANNEL', 'email'],
  ['WELCOME_CHANNEL', 'docspace,docspace'],
  ['WELCOME_CHANNEL', 'docspace,'],
  ['WELCOME_AUDIENCE', 'all'],
  ['WELCOME_BASELINE_PENDING', 'wait'],
  ['WELCOME_KEY', 'x'.repeat(1_001)],
  ['SMTP_URL', 'mx.other.example'],
  ['SMTP_URL', 'https://mail.example.com'],
  ['SMTP_URL', 'smtp://user-alone@mail.example.com'],
  ['SMTP_URL', 'smtp://u:pass/word@mail.example.com'],
  ['SMTP_URL', 'smtp://u:hundred%percent@mail.example.com'],
  ['SMTP_URL', 'smtp://mail.example.com?requireTLS=maybe'],
  ['SMTP_URL', 'smtp://mail.example.com?secure=true'],
  ['SMTP_URL', 'smtp://mail.example.com?tls=maybe'],
  ['SMTP_URL', 'smtps://mail.example.com?tls=off'],
  ['SMTP_NAME', 'mail example'],
  ['SMTP_NAME', '[127.0.0.1]'],
  ['SMTP_CONNECTIONS', '0'],
  ['SMTP_MAX_PER_MINUTE', '0'],
  ['INVITE_REMIND_AFTER', '6d,3d'],
  ['INVITE_REMIND_AFTER', '3d,'],
  ['INVITE_REMIND_AFTER', '0'],
  ['WELCOME_KEY_LIFETIME', '0'],
  ['WELCOME_KEY_LIFETIME', '61m'],
  ['WELCOME_FROM', 'Example Office'],
  ['WELCOME_FROM', 'Example <office@example.com>\r\nBcc: all@example.com'],
  ['WELCOME_FROM', 'a@b@c.example'],
  ['WELCOME_LANGUAGE', 'English (US)'],
  ['WELCOME_LANGUAGE', '../../etc'],
  ['NOTIFY_EMAIL', 'IT department'],
  ['NOTIFY_EMAIL', 'it@example.com, '],
  ['NOTIFY_EMAIL', 'it@example.com, IT <IT@example.com>'],
  ['NOTIFY_DIGEST', 'monthly'],
  ['WELCOME_ON_UNKNOWN', 'retry'],
  ['WELCOME_MAX_PER_HOUR', '0'],
  ['WELCOME_MAX_PER_HOUR', '-5'],
  ['EVENTS_URL', 'hooks.example.com'],
  ['EVENTS_URL', 'ftp://hooks.example.com'],
  ['EVENTS_URL', 'https://user:password@hooks.example.com'],
  ['EVENTS_SECRET', eventsSecret(32).slice('whsec_'.length)],
  ['EVENTS_SECRET', eventsSecret(23)],
  ['EVENTS_SECRET', eventsSecret(65)],
  ['EVENTS_SECRET', `whsec_${'ä'.repeat(40)}`],
  ['EVENTS_SECRET', `${eventsSecret(32).slice(0, -4)}A`],
  ['RECONCILE_EVERY', '5'],
  ['RECONCILE_EVERY', '-5m'],
  ['RECONCILE_EVERY', '5 m'],
  ['RECONCILE_EVERY', '1.5h'],
  ['RECONCILE_EVERY', 'often'],
  ['RETENTION_DAYS', '0'],
  ['RETENTION_DAYS', 'forever'],
  ['LOG_LEVEL', 'verbose'],
];

const names = Object.keys(settings) as readonly SettingName[];

describe('a setting', () => {
  test('is either required or in the list of defaults, and has a valid and an invalid value', () => {
    expect([...Object.keys(required), ...Object.keys(defaults)].sort()).toEqual([...names].sort());
    const files = ['DOCSPACE_MACHINE_KEY_FILE', 'FORGET_KEY_FILE', 'WELCOME_TEMPLATES'];
    const anythingGoes = ['HOST', ...files];
    const without = (list: readonly (readonly [SettingName, ...unknown[]])[]) =>
      names.filter((name) => !list.some(([one]) => one === name));
    expect(without(valid)).toEqual(['DOCSPACE_MACHINE_KEY_FILE', 'WELCOME_TEMPLATES']);
    expect(without(invalid).sort()).toEqual(anythingGoes.sort());
  });

  test.each(names.filter((name) => name in defaults))('%s has its default', async (name) => {
    expect((await configOf(required))[name]).toEqual(defaults[name]);
  });

  test.each(Object.keys(required))(
    '%s is required, and the fault says what it is',
    async (name) => {
      const faults = await faultsOf({ ...required, [name]: undefined });
      expect(faults).toHaveLength(1);
      expect(faults[0]).toMatch(new RegExp(`^${name} is missing: .{20}`));
    },
  );

  test.each(valid)('%s accepts %j', async (name, text, value) => {
    const events = { EVENTS_SECRET: eventsSecret(32) };
    const config = await configOf({ ...required, ...mail, ...events, [name]: text });
    expect(config[name]).toEqual(value);
  });

  test.each(invalid)('%s does not accept %j, and says what it should be', async (name, text) => {
    const faults = await faultsOf({ ...required, ...mail, [name]: text });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(new RegExp(`^${name} (is|has|names|must be|may contain) `));
    expect(faults[0]).toContain(settings[name].meaning);
    expect(faults[0]).toContain(`(it has ${[...text].length} character`);
    if (secretNames().includes(name)) expect(faults[0]).not.toContain(text);
  });

  test.each(names)('%s that is empty or blank counts as missing', async (name) => {
    for (const empty of ['', '   ']) {
      if (name in required) {
        const faults = await faultsOf({ ...required, [name]: empty });
        expect(faults).toEqual([expect.stringMatching(new RegExp(`^${name} is missing`))]);
      } else {
        const config = await configOf({ ...required, [name]: empty });
        expect(config[name]).toEqual(defaults[name]);
      }
    }
  });
});

describe('WELCOME_CHANNEL that is not set', () => {
  test.each([
    [{}, ['docspace'], 'mail_is_not_set_up', []],
    [mail, ['smtp'], 'mail_is_set_up', []],
    [{ SMTP_URL: mail.SMTP_URL }, ['docspace'], 'mail_is_not_set_up', [/^SMTP_URL is set but/]],
    [{ WELCOME_FROM: 'o@x.de' }, ['docspace'], 'mail_is_not_set_up', [/^WELCOME_FROM is set but/]],
    [{ ...mail, WELCOME_CHANNEL: 'docspace' }, ['docspace'], 'set', []],
  ])('with %o is %j because %s', async (given, channels, reason, warnings) => {
    const { read } = await reading({ ...required, ...given });
    expect(read).toMatchObject({
      kind: 'ok',
      config: { WELCOME_CHANNEL: channels, channelChoice: reason },
      warnings: warnings.map((one) => expect.stringMatching(one)),
    });
  });
});

describe('a channel that mails', () => {
  test.each(['smtp', 'docspace,smtp'])(
    'such as %s needs a server and a sender',
    async (channels) => {
      const faults = await faultsOf({ ...required, WELCOME_CHANNEL: channels });
      expect(faults.map((fault) => fault.split(' ')[0])).toEqual(['SMTP_URL', 'WELCOME_FROM']);
      const config = await configOf({ ...required, ...mail, WELCOME_CHANNEL: channels });
      expect(config.SMTP_URL).not.toBeNull();
    },
  );
});

describe('NOTIFY_EMAIL', () => {
  test('needs a mail server and a sender, and the faults say why', async () => {
    const faults = await faultsOf({ ...required, NOTIFY_EMAIL: 'it@example.com' });
    expect(faults).toEqual([
      expect.stringMatching(/^SMTP_URL is missing, NOTIFY_EMAIL is set: /),
      expect.stringMatching(/^WELCOME_FROM is missing, NOTIFY_EMAIL is set: /),
    ]);
  });

  test('that is missing makes NOTIFY_DIGEST useless, which is a warning', async () => {
    const { read } = await reading({ ...required, NOTIFY_DIGEST: 'daily' });
    expect(read).toMatchObject({
      warnings: [expect.stringMatching(/^NOTIFY_DIGEST has no effect/)],
    });
  });
});

describe('a machine key', () => {
  test('is accepted from a file only; the key itself is refused and not repeated', async () => {
    const faults = await faultsOf({ ...required, DOCSPACE_MACHINE_KEY: 'the-machine-key' });
    expect(faults).toEqual([expect.stringContaining('DOCSPACE_MACHINE_KEY_FILE')]);
    expect(faults.join()).not.toContain('the-machine-key');
  });
});
