import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { type Config, type Setting, type SettingName, settings } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** All settings, or every fault at once: each a sentence with the variable's name. */
export type ConfigRead =
  | { readonly kind: 'ok'; readonly config: Config }
  | { readonly kind: 'faulty'; readonly faults: readonly string[] };

/**
 * Reads the configuration: the environment wins over the file, an empty variable is a missing one,
 * and a secret may come from the file that `NAME_FILE` names.
 * @param envFile given by `--env-file`: then it must exist; null: `.env` of `workingFolder`, if any
 */
export function readConfig(options: {
  readonly environment: Environment;
  readonly workingFolder: string;
  readonly envFile: string | null;
}): ConfigRead {
  const file = readEnvFile(options);
  if (file.kind === 'faulty') return file;
  const values = { ...file.values, ...withoutEmpty(options.environment) };
  const faults: string[] = [];
  const read: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries<Setting>(settings)) {
    const one = readSetting(name, setting, values, file.folder);
    if (one.kind === 'fault') faults.push(one.sentence);
    else read[name] = one.value;
  }
  faults.push(...faultsTogether(read, values));
  if (faults.length > 0) return { kind: 'faulty', faults };
  // Every value went through the schema of its name, in the loop above.
  const checked = read as Omit<Config, 'databaseFile'>;
  const path = checked.DATABASE_URL.replace(/^file:(\/\/(?=\/))?/, '');
  const databaseFile = resolve(file.folder, path);
  return { kind: 'ok', config: Object.freeze({ ...checked, databaseFile }) };
}

/** What each setting alone does not show. */
function faultsTogether(read: Readonly<Record<string, unknown>>, values: Environment): string[] {
  const channels = read.WELCOME_CHANNEL;
  const mails = Array.isArray(channels) && channels.includes('smtp');
  const faults = (['SMTP_URL', 'WELCOME_FROM'] as const)
    .filter((name) => mails && read[name] === null)
    .map((name) => `${name} is missing, WELCOME_CHANNEL has smtp: ${settings[name].meaning}`);
  if (values.DOCSPACE_MACHINE_KEY === undefined) return faults;
  return [
    ...faults,
    'DOCSPACE_MACHINE_KEY is not taken: put the key into a file and name it with DOCSPACE_MACHINE_KEY_FILE',
  ];
}

type EnvFile =
  | { readonly kind: 'ok'; readonly values: Environment; readonly folder: string }
  | { readonly kind: 'faulty'; readonly faults: readonly string[] };

function readEnvFile(options: {
  readonly workingFolder: string;
  readonly envFile: string | null;
}): EnvFile {
  const path = resolve(options.workingFolder, options.envFile ?? '.env');
  try {
    const values = withoutEmpty(parseEnv(readFileSync(path, 'utf8')));
    return { kind: 'ok', values, folder: dirname(path) };
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing && options.envFile === null) {
      return { kind: 'ok', values: {}, folder: options.workingFolder };
    }
    const why = isMissing ? 'there is no such file' : 'it cannot be read';
    return { kind: 'faulty', faults: [`${path}: ${why}`] };
  }
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
  const given = setting.secret ? secretText(name, values, folder) : { text: values[name] };
  if ('fault' in given) return { kind: 'fault', sentence: given.fault };
  const text = given.text ?? setting.fallback;
  if (text === null) {
    if (setting.optional) return { kind: 'value', value: null };
    return { kind: 'fault', sentence: `${name} is missing: ${setting.meaning}` };
  }
  const parsed = setting.schema.safeParse(setting.path ? resolve(folder, text) : text);
  if (parsed.success) return { kind: 'value', value: parsed.data };
  const why = parsed.error.issues[0]?.message ?? 'is not valid';
  // A secret is never repeated, not even a wrong one: it may be right elsewhere.
  const shown = setting.secret ? '' : ` (it is "${withoutCredentials(text)}")`;
  return { kind: 'fault', sentence: `${name} ${why}${shown}: ${setting.meaning}` };
}

/** An address may hold a name and a password: `//name:password@`. */
function withoutCredentials(text: string): string {
  return text.replace(/\/\/[^/]*@/, '//•••@');
}

function secretText(
  name: string,
  values: Environment,
  folder: string,
): { readonly text: string | undefined } | { readonly fault: string } {
  const fromFile = values[`${name}_FILE`];
  if (fromFile === undefined) return { text: values[name] };
  if (values[name] !== undefined)
    return { fault: `${name} and ${name}_FILE are both set: keep one` };
  try {
    return { text: readFileSync(resolve(folder, fromFile), 'utf8').trim() || undefined };
  } catch {
    return { fault: `${name}_FILE cannot be read: ${resolve(folder, fromFile)}` };
  }
}

function withoutEmpty(values: Environment): Environment {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
}

/** Which settings hold secrets: they never reach an output. */
export function secretNames(): readonly SettingName[] {
  const names = Object.keys(settings) as SettingName[];
  return names.filter((name) => (settings[name] as Setting).secret);
}
