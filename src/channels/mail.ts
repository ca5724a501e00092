import { createHash } from 'node:crypto';
import type { Letter, Recipient } from './channel.ts';
import { oneLine } from './one-line.ts';
import type { Templates } from './templates.ts';

/** A mailbox: `name` may be empty. */
export type Mailbox = { readonly name: string; readonly address: string };

/** The welcome as it goes to the mail server; what `preview` shows is made from the same. */
export type Mail = {
  readonly from: Mailbox;
  readonly to: Mailbox;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly language: string;
  /** With its angle brackets. */
  readonly messageId: string;
};

export type Compose = (recipient: Recipient) => Mail;

/** @param portalUrl the portal's origin */
export function createCompose(options: {
  readonly templates: Templates;
  readonly from: Mailbox;
  readonly portalUrl: string;
}): Compose {
  const { templates, from, portalUrl } = options;
  const portalHost = new URL(portalUrl).host;
  return (recipient) => {
    const firstName = oneLine(recipient.firstName);
    const lastName = oneLine(recipient.lastName);
    const { subject, text, html, language } = templates.render({
      cultureName: recipient.cultureName,
      isGuest: recipient.employeeType === 'Guest',
      view: { firstName, lastName, portalUrl, portalHost },
    });
    return {
      from,
      to: { name: oneLine(`${firstName} ${lastName}`), address: recipient.email },
      subject,
      text,
      html,
      language,
      messageId: messageIdOf({ portalUrl, userId: recipient.userId, from }),
    };
  };
}

export function letterOf(mail: Mail): Extract<Letter, { kind: 'mail' }> {
  const { from, to, subject, text, html, language, messageId } = mail;
  const shown = { subject, text, html, language, messageId };
  return { kind: 'mail', from: mailboxText(from), to: mailboxText(to), ...shown };
}

function mailboxText({ name, address }: Mailbox): string {
  return name === '' ? address : `${name} <${address}>`;
}

/** The same for every attempt at one person, so that a repeat can be recognised. */
function messageIdOf(of: { portalUrl: string; userId: string; from: Mailbox }): string {
  const token = createHash('sha256').update(`${of.portalUrl} ${of.userId}`).digest('hex');
  const domain = of.from.address.slice(of.from.address.lastIndexOf('@') + 1);
  return `<${token.slice(0, 40)}@${domain}>`;
}
