import type { Config } from '../config/settings.ts';
import { openWorkshop, type Workshop } from '../core.ts';
import { createLog } from '../log.ts';
import { openSqliteReads } from '../store/sqlite/sqlite-store.ts';
import type { StoreReads } from '../store/store.ts';
import { withConfig } from './config.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { complain, surroundings } from './serve.ts';
import { type ApiAnswer, askServer } from './server-api.ts';
import type { Terminal } from './terminal.ts';

type Call = { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: unknown };

/**
 * Does something that changes the log or calls the portal: through the HTTP API of the process that
 * serves the database, else on the database itself, under its lock.
 */
export function withOperator(
  options: { readonly terminal: Terminal; readonly envFile: string | null },
  verb: {
    /** Where the verb is in the HTTP API; the log tells whom an address means. */
    readonly call: (reads: StoreReads) => Promise<Call>;
    readonly answered: (answer: Extract<ApiAnswer, { kind: 'answered' }>) => ExitCode;
    readonly alone: (workshop: Workshop, config: Config) => Promise<ExitCode>;
  },
): Promise<ExitCode> {
  const { terminal } = options;
  return withConfig(options, async (config) => {
    const silent = createLog({ level: 'silent', write: () => {} });
    const opened = await openWorkshop(config, surroundings(silent), () => {});
    switch (opened.kind) {
      case 'opened':
        try {
          return await verb.alone(opened.workshop, config);
        } finally {
          await opened.workshop.close();
        }
      case 'busy': {
        const reads = openSqliteReads(config.databaseFile);
        const call = await verb.call(reads).finally(() => reads.close());
        const answer = await askServer(opened.holder, config, call);
        if (answer.kind === 'answered') return verb.answered(answer);
        terminal.complain(answer.reason);
        return exitCodes.failed;
      }
      case 'refused':
        return complain(terminal, opened, config);
      default:
        return opened satisfies never;
    }
  });
}
