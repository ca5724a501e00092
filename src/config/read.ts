import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Database, isPostgresUrl, placeOf } from '../store/place.ts';
import { readEnvText } from './env-file.ts';
import { type Config, type Setting, settings } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * All settings, or a sentence for each fault. No sentence repeats a value.
 * `warnings`: sentences about settings that are valid but probably a mistake.
 */
export type ConfigRead =
  | { readonly kind: 'ok'; readonly config: Config; readonly warnings: readonly string[] }
  | { readonly kind: 'faulty'; readonly faults: readonly string[] };

/**
 * Reads the configuration. The environment has priority over the file. An empty variable counts as
 * missing. A secret may come from the file that `NAME_FILE` names.
 * @param options.envFile the file of `--env-file`, which must exist; null: `.env` in `workingFolder`
 *   is read if it exists
 */
export function readConfig(options: {
  readonly environment: Environment;
  readonly workingFolder: string;
  readonly envFile: string | null;
}): ConfigRead {
  const file = readEnvFile(options);
  if (file.kind === 'faulty') return file;
  const values = { ...file.values, ...withoutEmpty(unquoted(options.environment)) };
  const faults: string[] = [];
  const read: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries<Setting>(settings)) {
    const result = readSetting(name, setting, values, file.folder);
    if (result.kind === 'fault') faults.push(result.sentence);
    else read[name] = result.value;
  }
  const choice = chooseChannels(read);
  read['WELCOME_CHANNEL'] = choice.channels;
  faults.push(...faultsTogether(read, values));
  if (faults.length > 0) return { kind: 'faulty', faults };
  // The loop above checked every value with the schema of its setting.
  const checked = read as Omit<Config, 'database' | 'channelChoice' | 'folder'>;
  const { folder } = file;
  const database = databaseOf(checked, folder);
  const config = Object.freeze({ ...checked, database, channelChoice: choice.reason, folder });
  return { kind: 'ok', config, warnings: warningsOf(Object.keys(values), config) };
}

/**
 * Returns the database that these settings name.
 * @param folder the folder that relative paths count from
 */
export function databaseOf(
  settings: Pick<Config, 'DATABASE_URL' | 'DATABASE_SCHEMA' | 'FORGET_KEY_FILE' | 'MIGRATE'>,
  folder: string,
): Database {
  const { DATABASE_URL: url, DATABASE_SCHEMA: schema, FORGET_KEY_FILE: keyFile } = settings;
  const migrates = settings.MIGRATE === 'on';
  if (isPostgresUrl(url)) {
    const place = placeOf(url, schema, migrates);
    const forgetKeyFile = keyFile === null ? null : resolve(folder, keyFile);
    return { kind: 'postgres', name: place.shown, place, forgetKeyFile };
  }
  const file = resolve(folder, url.replace(/^file:(\/\/(?=\/))?/, ''));
  return { kind: 'sqlite', name: file, file, migrates };
}

/**
 * Returns the channels to use. If `WELCOME_CHANNEL` is not set and a mail server is set up, the channel
 * is `smtp`, because its welcome is better (docs/design.md#default-channel).
 */
function chooseChannels(read: Readonly<Record<string, unknown>>): {
  readonly channels: unknown;
  readonly reason: Config['channelChoice'];
} {
  const { WELCOME_CHANNEL: channels, SMTP_URL: server, WELCOME_FROM: sender } = read;
  if (channels !== null) return { channels, reason: 'set' };
  return server && sender
    ? { channels: ['smtp'], reason: 'mail_is_set_up' }
    : { channels: ['docspace'], reason: 'mail_is_not_set_up' };
}

/** Returns the faults of settings that do not fit together, and a fault for `DOCSPACE_MACHINE_KEY`. */
function faultsTogether(read: Readonly<Record<string, unknown>>, values: Environment): string[] {
  const channels = read['WELCOME_CHANNEL'];
  const mails = Array.isArray(channels) && channels.includes('smtp');
  const faults = (['SMTP_URL', 'WELCOME_FROM'] as const)
    .filter((name) => mails && read[name] === null)
    .map((name) => `${name} is missing, WELCOME_CHANNEL has smtp: ${settings[name].meaning}`);
  if (read['EVENTS_URL'] && read['EVENTS_SECRET'] === null) {
    faults.push(`EVENTS_SECRET is missing, EVENTS_URL is set: ${settings.EVENTS_SECRET.meaning}`);
  }
  if (read['NOTIFY_EMAIL'] !== null && !mails) {
    const missing = (['SMTP_URL', 'WELCOME_FROM'] as const).filter((name) => read[name] === null);
    faults.push(
      ...missing.map(
        (name) => `${name} is missing, NOTIFY_EMAIL is set: ${settings[name].meaning}`,
      ),
    );
  }
  if (values['DOCSPACE_MACHINE_KEY'] === undefined) return faults;
  return [
    ...faults,
    'DOCSPACE_MACHINE_KEY is not accepted: put the key into a file and name it with DOCSPACE_MACHINE_KEY_FILE',
  ];
}

/** Returns warnings about names that only look like a setting, and about settings without effect. */
function warningsOf(names: readonly string[], config: Config): string[] {
  const known = Object.entries<Setting>(settings).flatMap(([name, { secret }]) =>
    secret ? [name, `${name}_FILE`] : [name],
  );
  const warnings = names
    .filter((name) => !known.includes(name))
    .flatMap((name) => {
      const meant = known.find((one) => isNearly(name, one));
      if (meant !== undefined) return [`${name} is not a setting: did you mean ${meant}?`];
      return /^(DOCSPACE|WELCOME|SMTP|INVITE|EVENTS|NOTIFY|RECONCILE|RETENTION)_/.test(name)
        ? [`${name} is not a setting, so it has no effect`]
        : [];
    });
  if (config.EVENTS_SECRET !== null && config.EVENTS_URL === null) {
    warnings.push('EVENTS_SECRET is set but EVENTS_URL is not: no event is sent');
  }
  if (config.NOTIFY_EMAIL === null && names.includes('NOTIFY_DIGEST')) {
    warnings.push('NOTIFY_DIGEST has no effect, because NOTIFY_EMAIL is not set');
  }
  const isHalf = (config.SMTP_URL === null) !== (config.WELCOME_FROM === null);
  if (!isHalf || config.channelChoice !== 'mail_is_not_set_up') return warnings;
  const [present, missing] =
    config.SMTP_URL === null ? ['WELCOME_FROM', 'SMTP_URL'] : ['SMTP_URL', 'WELCOME_FROM'];
  const text = `${present} is set but ${missing} is not: the portal sends its own letter until both are set`;
  return [...warnings, text];
}

/**
 * Whether `name` is `known` with at most two typing errors, or at most one if `known` has less than 8
 * letters. An error is a letter that was inserted, lost, changed, or swapped with the next letter. False
 * for a `name` of less than 4 letters.
 */
function isNearly(name: string, known: string): boolean {
  if (name.length < 4 || Math.abs(name.length - known.length) > 2) return false;
  const allowed = known.length < 8 ? 1 : 2;
  let before: number[] = [];
  let row = Array.from({ length: known.length + 1 }, (_, j) => j);
  for (let i = 1; i <= name.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= known.length; j += 1) {
      const isSame = name[i - 1] === known[j - 1];
      let cost = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (isSame ? 0 : 1),
      );
      const isSwap = name[i - 1] === known[j - 2] && name[i - 2] === known[j - 1];
      if (i > 1 && j > 1 && isSwap) cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      next.push(cost);
    }
    before = row;
    row = next;
  }
  return (row[known.length] ?? 0) <= allowed;
}

type EnvFile =
  | { readonly kind: 'ok'; readonly values: Environment; readonly folder: string }
  | { readonly kind: 'faulty'; readonly faults: readonly string[] };

function readEnvFile(options: {
  readonly workingFolder: string;
  readonly envFile: string | null;
}): EnvFile {
  const path = resolve(options.workingFolder, options.envFile ?? '.env');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing && options.envFile === null) {
      return { kind: 'ok', values: {}, folder: options.workingFolder };
    }
    const why = isMissing ? 'there is no such file' : 'it cannot be read';
    return { kind: 'faulty', faults: [`${path}: ${why}`] };
  }
  const read = readEnvText(text);
  return read.kind === 'ok'
    ? { kind: 'ok', values: withoutEmpty(read.values), folder: dirname(path) }
    : { kind: 'faulty', faults: read.faults.map((fault) => `${path}: ${fault}`) };
}

type SettingRead =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'fault'; readonly sentence: string };

function readSetting(
  name: string,
  setting: Setting,
  values: Environment,
  folder: string,
): SettingRead {
  const value = setting.secret ? secretText(name, values, folder) : { text: values[name] };
  if ('fault' in value) return { kind: 'fault', sentence: value.fault };
  const text = value.text ?? setting.fallback;
  if (text === null) {
    if (setting.optional) return { kind: 'value', value: null };
    return { kind: 'fault', sentence: `${name} is missing: ${setting.meaning}` };
  }
  const parsed = setting.schema.safeParse(setting.path ? resolve(folder, text) : text);
  if (parsed.success) return { kind: 'value', value: parsed.data };
  const why = parsed.error.issues[0]?.message ?? 'is not valid';
  // The value may be a secret or contain one, so only its length is shown.
  const length = [...text].length;
  const shown = `(it has ${length} character${length === 1 ? '' : 's'})`;
  return { kind: 'fault', sentence: `${name} ${why} ${shown}: ${setting.meaning}` };
}

/** Returns the value of a secret, which may be in the file that `NAME_FILE` names. */
export function secretText(
  name: string,
  values: Environment,
  folder: string,
): { readonly text: string | undefined } | { readonly fault: string } {
  const fromFile = values[`${name}_FILE`];
  if (fromFile === undefined) return { text: values[name] };
  if (values[name] !== undefined)
    return { fault: `${name} and ${name}_FILE are both set: keep one` };
  try {
    const text = readFileSync(resolve(folder, fromFile), 'utf8').replace(/^\ufeff/, '');
    return { text: text.trim() || undefined };
  } catch {
    // The value may be the secret itself, so it is not shown.
    return {
      fault: `${name}_FILE cannot be read: it is the path of a file that this service may read`,
    };
  }
}

function withoutEmpty(values: Environment): Environment {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
}

function isSetting(name: string): boolean {
  return name in settings || name.replace(/_FILE$/, '') in settings;
}

/** Removes quotes around the values of settings: `docker run --env-file` keeps the file's quotes. */
function unquoted(values: Environment): Environment {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      isSetting(name) ? value?.replace(/^(["'`])(.*)\1$/s, '$2') : value,
    ]),
  );
}
