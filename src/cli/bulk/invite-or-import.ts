import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { invite } from '../invite.ts';
import type { Terminal } from '../terminal.ts';
import { importCsv } from './import-csv.ts';

export type InviteFlags = {
  readonly type: string;
  readonly mode: string;
  readonly note?: string;
  readonly csv?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
};

/** `invite [email…]` or `invite --csv FILE`. */
export async function inviteOrImport(given: {
  readonly terminal: Terminal;
  readonly envFile: string | null;
  readonly emails: readonly string[];
  readonly options: InviteFlags;
}): Promise<ExitCode> {
  const { terminal, envFile, emails, options } = given;
  const { csv, dryRun: isDryRun = false, json = false, ...defaults } = options;
  if (csv === undefined) {
    if (!isDryRun) return invite({ terminal, envFile, emails, json, ...defaults });
    terminal.complain('--dry-run is for --csv FILE.');
    return exitCodes.wrongUsage;
  }
  if (emails.length === 0) {
    return importCsv({ terminal, envFile, csv, isDryRun, json, ...defaults });
  }
  terminal.complain('Give addresses or --csv FILE, not both.');
  return exitCodes.wrongUsage;
}
