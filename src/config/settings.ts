import { z } from 'zod';
import { channelNames } from '../domain/outcome.ts';
import { audiences } from '../domain/vocabulary.ts';
import { logLevels } from '../log.ts';
import { mailbox, smtpUrl } from './smtp.ts';

/** One setting as data: the README's table and the errors at start are made from this. */
export type Setting = {
  readonly schema: z.ZodType;
  /** As it would be written in `.env`; null: must be given, or may be left out when `optional`. */
  readonly fallback: string | null;
  readonly optional?: boolean;
  /** Never printed; may come from a file (`NAME_FILE`). */
  readonly secret?: boolean;
  /** A file or folder: a relative one counts from the folder of the `.env` that was read. */
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
  // The portal checks it as a password: printable ASCII without a space, 8 to 30 (wire 7.1).
  .regex(/^[\x21-\x7e]{8,30}$/, 'is not 8 to 30 printable characters without spaces');

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

const channels = z
  .string()
  .transform((text) => text.split(',').map((name) => name.trim()))
  .pipe(
    z
      .array(z.enum(channelNames, `knows only: ${channelNames.join(', ')}`))
      .refine((names) => new Set(names).size === names.length, 'names a channel twice'),
  );

/** Every setting, in the order in which an admin meets them. */
export const settings = {
  DOCSPACE_URL: {
    schema: origin,
    fallback: null,
    meaning: 'the origin of the portal, such as `https://office.example.com`',
  },
  DOCSPACE_API_KEY: {
    schema: z
      .string()
      .regex(/^[\x21-\x7e]{8,4096}$/, 'is not an API key: it has spaces or is empty'),
    fallback: null,
    secret: true,
    meaning: 'a key (`sk-…`), sent as `Bearer`, or another token, sent as it is',
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
    meaning: 'still accepted while the secret is being changed',
  },
  DOCSPACE_CONCURRENCY: {
    schema: whole(1, 256),
    fallback: '8',
    meaning: 'requests to the portal at a time',
  },
  ADMIN_TOKEN: {
    schema: z
      .string()
      .regex(/^[\x21-\x7e]{24,4096}$/, 'is not 24 or more printable characters without spaces'),
    fallback: null,
    secret: true,
    meaning:
      'the bearer token of the HTTP API and the sign-in of the dashboard: 24 characters or more',
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
    meaning: 'the address of this service as the portal reaches it, for `webhook register`',
  },
  DATABASE_URL: {
    schema: z.string().regex(/^file:.+/, 'is not of the form file:data/docspace-welcome.db'),
    fallback: 'file:data/docspace-welcome.db',
    meaning:
      'the SQLite file; a relative path counts from the folder of the `.env` that was read, else from the working directory',
  },
  WELCOME_CHANNEL: {
    schema: channels,
    fallback: 'docspace',
    meaning:
      'how the welcome is sent: `docspace`, the portal’s own letter; `smtp`, a mail of your own; or both in order of preference',
  },
  WELCOME_AUDIENCE: {
    schema: z.enum(audiences, `is neither ${audiences.join(' nor ')}`),
    fallback: 'invited',
    meaning: '`invited`: who came by an invitation of this service; `everyone`: every new user',
  },
  WELCOME_KEY: {
    schema: z.string().max(1_000, 'is longer than 1000 characters'),
    fallback: 'welcome_guest',
    meaning: 'the `Key` of sendcongratulations: see “What WELCOME_KEY really is”',
  },
  DOCSPACE_MACHINE_KEY_FILE: {
    schema: z.string(),
    fallback: null,
    optional: true,
    path: true,
    meaning:
      'of a self-hosted portal: the file with its machine key, which nobody else may read; a `Key` is then signed afresh for each user',
  },
  SMTP_URL: {
    schema: smtpUrl,
    fallback: null,
    optional: true,
    secret: true,
    meaning:
      'the mail server: `smtps://user:password@host`, or `smtp://…`, which demands STARTTLS unless `?requireTLS=false`',
  },
  WELCOME_FROM: {
    schema: mailbox,
    fallback: null,
    optional: true,
    meaning: 'who the mail comes from, such as `Example Office <office@example.com>`',
  },
  WELCOME_TEMPLATES: {
    schema: z.string(),
    fallback: null,
    optional: true,
    path: true,
    meaning: 'a folder with letters that replace the built-in ones, or add languages',
  },
  WELCOME_LANGUAGE: {
    schema: z.string().regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'is no language such as en'),
    fallback: 'en',
    meaning: 'the language of who has none that a letter is there for',
  },
  WELCOME_ON_UNKNOWN: {
    schema: z.enum(['hold', 'resend'], 'is neither hold nor resend'),
    fallback: 'hold',
    meaning: 'what happens when nobody knows whether a welcome arrived',
  },
  WELCOME_MAX_PER_HOUR: {
    schema: whole(1, 1_000_000),
    fallback: '500',
    meaning:
      'above it sending pauses and asks: a guard against greeting a whole company by mistake',
  },
  RECONCILE_EVERY: {
    schema: duration,
    fallback: '5m',
    meaning: 'how often the portal is asked for what no delivery told; `0` turns it off',
  },
  RETENTION_DAYS: {
    schema: whole(1, 36_500),
    fallback: '90',
    meaning: 'how long raw deliveries are kept',
  },
  LOG_LEVEL: {
    schema: z.enum(logLevels, `is none of ${logLevels.join(', ')}`),
    fallback: 'info',
    meaning: 'JSON lines on standard output: `debug`, `info`, `warn`, `error`, `silent`',
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;

/** The settings with their values, frozen; optional ones that were left out are null. */
export type Config = {
  readonly [Name in SettingName]:
    | z.infer<(typeof settings)[Name]['schema']>
    | ((typeof settings)[Name] extends { readonly optional: true } ? null : never);
} & {
  /** The database as an absolute path. */
  readonly databaseFile: string;
};
