import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Place } from '../../store/place.ts';
import { backUp } from '../../store/sqlite/backup.ts';
import { printJson, type Terminal } from '../terminal.ts';
import { type ExitCode, exitCodes, type VerbContext, withDatabase } from '../verb.ts';

/**
 * `backup FILE`: copies a SQLite database, or says how to copy a PostgreSQL database. The command only
 * reads the database, so it needs no lock and can run beside the service.
 */
export function backup(context: VerbContext, file: string): Promise<ExitCode> {
  const { terminal, json } = context;
  return withDatabase(context, async ({ database }) => {
    if (database.kind === 'postgres') return printPgDump(terminal, database.place);
    const databaseFile = database.file;
    const to = resolve(file);
    if (!existsSync(dirname(to))) {
      terminal.printError(`The folder ${dirname(to)} does not exist. Create it first.`);
      return exitCodes.failed;
    }
    const result = backUp({ from: databaseFile, to, now: Date.now() });
    if (result.kind === 'exists') {
      terminal.printError(`${to} exists already and was not changed. Name another file.`);
      return exitCodes.failed;
    }
    if (json) {
      printJson(terminal, { file: to, bytes: result.bytes });
      return exitCodes.done;
    }
    terminal.print(`${to} is a copy of ${databaseFile} (${result.bytes} bytes).`);
    terminal.print(
      'A service started from this copy begins paused, because later welcomes are missing from it.',
    );
    const key = `${databaseFile}.forget-key`;
    if (existsSync(key)) {
      terminal.print(
        `Keep ${key} as well, in another place: the service needs it to recognise forgotten people.`,
      );
    }
    return exitCodes.done;
  });
}

/** Prints the pg_dump command: PostgreSQL has its own tool, and most providers make backups themselves. */
function printPgDump(terminal: Terminal, { url, schemaName }: Place): ExitCode {
  const shown = new URL(url);
  shown.password = '';
  terminal.printError('A PostgreSQL database is copied with its own tool. Run:');
  terminal.printError(`  pg_dump --format=custom --schema=${schemaName} --file=FILE "${shown}"`);
  return exitCodes.failed;
}
