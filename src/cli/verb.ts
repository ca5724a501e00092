import { createFollowingClock } from '../clock.ts';
import { readConfig } from '../config/read.ts';
import type { Config } from '../config/settings.ts';
import { createNewId } from '../ids.ts';
import { createLog, type Log } from '../log.ts';
import type { Environment } from '../service.ts';
import { hasDatabase, openReads } from '../store/database.ts';
import type { StoreReads } from '../store/store.ts';
import type { Terminal } from './terminal.ts';

/**
 * The exit codes (docs/design.md#command-line). 64, 69 and 78 have the meaning of sysexits.h. 69
 * also means that the server of the database cannot be reached.
 */
export const exitCodes = {
  done: 0,
  failed: 1,
  wrongUsage: 64,
  portalUnreachable: 69,
  configuration: 78,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The data that a verb gets. */
export type VerbContext = {
  readonly terminal: Terminal;
  /** The file that `--env-file` names. Null: `.env` in the working directory is read if it exists. */
  readonly envFile: string | null;
  readonly json: boolean;
};

/**
 * Runs `work` with the configuration, or lists every fault in it and returns 78.
 * @param work gets `warnings`: sentences about settings that are valid but probably a mistake
 */
export async function withConfig(
  { terminal, envFile }: Pick<VerbContext, 'terminal' | 'envFile'>,
  work: (config: Config, warnings: readonly string[]) => Promise<ExitCode>,
): Promise<ExitCode> {
  const read = readConfig({ environment: process.env, workingFolder: process.cwd(), envFile });
  if (read.kind === 'ok') return work(read.config, read.warnings);
  terminal.printError('The configuration is not complete:');
  for (const fault of read.faults) terminal.printError(`  ${fault}`);
  return exitCodes.configuration;
}

/** Runs `work` if there is a database, else returns 78, so that no verb creates an empty database. */
export function withDatabase(
  context: Pick<VerbContext, 'terminal' | 'envFile'>,
  work: (config: Config) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withConfig(context, async (config) => {
    if (await hasDatabase(config.database)) return work(config);
    context.terminal.printError(
      `There is no database at ${config.database.name}. Check DATABASE_URL, or invite somebody first.`,
    );
    return exitCodes.configuration;
  });
}

/** Runs `work` with the database opened for reading. */
export function withReads(
  context: Pick<VerbContext, 'terminal' | 'envFile'>,
  work: (reads: StoreReads) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withDatabase(context, async ({ database }) => {
    const reads = await openReads(database);
    try {
      return await work(reads);
    } finally {
      await reads.close();
    }
  });
}

/** Returns the environment with the real time, randomness and ids. */
export function realEnvironment(log: Log): Environment {
  const clock = createFollowingClock();
  return { clock, random: Math.random, newId: createNewId(clock.now), log };
}

/** A log that writes nothing, for verbs whose output is for a person. */
export function silentLog(): Log {
  return createLog({ level: 'silent', write: () => {} });
}
