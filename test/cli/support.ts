import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Portal } from '../../simulator/portal.ts';
import { runCli } from '../../src/cli/run.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { startPortal } from '../support/portal.ts';
import {
  adminToken,
  startOn,
  temporaryFolder,
  type World,
  webhookSecret,
} from '../support/world.ts';

type Ran = {
  readonly code: number;
  /** Standard output and standard error, without colours. */
  readonly out: string;
  readonly err: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects and fails otherwise
  readonly json: () => any;
};

/** A folder with a `.env`, possibly a portal, and a way to run verbs in it. */
export type CliSetup = {
  readonly folder: string;
  readonly envFile: string;
  readonly databaseFile: string;
  readonly portal: Portal;
  readonly run: (...args: readonly string[]) => Promise<Ran>;
  /** The same in a terminal with this number of columns. */
  readonly runIn: (columns: number, ...args: readonly string[]) => Promise<Ran>;
  /** Writes into the database while no service runs. */
  readonly write: (work: (store: Store) => Promise<unknown>) => Promise<void>;
  /** Starts a service on this database. It ends with the test, unless it is stopped earlier. */
  readonly serve: () => Promise<World>;
};

export async function startCliSetup(
  settings: Readonly<Record<string, string>> = {},
): Promise<CliSetup> {
  const folder = await temporaryFolder();
  const portal = await startPortal({ keyCheck: 'any', queuePauseMs: 5 });
  onTestFinished(() => portal.stop());
  const envFile = join(folder, '.env');
  const values = {
    DOCSPACE_URL: portal.url,
    DOCSPACE_API_KEY: portal.apiKey,
    DOCSPACE_WEBHOOK_SECRET: webhookSecret,
    ADMIN_TOKEN: adminToken,
    PORT: '0',
    RECONCILE_EVERY: '0',
    ...settings,
  };
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(envFile, lines.join(''));
  const databaseFile = join(folder, 'data', 'docspace-welcome.db');
  const runIn = (columns: number, ...args: readonly string[]) =>
    runVerb(['--env-file', envFile, ...args], columns);
  return {
    folder,
    envFile,
    databaseFile,
    portal,
    runIn,
    run: (...args) => runIn(100, ...args),
    async write(work) {
      const store = openSqliteStore(databaseFile);
      await work(store).finally(() => store.close());
    },
    serve: () => startOn(folder, portal, { settings }),
  };
}

/** Runs a verb in this process, with a terminal that keeps the output. */
export async function runVerb(args: readonly string[], columns = 100): Promise<Ran> {
  const printed: string[] = [];
  const complained: string[] = [];
  const code = await runCli(args, {
    print: (text) => printed.push(text),
    printError: (text) => complained.push(text),
    columns,
  });
  const out = stripColours(printed.join('\n'));
  const err = stripColours(complained.join('\n'));
  return { code, out, err, json: () => JSON.parse(out) };
}

/**
 * Removes only what `style` adds, because all other control characters must stay visible to the
 * test.
 */
function stripColours(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a colour begins with this character
  return text.replace(/\u001b\[\d+m/g, '');
}

/** Every field of a JSON value whose name means a time. */
export function* timesIn(json: unknown, path = ''): Generator<readonly [string, unknown]> {
  if (typeof json !== 'object' || json === null) return;
  for (const [key, value] of Object.entries(json)) {
    if (/^(at|since|until)$|(At|Since|Until)$/.test(key) && value !== null) {
      yield [`${path}.${key}`, value];
    }
    yield* timesIn(value, `${path}.${key}`);
  }
}
