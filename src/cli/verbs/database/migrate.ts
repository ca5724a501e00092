import { migrateDatabase } from '../../../store/database.ts';
import { printNotOpened } from '../../client.ts';
import { printJson } from '../../terminal.ts';
import { type ExitCode, exitCodes, type VerbContext, withConfig } from '../../verb.ts';

/** `migrate`: creates the tables of the database, or updates them to this version. */
export function migrate(context: VerbContext): Promise<ExitCode> {
  const { terminal, json } = context;
  return withConfig(context, async (config) => {
    const result = await migrateDatabase(config.database);
    if (result.kind === 'busy') return printNotOpened(terminal, result, config);
    const { from, to } = result;
    const { name } = config.database;
    if (json) printJson(terminal, { from, to });
    else if (from === to)
      terminal.print(`Nothing to do: the tables of ${name} have version ${to}.`);
    else if (from === 0) terminal.print(`Made the tables of ${name}: version ${to}.`);
    else terminal.print(`Changed the tables of ${name} from version ${from} to ${to}.`);
    return exitCodes.done;
  });
}
