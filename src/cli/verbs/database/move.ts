import { systemClock } from '../../../clock.ts';
import { databaseOf } from '../../../config/read.ts';
import { settings } from '../../../config/settings.ts';
import { type MoveResult, moveDatabase } from '../../../store/move/move.ts';
import { printNotOpened } from '../../client.ts';
import { printJson } from '../../terminal.ts';
import { type ExitCode, exitCodes, type VerbContext, withDatabase } from '../../verb.ts';

/** `move --to URL`: moves the database of DATABASE_URL from SQLite to PostgreSQL, or back. */
export function move(context: VerbContext, to: string): Promise<ExitCode> {
  const { terminal } = context;
  return withDatabase(context, async (config) => {
    const url = settings.DATABASE_URL.schema.safeParse(to);
    if (!url.success) {
      // The value may contain a password, so it is not shown.
      terminal.printError(`--to ${url.error.issues[0]?.message ?? 'is not a database'}.`);
      return exitCodes.wrongUsage;
    }
    const from = config.database;
    const target = databaseOf({ ...config, DATABASE_URL: url.data }, config.folder);
    if (from.kind === target.kind) {
      terminal.printError(
        `Both databases are ${from.kind === 'sqlite' ? 'SQLite files. Copy the file with "backup"' : 'PostgreSQL databases. Copy the schema with pg_dump'}: "move" is for a move from one kind to the other.`,
      );
      return exitCodes.wrongUsage;
    }
    const result = await moveDatabase({ from, to: target, now: systemClock.now() });
    if (result.kind === 'moved') return report(context, result);
    const { database } = result.kind === 'busy' ? result : config;
    return printNotOpened(terminal, result, { ...config, database });
  });
}

function report(
  { terminal, json }: VerbContext,
  { from, to, counts, isKeyLost }: Extract<MoveResult, { kind: 'moved' }>,
): ExitCode {
  if (json) {
    printJson(terminal, { from, to, rows: counts, isForgetKeyLost: isKeyLost });
    return exitCodes.done;
  }
  const { invitations = 0, members = 0, deliveries = 0 } = counts;
  terminal.print(
    `Everything is in ${to} now: ${invitations} invitations, ${members} members, ${deliveries} deliveries.`,
  );
  if (isKeyLost) {
    terminal.print(
      'Note: people were forgotten, but the key that recognises them is missing: restore it, or they may be greeted again when they return.',
    );
  }
  terminal.print('Set DATABASE_URL to it before you start the service.');
  terminal.print(
    `${from} still holds the personal data, and is not used any more. Delete it when you do not need it.`,
  );
  return exitCodes.done;
}
