import type { Channel } from './channel.ts';
import type { ChannelDeps } from './deps.ts';
import {
  addressInvalid,
  type Compose,
  createCompose,
  isMailable,
  letterOf,
  type Mailer,
} from './mail.ts';

/** Creates the channel that sends the welcome as a mail. */
export function createSmtpChannel(options: {
  readonly mailer: Mailer;
  readonly compose: Compose;
}): Channel {
  const { mailer, compose } = options;
  return {
    name: 'smtp',
    send: (recipient) => mailer.send(compose(recipient)),
    preview(recipient) {
      const obstacle = isMailable(recipient.email) ? null : addressInvalid;
      return { letter: letterOf(compose(recipient)), obstacle };
    },
    close: mailer.close,
  };
}

/**
 * Creates the channel `smtp` from the settings.
 * @throws if the settings of the mail server are missing. That is a bug, because the configuration was
 *   checked before.
 */
export function smtpChannel(
  deps: Pick<ChannelDeps, 'settings' | 'files' | 'mailer' | 'portalCulture'>,
): Channel {
  const { settings, files, mailer, portalCulture } = deps;
  const { WELCOME_FROM: from, DOCSPACE_URL: portalUrl } = settings;
  const { templates } = files;
  if (!mailer || !from || !templates) {
    throw new Error('SMTP_URL and WELCOME_FROM are needed to send mail');
  }
  const compose = createCompose({ templates, from, portalUrl, portalCulture });
  return createSmtpChannel({ mailer, compose });
}
