import { Command, CommanderError, Option } from 'commander';
import { invitationStatuses } from '../domain/invitation.ts';
import { employeeTypes, invitationModes } from '../domain/vocabulary.ts';
import { describeError } from '../log.ts';
import type { InviteFlags } from './bulk/invite-or-import.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { ListFlags } from './list.ts';
import { addOperatorVerbs } from './operator-verbs.ts';
import { addSetupVerbs } from './setup-verbs.ts';
import { processTerminal, type Terminal } from './terminal.ts';

/**
 * Runs one verb.
 * @returns the exit code; every error ends here, as one line on standard error
 */
export async function runCli(
  args: readonly string[],
  terminal: Terminal = processTerminal(),
): Promise<ExitCode> {
  let code: ExitCode = exitCodes.done;
  const program = createProgram(terminal, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? exitCodes.done : exitCodes.wrongUsage;
    }
    terminal.complain(describeError(error));
    return exitCodes.failed;
  }
}

/** What a verb needs is loaded when it is asked for: `serve` starts without all that others need. */
function createProgram(terminal: Terminal, finish: (code: ExitCode) => void): Command {
  const program = new Command('docspace-welcome')
    .description('Invites people to an ONLYOFFICE DocSpace portal and welcomes each of them once.')
    .option('--env-file <file>', 'settings from this file instead of .env')
    .exitOverride()
    .configureOutput({ writeOut: write(terminal.print), writeErr: write(terminal.complain) });
  const envFile = (): string | null => program.opts<{ envFile?: string }>().envFile ?? null;

  program
    .command('serve')
    .description('run the service: webhook, HTTP API, worker')
    .action(async () => {
      const { serveVerb } = await import('./serve.ts');
      finish(await serveVerb({ terminal, envFile: envFile() }));
    });
  program
    .command('health')
    .description('asks /healthz of the configured address: for containers')
    .action(async () => {
      const { health } = await import('./health.ts');
      finish(await health({ terminal, envFile: envFile() }));
    });
  program
    .command('demo')
    .description('the service beside a simulated portal, with no configuration')
    .action(async () => {
      const { demo } = await import('./demo.ts');
      finish(await demo(terminal));
    });
  program
    .command('invite [emails...]')
    .description('issue invitations; without an e-mail, an open link for many')
    .addOption(new Option('--type <type>', 'whom').choices(employeeTypes).default('Guest'))
    .addOption(
      new Option('--mode <mode>', 'link: handed over by you; email: mailed by the portal')
        .choices(invitationModes)
        .default('link'),
    )
    .option('--note <text>', 'a note for the log')
    .option('--csv <file>', 'a row each: email, type, mode, note; safe to run again')
    .option('--dry-run', 'with --csv: only say what each row would come to')
    .option('--json', 'for machines')
    .action(async (emails: string[], options: InviteFlags) => {
      const { inviteOrImport } = await import('./bulk/invite-or-import.ts');
      finish(await inviteOrImport({ terminal, envFile: envFile(), emails, options }));
    });
  program
    .command('list')
    .description('the invite log, newest first')
    .addOption(new Option('--status <status>').choices(invitationStatuses))
    .addOption(new Option('--type <type>').choices(employeeTypes))
    .addOption(new Option('--mode <mode>').choices(invitationModes))
    .option('--email <email>', 'one address')
    .option('-q, --q <text>', 'three or more characters anywhere in address or note')
    .option('--since <date>', 'invited since this day or time (UTC)')
    .option('--until <date>', 'invited before this day or time (UTC)')
    .option('--limit <count>', 'at most so many: up to 200, 50 if left out')
    .option('--all', 'all of them')
    .option('--csv', 'a table for spreadsheets')
    .option('--json', 'for machines')
    .action(async (options: ListFlags) => {
      const { list } = await import('./list.ts');
      finish(await list({ terminal, envFile: envFile(), options }));
    });
  program
    .command('show <email-or-id>')
    .description('one person or invitation, from invitation to welcome')
    .option('--json', 'for machines')
    .action(async (wanted: string, options: { json?: boolean }) => {
      const { show } = await import('./show.ts');
      finish(await show({ terminal, envFile: envFile(), wanted, json: options.json === true }));
    });
  addSetupVerbs(program, finish, () => ({ terminal, envFile: envFile() }));
  addOperatorVerbs(program, finish, () => ({ terminal, envFile: envFile() }));
  program
    .command('preview <email>')
    .description('the welcome as this person would get it, and whether it would be sent')
    .option('--html', 'the HTML of the mail alone')
    .option('--json', 'for machines')
    .action(async (email: string, options: { html?: boolean; json?: boolean }) => {
      const { html = false, json = false } = options;
      const { preview } = await import('./preview.ts');
      finish(await preview({ terminal, envFile: envFile(), email, html, json }));
    });
  program
    .command('test-send <address>')
    .description('mails a sample of the welcome to yourself')
    .option('--language <language>', 'such as fr or pt-BR; WELCOME_LANGUAGE if left out')
    .option('--guest', 'the letter for guests')
    .option('--json', 'for machines')
    .action(
      async (address: string, options: { language?: string; guest?: boolean; json?: boolean }) => {
        const { language = null, guest = false, json = false } = options;
        const { testSend } = await import('./test-send.ts');
        finish(await testSend({ terminal, envFile: envFile(), address, language, guest, json }));
      },
    );
  return program;
}

/** Commander ends its texts with a line break, which the terminal adds as well. */
function write(print: (text: string) => void): (text: string) => void {
  return (text) => print(text.replace(/\n$/, ''));
}
