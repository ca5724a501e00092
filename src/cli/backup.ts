import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { backUp } from '../store/sqlite/backup.ts';
import { withConfig } from './config.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/** `backup FILE`: only reads the database, so it runs beside the service and needs no lock. */
export function backup(given: {
  readonly terminal: Terminal;
  readonly envFile: string | null;
  readonly json: boolean;
  readonly file: string;
}): Promise<ExitCode> {
  const { terminal } = given;
  return withConfig(given, async ({ databaseFile }) => {
    if (!existsSync(databaseFile)) {
      terminal.complain(`There is no database at ${databaseFile}: check DATABASE_URL.`);
      return exitCodes.configuration;
    }
    const to = resolve(given.file);
    if (!existsSync(dirname(to))) {
      terminal.complain(`There is no folder ${dirname(to)}: make it first.`);
      return exitCodes.failed;
    }
    const result = backUp({ from: databaseFile, to, now: Date.now() });
    if (result.kind === 'exists') {
      terminal.complain(`${to} exists already and was left as it is: name another file.`);
      return exitCodes.failed;
    }
    if (given.json) {
      terminal.print(JSON.stringify({ file: to, bytes: result.bytes }));
      return exitCodes.done;
    }
    terminal.print(`${to} is a copy of ${databaseFile} (${result.bytes} bytes).`);
    terminal.print('Whoever serves it starts paused: welcomes sent from now on are not in it.');
    const key = `${databaseFile}.forget-key`;
    if (existsSync(key)) {
      terminal.print(`Keep ${key} as well, in another place: it recognises who was forgotten.`);
    }
    return exitCodes.done;
  });
}
