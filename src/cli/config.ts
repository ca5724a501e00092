import { existsSync } from 'node:fs';
import { readConfig } from '../config/read.ts';
import type { Config } from '../config/settings.ts';
import { openSqliteReads } from '../store/sqlite/sqlite-store.ts';
import type { StoreReads } from '../store/store.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/**
 * Runs `work` with the configuration, or lists every fault of it and answers 78.
 * @param envFile of `--env-file`; null: `.env` in the working directory, if any
 */
export async function withConfig(
  options: { readonly terminal: Terminal; readonly envFile: string | null },
  work: (config: Config) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { terminal, envFile } = options;
  const read = readConfig({
    environment: process.env,
    workingFolder: process.cwd(),
    envFile,
  });
  if (read.kind === 'ok') return work(read.config);
  terminal.complain('The configuration is not complete:');
  for (const fault of read.faults) terminal.complain(`  ${fault}`);
  return exitCodes.configuration;
}

/** Runs `work` with the log opened for reading; reading never creates a database. */
export function withReads(
  options: { readonly terminal: Terminal; readonly envFile: string | null },
  work: (reads: StoreReads) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withConfig(options, async (config) => {
    if (!existsSync(config.databaseFile)) {
      options.terminal.complain(
        `There is no database at ${config.databaseFile}: check DATABASE_URL, or invite somebody first.`,
      );
      return exitCodes.configuration;
    }
    const reads = openSqliteReads(config.databaseFile);
    try {
      return await work(reads);
    } finally {
      await reads.close();
    }
  });
}
