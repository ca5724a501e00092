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
  const program = programOf(root, terminal, finish);
  addServiceVerbs(program);
  addInvitationVerbs(program);
  addMemberVerbs(program);
  addOperationVerbs(program);
  addTokenVerbs(program);
  addEventVerbs(program);
  addCompletionAndMan(program);
  // Help, completion and the man page list `--json` after the other options of a verb.
  for (const command of program.withJson) command.option('--json', 'print JSON');
  return root;
}

type Program = ReturnType<typeof programOf>;

/** Returns the object that each function below uses to add its verbs. */
function programOf(root: Command, terminal: Terminal, finish: (code: ExitCode) => void) {
  const context = ({ json }: Json): VerbContext => ({
    terminal,
    envFile: root.opts<{ envFile?: string }>().envFile ?? null,
    json: json === true,
  });
  const withJson: Command[] = [];
  /**
   * Returns a function that adds verbs with `--json` to `parent`. `run` gets the context, then the
   * arguments, then the options.
   */
  const verbsIn =
    (parent: Command) =>
    <Given extends unknown[]>(
      usage: string,
      description: string,
      run: (context: VerbContext, ...given: Given) => Promise<ExitCode>,
    ): Command => {
      const command = parent.command(usage).description(description);
      withJson.push(command);
      return command.action(async (...given: Given) =>
        finish(await run(context(command.opts()), ...given)),
      );
    };
  return { root, terminal, context, finish, withJson, verbsIn, verb: verbsIn(root) };
}

/** Removes the line break at the end of Commander's texts, because the terminal adds a line break. */
function withoutLineBreak(print: (text: string) => void): (text: string) => void {
  return (text) => print(text.replace(/\n$/, ''));
}

function addServiceVerbs(program: Program): void {
  const { root, terminal, context, finish, verb, verbsIn } = program;
  root
    .command('serve')
    .description('Run the service: webhook, HTTP API, dashboard and background work')
    .action(async () => finish(await (await import('./verbs/serve.ts')).serveVerb(context({}))));
  addInit(program);
  verb(
    'doctor',
    'Check configuration, database, portal, API key, webhook and channel (exit 1 on errors)',
    async (context) => (await import('./verbs/doctor.ts')).doctor(context),
  );
  root
    .command('health')
    .description('Request /healthz of the configured address; for containers (exit 1 on errors)')
    .action(async () => finish(await (await import('./verbs/health.ts')).health(context({}))));
  const webhook = verbsIn(root.command('webhook').description('Manage the webhook in the portal'));
  webhook(
    'register',
    'Create or correct the webhook for PUBLIC_URL and store its id',
    async (context) => (await import('./verbs/webhook.ts')).webhookRegister(context),
  );
  webhook(
    'status',
    'Show whether the webhook for PUBLIC_URL works (exit 1 if not)',
    async (context) => (await import('./verbs/webhook.ts')).webhookStatus(context),
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

/**
 * The setting of each option of `init` that takes a value. Secrets have no option, because `ps` shows
 * all options.
 */
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
      'without a terminal: continue even if the account has already invited people',
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

function addInvitationVerbs({ verb }: Program): void {
  verb(
    'invite [emails...]',
    'Invite people; without an address, create an open link for many people',
    async (context, emails: string[], flags: InviteFlags) =>
      (await import('./verbs/invite.ts')).invite(context, emails, flags),
  )
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
    .option('--dry-run', 'with --csv: show the result for each row without inviting anybody');
  verb('list', 'List invitations, newest first', async (context, flags: ListFlags) =>
    (await import('./verbs/list.ts')).list(context, flags),
  )
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
    .option('--csv', 'print CSV for spreadsheets');
  verb(
    'show <email-or-id>',
    'Show one person or invitation: timeline and next step',
    async (context, wanted: string) => (await import('./verbs/show.ts')).show(context, wanted),
  );
  verb(
    'revoke <id>',
    'Close an invitation; the portal itself cannot take a link back',
    async (context, id: string) => (await import('./verbs/revoke.ts')).revoke(context, id),
  );
  verb(
    'resend <id>',
    'Send an invitation again: a fresh link, or another letter',
    async (context, id: string) => (await import('./verbs/resend.ts')).resend(context, id),
  );
}

type Resolution = 'sent' | 'retry';
const outcomes: readonly Resolution[] = ['sent', 'retry'];
type RetryFlags = { readonly failed?: boolean; readonly reason?: string };
type SampleFlags = {
  readonly language?: string;
  readonly guest?: boolean;
  readonly letter: LetterFileKind;
};

function addMemberVerbs({ terminal, verb }: Program): void {
  verb(
    'retry [user]',
    'Check a member again now, and send the welcome if it is due',
    async (context, user: string | undefined, flags: RetryFlags) => {
      const { retry, retryFailed } = await import('./verbs/retry.ts');
      if (flags.failed) return retryFailed(context, flags.reason ?? null);
      if (user) return retry(context, user);
      terminal.printError('Name a member by address or user id, or use --failed.');
      return exitCodes.wrongUsage;
    },
  )
    .option('--failed', 'check every member whose welcome failed')
    .option('--reason <code>', 'with --failed: only members with this reason code');
  verb(
    'resolve [user]',
    'Decide a welcome with unknown outcome: mark as sent, or send again',
    async (
      context,
      user: string | undefined,
      outcome: Resolution | undefined,
      { unknown }: { unknown?: Resolution },
    ) => {
      const { resolve, resolveUnknown } = await import('./verbs/resolve.ts');
      if (unknown) return resolveUnknown(context, unknown);
      if (user && outcome) return resolve(context, user, outcome);
      terminal.printError('Name a member and the outcome (sent or retry), or use --unknown.');
      return exitCodes.wrongUsage;
    },
  )
    .addArgument(new Argument('[outcome]').choices(outcomes))
    .addOption(
      new Option('--unknown <outcome>', 'decide every welcome with unknown outcome').choices(
        outcomes,
      ),
    );
  verb(
    'preview <email>',
    'Show the welcome for a person, and whether it would be sent',
    async (context, email: string, flags: { html?: boolean; invitation?: boolean }) => {
      const html = flags.html === true;
      const { preview, previewInvitation } = await import('./verbs/preview.ts');
      const show = flags.invitation ? previewInvitation : preview;
      return show(context, email, { html });
    },
  )
    .option('--invitation', 'show the letter of the invitation, with a sample link')
    .option('--html', 'print only the HTML of the mail');
  verb(
    'test-send <address>',
    'Mail a sample of a letter to yourself',
    async (context, address: string, flags: SampleFlags) => {
      const { testSend } = await import('./verbs/test-send.ts');
      const { letter: kind, language = null, guest = false } = flags;
      return testSend(context, address, { kind, language, guest });
    },
  )
    .addOption(
      new Option('--letter <kind>', 'which letter').choices(letterFileKinds).default('welcome'),
    )
    .option(
      '--language <language>',
      'the language of the letter, such as fr or pt-BR (default WELCOME_LANGUAGE)',
    )
    .option('--guest', 'mail the letter for guests');
  verb(
    'forget <email>',
    'Erase a person; only the fact that a welcome was sent is kept',
    async (context, email: string) => (await import('./verbs/forget.ts')).forget(context, email),
  );
}

function addOperationVerbs({ root, verb, verbsIn }: Program): void {
  const portal = verbsIn(
    root.command('portal').description('Manage the portal that the database belongs to'),
  );
  portal(
    'moved',
    'Accept that the portal now has another address or tenant id',
    async (context, flags: { readonly to: string }) =>
      (await import('./verbs/portal-moved.ts')).portalMoved(context, flags.to),
  ).requiredOption('--to <url>', 'the new address of the portal');
  verb(
    'stats',
    'Count members and invitations, show how long people take and what is paused',
    async (context) => (await import('./verbs/stats.ts')).stats(context),
  );
  verb('pause', 'Hold back every welcome and letter until "resume"', async (context) =>
    (await import('./verbs/pause.ts')).pause(context),
  );
  verb(
    'resume',
    'End every pause, reset the hourly limit and send pending welcomes',
    async (context) => (await import('./verbs/pause.ts')).resume(context),
  );
  verb('reconcile', 'Poll the portal now for changes the webhook missed', async (context) =>
    (await import('./verbs/reconcile.ts')).reconcile(context),
  );
  verb('migrate', 'Create or update the tables of the database for this version', async (context) =>
    (await import('./verbs/database/migrate.ts')).migrate(context),
  );
  verb(
    'backup <file>',
    'Write a consistent copy of the database to a new file',
    async (context, file: string) => (await import('./verbs/backup.ts')).backup(context, file),
  );
  verb(
    'move',
    'Move everything from SQLite to PostgreSQL, or back',
    async (context, flags: { readonly to: string }) =>
      (await import('./verbs/database/move.ts')).move(context, flags.to),
  ).requiredOption('--to <url>', 'the new database, in the form of DATABASE_URL');
}

function addTokenVerbs({ root, verbsIn }: Program): void {
  const token = verbsIn(
    root.command('token').description('Manage the tokens of people and programs'),
  );
  token(
    'add <name>',
    'Make a token and print it once',
    async (context, name: string, flags: { readonly role: Role }) =>
      (await import('./verbs/token.ts')).tokenAdd(context, name, flags.role),
  ).addOption(
    new Option('--role <role>', 'operator: may do everything; viewer: may read all but links')
      .choices(roles)
      .makeOptionMandatory(),
  );
  token('list', 'List the names and roles of all tokens', async (context) =>
    (await import('./verbs/token.ts')).tokenList(context),
  );
  token('revoke <name>', 'Revoke a token and end its sessions', async (context, name: string) =>
    (await import('./verbs/token.ts')).tokenRevoke(context, name),
  );
}

function addEventVerbs({ root, verbsIn }: Program): void {
  const events = verbsIn(
    root.command('events').description('Manage the events for other programs'),
  );
  events('status', 'Show whether events are delivered, and how many wait', async (context) =>
    (await import('./verbs/events.ts')).eventsStatus(context),
  );
  events(
    'resume',
    'End the pause that an answer 410 of the receiver caused, and try again now',
    async (context) => (await import('./verbs/events.ts')).eventsResume(context),
  );
  events(
    'replay',
    'Send the events since a time again, with the same ids',
    async (context, flags: { readonly since: string }) =>
      (await import('./verbs/events.ts')).eventsReplay(context, flags.since),
  ).requiredOption('--since <time>', 'a date or a time (UTC)');
  events(
    'test',
    'Send the event service.test (exit 1 if it is refused, 69 without an answer)',
    async (context) => (await import('./verbs/events.ts')).eventsTest(context),
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
