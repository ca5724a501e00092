import { Argument, type Command } from 'commander';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

type Json = { readonly json?: boolean };

/** The verbs with which an operator settles what the service cannot. */
export function addOperatorVerbs(
  program: Command,
  finish: (code: ExitCode) => void,
  surroundings: () => { readonly terminal: Terminal; readonly envFile: string | null },
): void {
  const given = ({ json }: Json) => ({ ...surroundings(), json: json === true });
  const verb = (text: string, description: string) =>
    program.command(text).description(description).option('--json', 'for machines');

  verb(
    'stats',
    'members by state, invitations by status, how long people take, what is paused',
  ).action(async (options: Json) =>
    finish(await (await import('./stats.ts')).stats(given(options))),
  );
  verb('retry [user]', 'look at this member again now, then send')
    .option('--failed', 'all members whose welcome failed')
    .option('--reason <reason>', 'with --failed: only those with this reason')
    .action(
      async (who: string | undefined, options: Json & { failed?: boolean; reason?: string }) => {
        if (options.failed) {
          finish(
            await (await import('./operate.ts')).retryFailed({
              ...given(options),
              reason: options.reason ?? null,
            }),
          );
        } else if (who) {
          finish(await (await import('./operate.ts')).retry({ ...given(options), who }));
        } else {
          surroundings().terminal.complain('Say whom: an address, a user id, or --failed.');
          finish(exitCodes.wrongUsage);
        }
      },
    );
  verb('resolve <user>', 'settle a welcome of which nobody knows whether it arrived')
    .addArgument(new Argument('<outcome>').choices(['sent', 'retry']))
    .action(async (who: string, outcome: 'sent' | 'retry', options: Json) =>
      finish(await (await import('./operate.ts')).resolve({ ...given(options), who, outcome })),
    );
  verb(
    'revoke <id>',
    'close the record of an invitation; the portal cannot take a link back',
  ).action(async (id: string, options: Json) =>
    finish(await (await import('./reissue.ts')).revoke({ ...given(options), id })),
  );
  verb('resend <id>', 'have the portal mail an invitation again, or get a fresh link').action(
    async (id: string, options: Json) =>
      finish(await (await import('./reissue.ts')).resend({ ...given(options), id })),
  );
  verb('pause', 'hold every welcome back').action(async (options: Json) =>
    finish(await (await import('./operate.ts')).pause(given(options))),
  );
  verb('resume', 'lift every pause and grant a new hour').action(async (options: Json) =>
    finish(await (await import('./operate.ts')).resume(given(options))),
  );
  verb('backup <file>', 'copy the database while the service runs; never over a file').action(
    async (file: string, options: Json) =>
      finish(await (await import('./backup.ts')).backup({ ...given(options), file })),
  );
  verb('forget <email>', 'erase a person; only that they were welcomed is remembered').action(
    async (email: string, options: Json) =>
      finish(await (await import('./forget.ts')).forget({ ...given(options), email })),
  );
  const webhook = program.command('webhook').description('this service’s webhook at the portal');
  webhook
    .command('register')
    .description('create or put right the webhook for PUBLIC_URL, and remember it')
    .option('--json', 'for machines')
    .action(async (options: Json) =>
      finish(await (await import('./webhook.ts')).webhookRegister(given(options))),
    );
  webhook
    .command('status')
    .description('what the portal says of it')
    .option('--json', 'for machines')
    .action(async (options: Json) =>
      finish(await (await import('./webhook.ts')).webhookStatus(given(options))),
    );
  verb('reconcile', 'ask the portal now for what no delivery told').action(async (options: Json) =>
    finish(await (await import('./reconcile.ts')).reconcile(given(options))),
  );
}
