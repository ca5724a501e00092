import { randomUUID } from 'node:crypto';
import { prepareWelcome } from '../channels/ingredients.ts';
import { smtpChannel } from '../channels/smtp-channel.ts';
import { systemClock } from '../clock.ts';
import { withConfig } from './config.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { printable, style, type Terminal } from './terminal.ts';

/** Mails the rendered welcome, with a made-up name in it, to an admin: nobody is recorded. */
export function testSend(options: {
  readonly terminal: Terminal;
  readonly envFile: string | null;
  readonly address: string;
  /** Null: WELCOME_LANGUAGE. */
  readonly language: string | null;
  readonly guest: boolean;
  readonly json: boolean;
}): Promise<ExitCode> {
  const { terminal, address } = options;
  return withConfig(options, async (config) => {
    if (!config.SMTP_URL || !config.WELCOME_FROM) {
      terminal.complain(
        'A sample can only be mailed: set SMTP_URL and WELCOME_FROM. The letter of the docspace channel is written by the portal.',
      );
      return exitCodes.configuration;
    }
    const read = await prepareWelcome(config);
    if (read.kind === 'faulty') {
      for (const fault of read.faults) terminal.complain(fault);
      return exitCodes.configuration;
    }
    const channel = smtpChannel({ settings: config, prepared: read.prepared, clock: systemClock });
    const outcome = await channel.send({
      // Mail servers drop a Message-ID that they have seen: each sample has its own.
      userId: randomUUID(),
      email: address,
      firstName: 'Ada',
      lastName: 'Lovelace',
      cultureName: options.language,
      employeeType: options.guest ? 'Guest' : 'User',
    });
    channel.close();
    if (options.json) {
      terminal.print(JSON.stringify({ outcome: outcome.kind, detail: outcome.detail }));
      return outcome.kind === 'sent' ? exitCodes.done : exitCodes.failed;
    }
    if (outcome.kind === 'sent') {
      terminal.print(`${style('green', 'sent')}  ${printable(address)}: ${outcome.detail}`);
      return exitCodes.done;
    }
    const what = outcome.kind === 'unknown' ? 'unknown' : 'not sent';
    terminal.complain(`${style('red', what)}  ${printable(address)}: ${outcome.detail}`);
    return exitCodes.failed;
  });
}
