import { Argument, Command, CommanderError, Option } from 'commander';
import type { SettingName } from '../config/settings.ts';
import { invitationStatuses } from '../domain/invitation.ts';
import {
  employeeTypes,
  invitationModes,
  type LetterFileKind,
  letterFileKinds,
  letterStatuses,
  type Role,
  roles,
} from '../domain/vocabulary.ts';
import { describeError } from '../log.ts';
import { version } from '../project.ts';
import { DatabaseRefused, ServerUnavailable } from '../store/store.ts';
import { missingLibrary } from './program.ts';
import { processTerminal, type Terminal } from './terminal.ts';
import { type ExitCode, exitCodes, type VerbContext } from './verb.ts';
import type { Shell } from './verbs/completion.ts';
import type { Answers } from './verbs/init/questions.ts';
import type { InviteFlags } from './verbs/invite.ts';
import type { ListFlags } from './verbs/list.ts';

/**
 * Runs one verb. Every error is caught here and printed as one line on standard error.
 * @returns the exit code
 */
export async function runCli(
  args: readonly string[],
  terminal: Terminal = processTerminal(),
): Promise<ExitCode> {
  let code: ExitCode = exitCodes.done;
  const program = createProgram(terminal, (verbCode) => {
    code = verbCode;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? exitCodes.done : exitCodes.wrongUsage;
    }
    if (error instanceof DatabaseRefused || error instanceof ServerUnavailable) {
      // The sentence already names the cause.
      terminal.printError(error.message);
      const isRefused = error instanceof DatabaseRefused;
      return isRefused ? exitCodes.configuration : exitCodes.portalUnreachable;
    }
    const library = missingLibrary(error);
    terminal.printError(library ?? describeError(error));
    return library ? exitCodes.configuration : exitCodes.failed;
  }
}

type Json = { readonly json?: boolean };

/** The arguments of the functions that add verbs. */
type Program = {
  readonly root: Command;
  readonly terminal: Terminal;
  readonly context: (flags: Json) => VerbContext;
  readonly finish: (code: ExitCode) => void;
};

/** Creates the program. A verb's module is loaded only when the verb runs, so that `serve` starts fast. */
function createProgram(terminal: Terminal, finish: (code: ExitCode) => void): Command {
  const root = new Command('docspace-welcome')
    .description('Invites people to an ONLYOFFICE DocSpace portal and welcomes each of them once.')
    .version(version, '--version', 'print the version')
    .option('--env-file <file>', 'read settings from this file instead of .env')
    .exitOverride()
    .configureOutput({
      writeOut: withoutLineBreak(terminal.print),
      writeErr: withoutLineBreak(terminal.printError),
    });
  const context = ({ json }: Json): VerbContext => ({
    terminal,
    envFile: root.opts<{ envFile?: string }>().envFile ?? null,
    json: json === true,
  });
  const program = { root, terminal, context, finish };
  addServiceVerbs(program);
  addInvitationVerbs(program);
  addMemberVerbs(program);
  addOperationVerbs(program);
  addTokenVerbs(program);
  addEventVerbs(program);
  addCompletionAndMan(program);
  return root;
}

/** Removes the line break at the end of Commander's texts, because the terminal adds a line break. */
function withoutLineBreak(print: (text: string) => void): (text: string) => void {
  return (text) => print(text.replace(/\n$/, ''));
}

function addServiceVerbs({ root, terminal, context, finish }: Program): void {
  root
    .command('serve')
    .description('Run the service: webhook, HTTP API, dashboard and background work')
    .action(async () => finish(await (await import('./verbs/serve.ts')).serveVerb(context({}))));
  addInit({ root, terminal, context, finish });
  root
    .command('doctor')
    .description(
      'Check configuration, database, portal, API key, webhook and channel (exit 1 on errors)',
    )
    .option('--json', 'print JSON')
    .action(async (flags: Json) =>
      finish(await (await import('./verbs/doctor.ts')).doctor(context(flags))),
    );
  root
    .command('health')
    .description('Request /healthz of the configured address; for containers (exit 1 on errors)')
    .action(async () => finish(await (await import('./verbs/health.ts')).health(context({}))));
  const webhook = root.command('webhook').description('Manage the webhook in the portal');
  webhook
    .command('register')
    .description('Create or correct the webhook for PUBLIC_URL and store its id')
    .option('--json', 'print JSON')
    .action(async (flags: Json) =>
      finish(await (await import('./verbs/webhook.ts')).webhookRegister(context(flags))),
    );
  webhook
    .command('status')
    .description('Show whether the webhook for PUBLIC_URL works (exit 1 if not)')
    .option('--json', 'print JSON')
    .action(async (flags: Json) =>
      finish(await (await import('./verbs/webhook.ts')).webhookStatus(context(flags))),
    );
  root
    .command('demo')
    .description('Run the service beside a simulated portal, without any configuration')
    .addOption(
      new Option('--release <release>', 'the DocSpace release to simulate').choices([
        '3.2',
        '3.5',
        '3.6',
        '3.7',
      ]),
    )
    .action(async ({ release }: { release?: '3.2' | '3.5' | '3.6' | '3.7' }) =>
      finish(await (await import('./verbs/demo.ts')).demo(terminal, { release: release ?? null })),
    );
}

/** The setting of each option of `init`. Secrets have no option, because `ps` shows all options. */
const initFlags = {
  url: 'DOCSPACE_URL',
  publicUrl: 'PUBLIC_URL',
  channel: 'WELCOME_CHANNEL',
  machineKeyFile: 'DOCSPACE_MACHINE_KEY_FILE',
  from: 'WELCOME_FROM',
} as const satisfies Record<string, SettingName>;

type InitFlags = Partial<Record<keyof typeof initFlags, string>> & {
  readonly check: boolean;
  readonly newDatabase?: boolean;
};

function addInit({ root, context, finish }: Program): void {
  root
    .command('init')
    .description('Ask for the settings, create the secrets, check everything and write .env')
    .option('--url <url>', 'the address of the portal (or DOCSPACE_URL)')
    .option('--public-url <url>', 'where the portal reaches this service (or PUBLIC_URL)')
    .addOption(
      new Option('--channel <channel>', 'how welcomes are sent (or WELCOME_CHANNEL)').choices([
        'docspace',
        'smtp',
        'docspace,smtp',
        'smtp,docspace',
      ]),
    )
    .option(
      '--machine-key-file <file>',
      'the machine key of a self-hosted portal (or DOCSPACE_MACHINE_KEY_FILE)',
    )
    .option('--from <mailbox>', 'the sender of mails (or WELCOME_FROM)')
    .option(
      '--new-database',
      'go on if the account has already invited people (without a terminal)',
    )
    .option('--no-check', 'write the file without asking the portal and the mail server')
    .addHelpText(
      'after',
      '\nSecrets are read from the environment: DOCSPACE_API_KEY and SMTP_URL, or DOCSPACE_API_KEY_FILE and SMTP_URL_FILE.',
    )
    .action(async (flags: InitFlags) => {
      const { init } = await import('./verbs/init/init.ts');
      const { terminalPrompter } = await import('./verbs/init/questions.ts');
      finish(
        await init({
          ...context({}),
          flags: answersOf(flags),
          checks: flags.check,
          acceptsUsedAccount: flags.newDatabase === true,
          prompter: await terminalPrompter(),
          environment: process.env,
          workingFolder: process.cwd(),
          now: Date.now,
        }),
      );
    });
}

function answersOf(flags: InitFlags): Answers {
  const answers: Answers = {};
  for (const [flag, name] of Object.entries(initFlags)) {
    // `Object.entries` yields only the keys of `initFlags`.
    const value = flags[flag as keyof typeof initFlags]?.trim();
    if (value) answers[name] = value;
  }
  return answers;
}

function addInvitationVerbs({ root, context, finish }: Program): void {
  root
    .command('invite [emails...]')
    .description('Invite people; without an address, create an open link for many people')
    .addOption(
      new Option('--type <type>', 'role in the portal').choices(employeeTypes).default('Guest'),
    )
    .addOption(
      new Option(
        '--mode <mode>',
        'link: you hand it over; email: the portal mails it; smtp: this service mails it',
      )
        .choices(invitationModes)
        .default('link'),
    )
    .option('--note <text>', 'a note that is kept with the invitation')
    .option('--language <language>', 'the language of the letter, such as fr or pt-BR')
    .option(
      '--csv <file>',
      'invite the people in a CSV file (columns email, type, mode, note, language); safe to run again',
    )
    .option('--email-column <heading>', 'with --csv: the column of the e-mail addresses')
    .option('--open-links', 'with --csv: create an open link for each row without an address')
    .option('--dry-run', 'with --csv: show the result for each row without inviting anybody')
    .option('--json', 'print JSON')
    .action(async (emails: string[], flags: InviteFlags & Json) =>
      finish(await (await import('./verbs/invite.ts')).invite(context(flags), emails, flags)),
    );
  root
    .command('list')
    .description('List invitations, newest first')
    .addOption(new Option('--status <status>', 'only this status').choices(invitationStatuses))
    .addOption(new Option('--type <type>', 'only this role').choices(employeeTypes))
    .addOption(new Option('--mode <mode>', 'only this mode').choices(invitationModes))
    .addOption(
      new Option('--letter <state>', 'only with a letter in this state').choices(letterStatuses),
    )
    .option('--email <email>', 'only this address')
    .option('-q, --q <text>', 'only with this text in the address or the note')
    .option('--since <date>', 'only invitations created at or after this date or time (UTC)')
    .option('--until <date>', 'only invitations created before this date or time (UTC)')
    .option('--limit <count>', 'rows to show, 1–200 (default 50)')
    .option('--all', 'show every row')
    .option('--csv', 'print CSV for spreadsheets')
    .option('--json', 'print JSON')
    .action(async (flags: ListFlags & Json) =>
      finish(await (await import('./verbs/list.ts')).list(context(flags), flags)),
    );
  root
    .command('show <email-or-id>')
    .description('Show one person or invitation: timeline and next step')
    .option('--json', 'print JSON')
    .action(async (wanted: string, flags: Json) =>
      finish(await (await import('./verbs/show.ts')).show(context(flags), wanted)),
    );
  root
    .command('revoke <id>')
    .description('Close an invitation; the portal itself cannot take a link back')
    .option('--json', 'print JSON')
    .action(async (id: string, flags: Json) =>
      finish(await (await import('./verbs/revoke.ts')).revoke(context(flags), id)),
    );
  root
    .command('resend <id>')
    .description('Send an invitation again: a fresh link, or another letter')
    .option('--json', 'print JSON')
    .action(async (id: string, flags: Json) =>
      finish(await (await import('./verbs/resend.ts')).resend(context(flags), id)),
    );
}

type Resolution = 'sent' | 'retry';
const outcomes: readonly Resolution[] = ['sent', 'retry'];
type RetryFlags = Json & { readonly failed?: boolean; readonly reason?: string };
type SampleFlags = Json & {
  readonly language?: string;
  readonly guest?: boolean;
  readonly letter: LetterFileKind;
};

function addMemberVerbs({ root, terminal, context, finish }: Program): void {
  root
    .command('retry [user]')
    .description('Check a member again now, and send the welcome if it is due')
    .option('--failed', 'check every member whose welcome failed')
    .option('--reason <code>', 'with --failed: only members with this reason code')
    .option('--json', 'print JSON')
    .action(async (user: string | undefined, flags: RetryFlags) => {
      const { retry, retryFailed } = await import('./verbs/retry.ts');
      if (flags.failed) finish(await retryFailed(context(flags), flags.reason ?? null));
      else if (user) finish(await retry(context(flags), user));
      else {
        terminal.printError('Name a member by address or user id, or use --failed.');
        finish(exitCodes.wrongUsage);
      }
    });
  root
    .command('resolve [user]')
    .description('Decide a welcome with unknown outcome: mark as sent, or send again')
    .addArgument(new Argument('[outcome]').choices(outcomes))
    .addOption(
      new Option('--unknown <outcome>', 'decide every welcome with unknown outcome').choices(
        outcomes,
      ),
    )
    .option('--json', 'print JSON')
    .action(
      async (user?: string, outcome?: Resolution, flags: Json & { unknown?: Resolution } = {}) => {
        const { resolve, resolveUnknown } = await import('./verbs/resolve.ts');
        if (flags.unknown) finish(await resolveUnknown(context(flags), flags.unknown));
        else if (user && outcome) finish(await resolve(context(flags), user, outcome));
        else {
          terminal.printError('Name a member and sent or retry, or use --unknown.');
          finish(exitCodes.wrongUsage);
        }
      },
    );
  root
    .command('preview <email>')
    .description('Show the welcome for a person, and whether it would be sent')
    .option('--invitation', 'show the letter of the invitation, with a sample link')
    .option('--html', 'print only the HTML of the mail')
    .option('--json', 'print JSON')
    .action(async (email: string, flags: Json & { html?: boolean; invitation?: boolean }) => {
      const html = flags.html === true;
      const { preview, previewInvitation } = await import('./verbs/preview.ts');
      const show = flags.invitation ? previewInvitation : preview;
      finish(await show(context(flags), email, { html }));
    });
  root
    .command('test-send <address>')
    .description('Mail a sample of a letter to yourself')
    .addOption(
      new Option('--letter <kind>', 'which letter').choices(letterFileKinds).default('welcome'),
    )
    .option(
      '--language <language>',
      'the language of the letter, such as fr or pt-BR (default WELCOME_LANGUAGE)',
    )
    .option('--guest', 'mail the letter for guests')
    .option('--json', 'print JSON')
    .action(async (address: string, flags: SampleFlags) => {
      const { testSend } = await import('./verbs/test-send.ts');
      const { letter: kind, language = null, guest = false } = flags;
      const letter = { kind, language, guest };
      finish(await testSend(context(flags), address, letter));
    });
  root
    .command('forget <email>')
    .description('Erase a person; only the fact that a welcome was sent is kept')
    .option('--json', 'print JSON')
    .action(async (email: string, flags: Json) =>
      finish(await (await import('./verbs/forget.ts')).forget(context(flags), email)),
    );
}

function addOperationVerbs({ root, context, finish }: Program): void {
  const portal = root.command('portal').description('Manage the portal of the database');
  portal
    .command('moved')
    .description('Accept that the portal now has another address or tenant id')
    .requiredOption('--to <url>', 'the new address of the portal')
    .option('--json', 'print JSON')
    .action(async (flags: Json & { readonly to: string }) =>
      finish(await (await import('./verbs/portal-moved.ts')).portalMoved(context(flags), flags.to)),
    );
  root
    .command('stats')
    .description('Count members and invitations, show how long people take and what is paused')
    .option('--json', 'print JSON')
    .action(async (flags: Json) =>
      finish(await (await import('./verbs/stats.ts')).stats(context(flags))),
    );
  root
    .command('pause')
    .description('Hold back every welcome and letter until "resume"')
    .option('--json', 'print JSON')
    .action(async (flags: Json) =>
      finish(await (await import('./verbs/pause.ts')).pause(context(flags))),
    );
  root
    .command('resume')
    .description('End every pause, reset the hourly limit and send pending welcomes')
    .option('--json', 'print JSON')
    .action(async (flags: Json) =>
      finish(await (await import('./verbs/pause.ts')).resume(context(flags))),
    );
  root
    .command('reconcile')
    .description('Poll the portal now for changes the webhook missed')
    .option('--json', 'print JSON')
    .action(async (flags: Json) =>
      finish(await (await import('./verbs/reconcile.ts')).reconcile(context(flags))),
    );
  root
    .command('migrate')
    .description('Make the tables of the database, or bring them to this version')
    .option('--json', 'print JSON')
    .action(async (flags: Json) =>
      finish(await (await import('./verbs/database/migrate.ts')).migrate(context(flags))),
    );
  root
    .command('backup <file>')
    .description('Write a consistent copy of the database to a new file')
    .option('--json', 'print JSON')
    .action(async (file: string, flags: Json) =>
      finish(await (await import('./verbs/backup.ts')).backup(context(flags), file)),
    );
  root
    .command('move')
    .description('Move everything from SQLite to PostgreSQL, or back')
    .requiredOption('--to <url>', 'the new database, in the form of DATABASE_URL')
    .option('--json', 'print JSON')
    .action(async (flags: Json & { readonly to: string }) =>
      finish(await (await import('./verbs/database/move.ts')).move(context(flags), flags.to)),
    );
}

function addTokenVerbs({ root, context, finish }: Program): void {
  const token = root.command('token').description('Manage the tokens of people and programs');
  token
    .command('add <name>')
    .description('Make a token and print it once')
    .addOption(
      new Option('--role <role>', 'operator: may do everything; viewer: may read all but links')
        .choices(roles)
        .makeOptionMandatory(),
    )
    .option('--json', 'print JSON')
    .action(async (name: string, flags: Json & { readonly role: Role }) =>
      finish(await (await import('./verbs/token.ts')).tokenAdd(context(flags), name, flags.role)),
    );
  token
    .command('list')
    .description('List the names and roles of all tokens')
    .option('--json', 'print JSON')
    .action(async (flags: Json) =>
      finish(await (await import('./verbs/token.ts')).tokenList(context(flags))),
    );
  token
    .command('revoke <name>')
    .description('Revoke a token and end its sessions')
    .option('--json', 'print JSON')
    .action(async (name: string, flags: Json) =>
      finish(await (await import('./verbs/token.ts')).tokenRevoke(context(flags), name)),
    );
}

function addEventVerbs({ root, context, finish }: Program): void {
  const events = root.command('events').description('Manage the events for other programs');
  events
    .command('status')
    .description('Show whether events are delivered, and how many wait')
    .option('--json', 'print JSON')
    .action(async (flags: Json) =>
      finish(await (await import('./verbs/events.ts')).eventsStatus(context(flags))),
    );
  events
    .command('resume')
    .description('Send events again after the receiver answered 410, and try again now')
    .option('--json', 'print JSON')
    .action(async (flags: Json) =>
      finish(await (await import('./verbs/events.ts')).eventsResume(context(flags))),
    );
  events
    .command('replay')
    .description('Send the events since a time again, with the same ids')
    .requiredOption('--since <time>', 'a date or a time (UTC)')
    .option('--json', 'print JSON')
    .action(async (flags: Json & { readonly since: string }) =>
      finish(await (await import('./verbs/events.ts')).eventsReplay(context(flags), flags.since)),
    );
  events
    .command('test')
    .description('Send the event service.test (exit 1 if it is refused, 69 without an answer)')
    .option('--json', 'print JSON')
    .action(async (flags: Json) =>
      finish(await (await import('./verbs/events.ts')).eventsTest(context(flags))),
    );
}

/** Adds the two verbs whose output is generated from the list of all verbs. */
function addCompletionAndMan({ root, terminal, finish }: Program): void {
  root
    .command('completion')
    .description('Print the completion script of a shell')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish'] satisfies Shell[]))
    .action(async (shell: Shell) => {
      const { completion } = await import('./verbs/completion.ts');
      finish(completion(terminal, root, shell));
    });
  root
    .command('man', { hidden: true })
    .description('Print the man page')
    .action(async () => finish((await import('./verbs/man.ts')).man(terminal, root)));
}
