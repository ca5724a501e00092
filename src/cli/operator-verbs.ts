import { Argument, type Command } from 'commander';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { pause, resolve, resume, retry, retryFailed } from './operate.ts';
import { reconcile } from './reconcile.ts';
import { stats } from './stats.ts';
import type { Terminal } from './terminal.ts';
import { webhookRegister, webhookStatus } from './webhook.ts';

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

  verb('stats', 'members by state, invitations by status, what is paused').action(
    async (options: Json) => finish(await stats(given(options))),
  );
  verb('retry [user]', 'look at this member again now, then send')
    .option('--failed', 'all members whose welcome failed')
    .option('--reason <reason>', 'with --failed: only those with this reason')
    .action(
      async (who: string | undefined, options: Json & { failed?: boolean; reason?: string }) => {
        if (options.failed) {
          finish(await retryFailed({ ...given(options), reason: options.reason ?? null }));
        } else if (who) {
          finish(await retry({ ...given(options), who }));
        } else {
          surroundings().terminal.complain('Say whom: an address, a user id, or --failed.');
          finish(exitCodes.wrongUsage);
        }
      },
    );
  verb('resolve <user>', 'settle a welcome of which nobody knows whether it arrived')
    .addArgument(new Argument('<outcome>').choices(['sent', 'retry']))
    .action(async (who: string, outcome: 'sent' | 'retry', options: Json) =>
      finish(await resolve({ ...given(options), who, outcome })),
    );
  verb('pause', 'hold every welcome back').action(async (options: Json) =>
    finish(await pause(given(options))),
  );
  verb('resume', 'lift every pause and grant a new hour').action(async (options: Json) =>
    finish(await resume(given(options))),
  );
  const webhook = program.command('webhook').description('this service’s webhook at the portal');
  webhook
    .command('register')
    .description('create or put right the webhook for PUBLIC_URL, and remember it')
    .option('--json', 'for machines')
    .action(async (options: Json) => finish(await webhookRegister(given(options))));
  webhook
    .command('status')
    .description('what the portal says of it')
    .option('--json', 'for machines')
    .action(async (options: Json) => finish(await webhookStatus(given(options))));
  verb('reconcile', 'ask the portal now for what no delivery told').action(async (options: Json) =>
    finish(await reconcile(given(options))),
  );
}
