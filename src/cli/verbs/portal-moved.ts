import { randomUUID } from 'node:crypto';
import { systemClock } from '../../clock.ts';
import type { Config } from '../../config/settings.ts';
import { reasonText } from '../../messages/render.ts';
import { acceptMove, type MoveResult } from '../../operations/portal-moved.ts';
import { lockDatabase } from '../../store/database.ts';
import type { Store } from '../../store/store.ts';
import { printNotOpened } from '../client.ts';
import { printable, printJson } from '../terminal.ts';
import { type ExitCode, exitCodes, type VerbContext, withDatabase } from '../verb.ts';
import { withPortal } from './webhook.ts';

/** `portal moved --to URL`: accepts that the portal of this database has another address or tenant id now. */
export async function portalMoved(context: VerbContext, to: string): Promise<ExitCode> {
  const { terminal } = context;
  // `URL.parse` is missing in the oldest supported Node.
  const url = URL.canParse(to) ? new URL(to) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    terminal.printError(`--to ${printable(to)} is not a web address. Give https://host.`);
    return exitCodes.wrongUsage;
  }
  return withDatabase(context, async (config) => {
    const locked = await lockDatabase(config.database, randomUUID);
    if (locked.kind !== 'held') return printNotOpened(terminal, locked, config);
    try {
      const result = await move(locked.openStore(), config, url.origin);
      return report(context, result, url.origin, config);
    } finally {
      await locked.lock.release();
    }
  });
}

async function move(store: Store, config: Config, origin: string): Promise<MoveResult> {
  const now = systemClock.now();
  try {
    return await withPortal({ ...config, DOCSPACE_URL: origin }, (client) =>
      acceptMove({ client, store, origin, now }),
    );
  } finally {
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
