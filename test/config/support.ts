import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ConfigRead, type Environment, readConfig } from '../../src/config/read.ts';
import { type Setting, type SettingName, settings } from '../../src/config/settings.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** The required settings, and nothing else. */
export const required = {
  DOCSPACE_URL: 'https://office.example.com',
  DOCSPACE_API_KEY: `sk-${'a'.repeat(64)}`,
  DOCSPACE_WEBHOOK_SECRET: 'Docspace-Webhook-1',
  ADMIN_TOKEN: 'admin-token-of-the-tests-1',
} as const;

/** The settings that hold secrets. */
export function secretNames(): readonly SettingName[] {
  const names = Object.keys(settings) as SettingName[];
  return names.filter((name) => (settings[name] as Setting).secret);
}

/** Reads a configuration in a new folder with these files. */
export async function reading(
  environment: Environment,
  options: {
    readonly files?: Readonly<Record<string, string>>;
    readonly envFile?: string;
  } = {},
): Promise<{ readonly read: ConfigRead; readonly folder: string }> {
  const folder = await temporaryFolder();
  for (const [name, text] of Object.entries(options.files ?? {})) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const envFile = options.envFile ?? null;
  return { read: readConfig({ environment, workingFolder: folder, envFile }), folder };
}

/** The configuration. The test fails if it has faults. */
export async function configOf(...given: Parameters<typeof reading>) {
  const { read } = await reading(...given);
  if (read.kind === 'faulty') throw new Error(read.faults.join('\n'));
  return read.config;
}

/** The faults. The test fails if there are none. */
export async function faultsOf(...given: Parameters<typeof reading>): Promise<readonly string[]> {
  const { read } = await reading(...given);
  if (read.kind === 'ok') throw new Error('the configuration was taken');
  return read.faults;
}
