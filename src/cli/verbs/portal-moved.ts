import { existsSync } from 'node:fs';
import { systemClock } from '../../clock.ts';
import type { Config } from '../../config/settings.ts';
import { createPortalClient } from '../../docspace/client.ts';
import { reasonText } from '../../messages/render.ts';
import { acceptMove, type MoveResult } from '../../operations/portal-moved.ts';
import { acquireLock } from '../../store/sqlite/lock.ts';
import { openSqliteStore } from '../../store/sqlite/sqlite-store.ts';
import { printNotOpened } from '../client.ts';
import { printable, printJson } from '../terminal.ts';
import {
  type ExitCode,
  exitCodes,
  printNoDatabase,
  type VerbContext,
  withConfig,
} from '../verb.ts';

const timeoutMs = 20_000;

/** `portal moved --to URL`: accepts that the portal of this database has another address or tenant id now. */
export function portalMoved(context: VerbContext, to: string): Promise<ExitCode> {
  const { terminal } = context;
  return withConfig(context, async (config) => {
    // `URL.parse` is missing in the oldest supported Node.
    const url = URL.canParse(to) ? new URL(to) : null;
    if (url === null || !/^https?:$/.test(url.protocol)) {
      terminal.printError(`--to ${printable(to)} is not a web address. Give https://host.`);
      return exitCodes.wrongUsage;
    }
    if (!existsSync(config.databaseFile)) return printNoDatabase(terminal, config);
    const locked = acquireLock(config.databaseFile);
    if (locked.kind === 'busy') return printNotOpened(terminal, locked, config);
    try {
      const result = await move(config, url.origin);
      return report(context, result, url.origin, config);
    } finally {
      locked.lock.release();
    }
  });
}

async function move(config: Config, origin: string): Promise<MoveResult> {
  const store = openSqliteStore(config.databaseFile, () => {});
  const client = createPortalClient({
    origin,
    apiKey: config.DOCSPACE_API_KEY,
    concurrency: 1,
    timeoutMs,
    clock: systemClock,
    random: Math.random,
  });
  try {
    return await acceptMove({ client, store, origin, now: systemClock.now() });
  } finally {
    await client.close();
    await store.close();
  }
}

function report(
  { terminal, json }: VerbContext,
  result: MoveResult,
  origin: string,
  config: Config,
): ExitCode {
  switch (result.kind) {
    case 'moved': {
      const { from, deadLinks } = result;
      if (json) {
        const dead = deadLinks.map(({ id, email }) => ({ id, email }));
        printJson(terminal, { from, to: origin, deadLinks: dead });
        return exitCodes.done;
      }
      terminal.print(`The database belongs to the portal ${origin} now.`);
      if (config.DOCSPACE_URL !== origin) terminal.print(`Set DOCSPACE_URL=${origin}.`);
      if (deadLinks.length > 0) {
        terminal.print(
          `${deadLinks.length} unused links do not open any more. Make fresh links with "resend":`,
        );
        for (const { id, email } of deadLinks) {
          terminal.print(`  ${id}  ${printable(email ?? 'open link')}`);
        }
      }
      terminal.print('Then run "webhook status" and "doctor".');
      return exitCodes.done;
    }
    case 'never_asked':
      terminal.printError(
        'This database has not been used with a portal yet. Set DOCSPACE_URL to the address of the portal.',
      );
      return exitCodes.configuration;
    case 'other_account':
      terminal.printError(
        `${origin} is not the portal of this database: the account of DOCSPACE_API_KEY there (${result.accountId}) is not known here. Use a key of an account that issued invitations from this database, or another DATABASE_URL for another portal.`,
      );
      return exitCodes.failed;
    case 'trouble':
      terminal.printError(`${origin} gives no usable answer: ${reasonText(result.fault)}.`);
      return exitCodes.portalUnreachable;
    default:
      return result satisfies never;
  }
}
