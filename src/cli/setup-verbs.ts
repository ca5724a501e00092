import { type Command, Option } from 'commander';
import type { SettingName } from '../config/settings.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Answers } from './init/answers.ts';
import type { Terminal } from './terminal.ts';

/** What a flag of `init` answers. Secrets have none: arguments are shown to everybody by `ps`. */
const flags = {
  url: 'DOCSPACE_URL',
  publicUrl: 'PUBLIC_URL',
  channel: 'WELCOME_CHANNEL',
  machineKeyFile: 'DOCSPACE_MACHINE_KEY_FILE',
  from: 'WELCOME_FROM',
} as const satisfies Record<string, SettingName>;

type InitFlags = Partial<Record<keyof typeof flags, string>> & { readonly check: boolean };

/** The verbs of the first day and of the bad day. */
export function addSetupVerbs(
  program: Command,
  finish: (code: ExitCode) => void,
  surroundings: () => { readonly terminal: Terminal; readonly envFile: string | null },
): void {
  program
    .command('init')
    .description('asks for what it needs, makes the secrets, checks, writes .env')
    .option('--url <url>', 'the portal (or DOCSPACE_URL)')
    .option('--public-url <url>', 'this service as the portal reaches it (or PUBLIC_URL)')
    .addOption(
      new Option('--channel <channel>', 'how the welcome is sent (or WELCOME_CHANNEL)').choices([
        'docspace',
        'smtp',
        'docspace,smtp',
        'smtp,docspace',
      ]),
    )
    .option('--machine-key-file <file>', 'of a self-hosted portal (or DOCSPACE_MACHINE_KEY_FILE)')
    .option('--from <mailbox>', 'who the mail comes from (or WELCOME_FROM)')
    .option('--no-check', 'write without asking the portal and the mail server')
    .addHelpText(
      'after',
      '\nSecrets come by the environment: DOCSPACE_API_KEY and SMTP_URL, or DOCSPACE_API_KEY_FILE and SMTP_URL_FILE.',
    )
    .action(async (options: InitFlags) => {
      const { init } = await import('./init/init.ts');
      const { terminalPrompter } = await import('./init/prompter.ts');
      const prompter = terminalPrompter();
      try {
        finish(
          await init({
            ...surroundings(),
            flags: answersOf(options),
            checks: options.check,
            prompter,
            environment: process.env,
            workingFolder: process.cwd(),
            now: Date.now,
          }),
        );
      } finally {
        prompter?.close();
      }
    });
  program
    .command('doctor')
    .description('looks at configuration, store, portal, key, webhook, channel; 1 if one is wrong')
    .option('--json', 'for machines')
    .action(async (options: { json?: boolean }) =>
      finish(
        await (await import('./doctor/doctor.ts')).doctor({
          ...surroundings(),
          json: options.json === true,
        }),
      ),
    );
}

function answersOf(options: InitFlags): Answers {
  const given: Answers = {};
  for (const [flag, name] of Object.entries(flags)) {
    const value = options[flag as keyof typeof flags]?.trim();
    if (value) given[name] = value;
  }
  return given;
}
