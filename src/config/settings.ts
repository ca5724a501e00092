import { z } from 'zod';
import { type ChannelName, channelNames } from '../domain/outcome.ts';
import { audiences, normaliseEmail } from '../domain/vocabulary.ts';
import { logLevels } from '../log.ts';
import { type Database, isPostgresUrl } from '../store/place.ts';
import { mailbox, smtpUrl } from './smtp.ts';

/** One setting as data. The table in docs/settings.md and the faults at start are made from it. */
export type Setting = {
  readonly schema: z.ZodType;
  /** The default, as it would be written in `.env`. Null if there is none. */
  readonly fallback: string | null;
  readonly optional?: boolean;
  /** True if the value may come from a file (`NAME_FILE`). */
  readonly secret?: boolean;
  /** True if `readConfig` makes this path absolute. Relative paths count from `Config.folder`. */
  readonly path?: boolean;
  readonly meaning: string;
};

const origin = z
  .url({ protocol: /^https?$/, error: 'is not a web address such as https://office.example.com' })
  .transform((text) => new URL(text))
  .refine((url) => url.href === `${url.origin}/`, {
    error: 'is more than an origin: give only https://host, without a path',
  })
  .transform((url) => url.origin);

const webhookSecret = z
  .string()
  // The portal checks the secret as it checks a password (docs/docspace-wire.md 7.1).
  .regex(/^[\x21-\x7e]{8,30}$/, 'must be 8 to 30 printable characters without spaces');

/** Whether the token has at least 8 different characters, and does not only repeat a short text. */
function isHardToGuess(token: string): boolean {
  return new Set(token).size >= 8 && !/^(.{1,12})\1+.{0,11}$/.test(token);
}

/** Whether the text is a secret as the Standard Webhooks specification defines it. */
function isSigningSecret(text: string): boolean {
  const key = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text)?.[1] ?? '';
  const bytes = Buffer.from(key, 'base64');
  const isWhole = bytes.toString('base64').replace(/=+$/, '') === key.replace(/=+$/, '');
  return isWhole && bytes.length >= 24 && bytes.length <= 64;
}

/** As for `psql`. The driver takes one host. */
const severalHosts = /^postgres(ql)?:\/\/[^/]*,[^/@]*\//;

/** Whether the address of a database server can be parsed. True for a file, which needs no check. */
function isReadableAddress(text: string): boolean {
  if (!isPostgresUrl(text)) return true;
  try {
    const { username, password, pathname } = new URL(text);
    decodeURIComponent(`${username} ${password} ${pathname}`);
    return true;
  } catch {
    return false;
  }
}

const whole = (from: number, to: number) =>
  z.coerce
    .number('is not a number')
    .int('is not a whole number')
    .min(from, `is less than ${from}`)
    .max(to, `is more than ${to}`);

const durationUnits = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const duration = z
  .string()
  .regex(/^(0|\d{1,9}(ms|s|m|h|d))$/, 'is not a duration such as 30s, 5m or 1h (0 turns it off)')
  .transform((text) => {
    const unit = durationUnits[text.replace(/^\d+/, '') as keyof typeof durationUnits] ?? 0;
    return Number.parseInt(text, 10) * unit;
  });

const reminders = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .pipe(z.array(duration).max(10, 'has more than 10 times'))
  .refine((times) => times.every((ms, i) => ms > (times[i - 1] ?? 0)), {
    error: 'is not a list of growing times such as 3d,6d',
  });

const channels = z
  .string()
  .transform((text) => text.split(',').map((name) => name.trim()))
  .pipe(
    z
      .array(z.enum(channelNames, `may contain only: ${channelNames.join(', ')}`))
      .refine((names) => new Set(names).size === names.length, 'names a channel twice'),
  );

/** Every setting, in the order in which the documentation shows them. */
export const settings = {
  DOCSPACE_URL: {
    schema: origin,
    fallback: null,
    meaning: 'the origin of the portal, such as `https://office.example.com`',
  },
  DOCSPACE_API_KEY: {
    schema: z
      .string()
      .regex(/^[\x21-\x7e]{8,4096}$/, 'must be 8 or more printable characters without spaces'),
    fallback: null,
    secret: true,
    meaning:
      'the API key (`sk-…`) of the account of this service, sent as `Bearer`; a token of another form is sent unchanged',
  },
  DOCSPACE_WEBHOOK_SECRET: {
    schema: webhookSecret,
    fallback: null,
    secret: true,
    meaning: 'the secret of the webhook in the portal: 8 to 30 printable characters',
  },
  DOCSPACE_WEBHOOK_SECRET_PREVIOUS: {
    schema: webhookSecret,
    fallback: null,
    optional: true,
    secret: true,
    meaning: 'the former secret, still accepted while you change it',
  },
  DOCSPACE_CONCURRENCY: {
    schema: whole(1, 256),
    fallback: '8',
    meaning: 'how many requests to the portal run at the same time',
  },
  ADMIN_TOKEN: {
    schema: z
      .string()
      .regex(/^[\x21-\x7e]{24,4096}$/, 'must be 24 or more printable characters without spaces')
      .refine(isHardToGuess, { error: 'is easy to guess: it repeats itself', abort: true }),
    fallback: null,
    secret: true,
    meaning:
      'the bearer token of the HTTP API and the sign-in of the dashboard: 24 random characters or more. `token add` makes further tokens with a name',
  },
  HOST: { schema: z.string(), fallback: '127.0.0.1', meaning: 'the address to listen on' },
  PORT: { schema: whole(0, 65_535), fallback: '8080', meaning: 'the port to listen on' },
  PUBLIC_URL: {
    schema: z
      .url({
        protocol: /^https?$/,
        error: 'is not a web address such as https://welcome.example.com',
      })
      .transform((text) => text.replace(/\/+$/, '')),
    fallback: null,
    optional: true,
    meaning:
      'the address at which the portal reaches this service: for `webhook register`, and for links to the dashboard',
  },
  DATABASE_URL: {
    schema: z
      .string()
      .regex(
        /^file:.+|^postgres(ql)?:\/\/[^/?#]+\/[^/?#]+(\?[^#]*)?$/,
        'is neither of the form file:data/docspace-welcome.db nor postgres://user:password@host/database',
      )
      .refine((url) => !severalHosts.test(url), {
        error:
          'names several hosts, but the service uses one: name an address that always leads to the primary server',
        abort: true,
      })
      .refine(
        isReadableAddress,
        'is not a valid address: special characters of the user, the password and the database are written as %40 for @, %2F for /, %25 for %',
      )
      .regex(
        // With a misspelled `sslmode`, the connection would have no TLS.
        /^file:|^[^?]*([?&](sslmode=(disable|no-verify|require|verify-(ca|full))|ssl(rootcert|cert|key)=[^&]+))*$/,
        'has a parameter other than sslmode (disable, no-verify, require, verify-ca or verify-full), sslrootcert, sslcert and sslkey',
      ),
    fallback: 'file:data/docspace-welcome.db',
    secret: true,
    meaning:
      'the SQLite file, or a PostgreSQL database (`postgres://user:password@host/database?sslmode=verify-full`, see docs/postgres.md); a relative path counts from the folder of the `.env` that was read, else from the working directory',
  },
  DATABASE_SCHEMA: {
    schema: z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'is not a name of lower-case letters, digits and _')
      .refine((name) => name !== 'public' && !name.startsWith('pg_'), 'is reserved'),
    fallback: 'docspace_welcome',
    meaning: 'the schema of the tables in a PostgreSQL database',
  },
  MIGRATE: {
    schema: z.enum(['on', 'off'], 'is neither on nor off'),
    fallback: 'on',
    meaning:
      'which command creates the tables of the database and updates them to this version: with `on`, the first command that writes to the database; with `off`, only `migrate`',
  },
  FORGET_KEY_FILE: {
    schema: z.string().min(1),
    fallback: null,
    optional: true,
    meaning:
      'with PostgreSQL: the file of the key by which forgotten people are recognised. The first `forget` creates the file; without this setting, nobody can be forgotten. With SQLite the key is beside the database',
  },
  WELCOME_CHANNEL: {
    schema: channels,
    fallback: null,
    optional: true,
    meaning:
      'how the welcome is sent: `smtp`, your own mail; `docspace`, the portal’s own letter; or both, the preferred one first. Default: `smtp` when `SMTP_URL` and `WELCOME_FROM` are set, else `docspace`',
  },
  WELCOME_AUDIENCE: {
    schema: z.enum(audiences, `is neither ${audiences.join(' nor ')}`),
    fallback: 'invited',
    meaning:
      'who is welcomed: `invited`, people invited by this service; `everyone`, every new user of the portal',
  },
  WELCOME_BASELINE_PENDING: {
    schema: z.enum(['skip', 'welcome'], 'is neither skip nor welcome'),
    fallback: 'skip',
    meaning:
      'with `everyone`: whether people who were invited or had registered before the first start, but were not active yet, are welcomed once they are active',
  },
  WELCOME_KEY: {
    schema: z.string().max(1_000, 'is longer than 1000 characters'),
    fallback: 'welcome_guest',
    meaning:
      'the `Key` of sendcongratulations if `DOCSPACE_MACHINE_KEY_FILE` is not set; a real portal accepts only a signed `Key`',
  },
  WELCOME_KEY_LIFETIME: {
    schema: duration
      .refine((ms) => ms >= 60_000, 'is less than 1m')
      .refine((ms) => ms <= 3_600_000, 'is more than 1h'),
    fallback: '5m',
    meaning:
      'how long the portal accepts a signed `Key`; a person who finds a `Key` in an access log can use it for that time',
  },
  DOCSPACE_MACHINE_KEY_FILE: {
    schema: z.string(),
    fallback: null,
    optional: true,
    path: true,
    meaning:
      'the file with the machine key of a self-hosted portal, readable by this service only; each welcome then gets a signed `Key` of its own',
  },
  SMTP_URL: {
    schema: smtpUrl,
    fallback: null,
    optional: true,
    secret: true,
    meaning:
      'the mail server: `smtps://user:password@host` (port 465), or `smtp://…` (port 587), which demands STARTTLS. `?requireTLS=false`: STARTTLS only where offered; `?tls=off`: no encryption; `?tls=insecure`: the certificate is not checked',
  },
  WELCOME_FROM: {
    schema: mailbox,
    fallback: null,
    optional: true,
    meaning: 'the sender of the mail, such as `Example Office <office@example.com>`',
  },
  SMTP_NAME: {
    schema: z
      .string()
      .regex(/^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)*$/, 'is not a host name'),
    fallback: null,
    optional: true,
    meaning:
      'the host name with which this service introduces itself to the mail server. Default: the host of `PUBLIC_URL`, else the domain of `WELCOME_FROM`',
  },
  SMTP_CONNECTIONS: {
    schema: whole(1, 50),
    fallback: '5',
    meaning: 'how many connections to the mail server are open at the same time',
  },
  SMTP_MAX_PER_MINUTE: {
    schema: whole(1, 100_000),
    fallback: null,
    optional: true,
    meaning:
      'how many mails are sent in a minute at most; without it, the rate follows what the mail server accepts',
  },
  WELCOME_TEMPLATES: {
    schema: z.string(),
    fallback: null,
    optional: true,
    path: true,
    meaning: 'a folder with letters that replace the built-in ones or add languages',
  },
  WELCOME_LANGUAGE: {
    schema: z.string().regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'is not a language such as en'),
    fallback: 'en',
    meaning: 'the language of the letter if there is none in the person’s or the portal’s language',
  },
  NOTIFY_EMAIL: {
    schema: z
      .string()
      .transform((text) => text.split(',').map((one) => one.trim()))
      .pipe(
        z
          .array(mailbox)
          .refine(
            (list) => new Set(list.map((one) => normaliseEmail(one.address))).size === list.length,
            'names an address twice',
          ),
      ),
    fallback: null,
    optional: true,
    meaning:
      'who gets an e-mail when something needs attention, and the digest: one or more addresses, separated by commas; needs `SMTP_URL` and `WELCOME_FROM`',
  },
  NOTIFY_DIGEST: {
    schema: z.enum(['weekly', 'daily', 'off'], 'is neither weekly nor daily nor off'),
    fallback: 'weekly',
    meaning:
      'how often `NOTIFY_EMAIL` gets a digest of who was invited, registered, was welcomed and is still expected: `weekly`, `daily` or `off`',
  },
  WELCOME_ON_UNKNOWN: {
    schema: z.enum(['hold', 'resend'], 'is neither hold nor resend'),
    fallback: 'hold',
    meaning:
      'when it is not known whether a welcome arrived: `hold` waits for you to decide, `resend` sends it again',
  },
  WELCOME_MAX_PER_HOUR: {
    schema: whole(1, 1_000_000),
    fallback: '500',
    meaning:
      'with more welcomes in an hour, sending pauses until you resume it; this prevents welcoming a whole company by mistake',
  },
  INVITE_REMIND_AFTER: {
    schema: reminders,
    fallback: null,
    optional: true,
    meaning:
      'when this service reminds people who were invited with the mode `smtp` and have not registered: times after the letter was sent, such as `3d,6d`; without this setting, nobody is reminded',
  },
  EVENTS_URL: {
    schema: z
      .url({
        protocol: /^https?$/,
        error: 'is not a web address such as https://hooks.example.com/x',
      })
      .refine(
        (text) => !/^https?:\/\/[^/?#]*@/i.test(text),
        'has a user name or password, which are not sent: the receiver knows the sender by EVENTS_SECRET',
      ),
    fallback: null,
    optional: true,
    meaning: 'the address of a program that gets an event for each step of an invitation or person',
  },
  EVENTS_SECRET: {
    schema: z
      .string()
      .refine(isSigningSecret, 'is not whsec_ followed by 24 to 64 bytes in base64'),
    fallback: null,
    optional: true,
    secret: true,
    meaning:
      'the secret with which events are signed, such as the output of `echo "whsec_$(openssl rand -base64 32)"`',
  },
  RECONCILE_EVERY: {
    schema: duration,
    fallback: '5m',
    meaning:
      'how often the portal is polled for changes that the webhook missed; `0` turns it off, and with it the run after the baseline of `WELCOME_AUDIENCE=everyone`',
  },
  RETENTION_DAYS: {
    schema: whole(1, 36_500),
    fallback: '90',
    meaning: 'for how many days the bodies of deliveries are kept',
  },
  LOG_LEVEL: {
    schema: z.enum(logLevels, `is none of ${logLevels.join(', ')}`),
    fallback: 'info',
    meaning:
      'which lines are logged on standard output: `debug`, `info`, `warn`, `error` or `silent`',
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;

/** The values of all settings, frozen. An optional setting that was left out is null. */
export type Config = Omit<ReadSettings, 'WELCOME_CHANNEL'> & {
  readonly WELCOME_CHANNEL: readonly ChannelName[];
  /** Why these channels are used. The log at start, `doctor` and `/readyz` show the reason. */
  readonly channelChoice: 'set' | 'mail_is_set_up' | 'mail_is_not_set_up';
  readonly database: Database;
  /** The folder of the `.env` that was read, else the working folder. Paths count from it. */
  readonly folder: string;
};

type ReadSettings = {
  readonly [Name in SettingName]:
    | z.infer<(typeof settings)[Name]['schema']>
    | ((typeof settings)[Name] extends { readonly optional: true } ? null : never);
};
