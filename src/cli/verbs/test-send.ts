import { randomUUID } from 'node:crypto';
import { invitationLetters, loadChannelFiles, openMailer } from '../../channels/channels.ts';
import { type InvitationLetter, sampleLinkOf } from '../../channels/mail.ts';
import { smtpChannel } from '../../channels/smtp.ts';
import { systemClock } from '../../clock.ts';
import { invitationLifetimeMs } from '../../domain/invitation.ts';
import type { LetterFileKind } from '../../domain/vocabulary.ts';
import { reasonText } from '../../messages/render.ts';
import { printable, printJson, style } from '../terminal.ts';
import { type ExitCode, exitCodes, type VerbContext, withConfig } from '../verb.ts';

/**
 * `test-send ADDRESS`: mails a sample of a letter, with a made-up name or link. Nothing is recorded.
 * @param letter.language null: WELCOME_LANGUAGE
 */
export function testSend(
  context: VerbContext,
  address: string,
  letter: {
    readonly kind: LetterFileKind;
    readonly language: string | null;
    readonly guest: boolean;
  },
): Promise<ExitCode> {
  const { terminal, json } = context;
  return withConfig(context, async (config) => {
    if (!config.SMTP_URL || !config.WELCOME_FROM) {
      terminal.printError(
        'This service has no mail server. Set SMTP_URL and WELCOME_FROM. (The portal itself writes the letter of the docspace channel, so no sample of it can be mailed.)',
      );
      return exitCodes.configuration;
    }
    const read = await loadChannelFiles(config);
    if (read.kind === 'faulty') {
      for (const fault of read.faults) terminal.printError(fault);
      return exitCodes.configuration;
    }
    const mailer = await openMailer(config, { clock: systemClock });
    const deps = { settings: config, files: read.files, mailer };
    const channel = smtpChannel(deps);
    const compose = invitationLetters(deps);
    if (!mailer || !compose) throw new Error('the settings of the mail server were just checked');
    const { kind, language, guest } = letter;
    const employeeType = guest ? 'Guest' : 'User';
    const sample: InvitationLetter = {
      // The Message-ID is made from this id. Some mail servers drop a mail whose Message-ID they know.
      invitationId: randomUUID(),
      kind: kind === 'reminder' ? kind : 'invitation',
      number: 1,
      email: address,
      employeeType,
      language,
      link: sampleLinkOf(config.DOCSPACE_URL),
      expiresAt: systemClock.now() + invitationLifetimeMs,
    };
    const welcome = {
      userId: randomUUID(),
      email: address,
      firstName: 'Ada',
      lastName: 'Lovelace',
      cultureName: language,
      employeeType,
    } as const;
    const outcome = await (kind === 'welcome'
      ? channel.send(welcome)
      : mailer.send(compose(sample)));
    channel.close();
    const code = outcome.kind === 'sent' ? exitCodes.done : exitCodes.failed;
    const text = reasonText(outcome.reason);
    if (json) {
      printJson(terminal, { outcome: outcome.kind, reason: { ...outcome.reason, text } });
      return code;
    }
    const line = `${printable(address)}: ${printable(text)}`;
    if (outcome.kind === 'sent') terminal.print(`${style('green', 'sent')}  ${line}`);
    else {
      const result = outcome.kind === 'unknown' ? 'unknown' : 'not sent';
      terminal.printError(`${style('red', result)}  ${line}`);
    }
    return code;
  });
}
