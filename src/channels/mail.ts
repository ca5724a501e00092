import { createHash } from 'node:crypto';
import type { Outcome } from '../domain/outcome.ts';
import type { EmployeeType, LetterKind } from '../domain/vocabulary.ts';
import type { Letter, Recipient } from './channel.ts';
import type { Templates } from './templates.ts';

/** A mailbox. `name` may be empty. */
export type Mailbox = { readonly name: string; readonly address: string };

/** A letter as the mail server gets it. The preview is made from the same data. */
export type Mail = {
  readonly from: Mailbox;
  readonly to: Mailbox;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly language: string;
  /** Includes the angle brackets. */
  readonly messageId: string;
};

/** Sends mails through one pool of connections, at a rate that the mail server accepts. */
export type Mailer = {
  /** Gives a mail to the server once. `send` returns before its own deadline, and never throws. */
  readonly send: (mail: Mail) => Promise<Outcome>;
  /** Ends every `send` that is in progress. Each returns at once with what is known. */
  readonly close: () => void;
};

export type Compose = (recipient: Recipient) => Mail;

/** The letter of an invitation, or a reminder of it. */
export type InvitationLetter = {
  readonly invitationId: string;
  readonly kind: LetterKind;
  /** See `LetterAttempt`. A letter that is tried again has the same number. */
  readonly number: number;
  readonly email: string;
  readonly employeeType: EmployeeType;
  readonly language: string | null;
  readonly link: string;
  /** UTC ms. */
  readonly expiresAt: number;
};
export type ComposeInvitation = (letter: InvitationLetter) => Mail;

type ComposeOptions = {
  readonly templates: Templates;
  readonly from: Mailbox;
  /** The portal's origin. */
  readonly portalUrl: string;
  /** The portal's own language, for people whose language is not known or has no letter. */
  readonly portalCulture?: (() => string | null) | undefined;
};

/** Returns a link for samples and previews. It opens nothing. */
export function sampleLinkOf(portalUrl: string): string {
  return `${portalUrl}/s/sample`;
}

/** @returns a function that writes the letters of invitations */
export function createComposeInvitation(options: ComposeOptions): ComposeInvitation {
  const { templates, from, portalUrl, portalCulture = () => null } = options;
  const portalHost = new URL(portalUrl).host;
  return ({ invitationId, kind, number, email, employeeType, language, link, expiresAt }) => {
    const rendered = templates.render({
      cultures: [language, portalCulture()],
      isGuest: employeeType === 'Guest',
      kind,
      view: { link: oneLine(link), expiresAt, portalUrl, portalHost },
    });
    const about = `${invitationId} ${kind} ${number}`;
    const messageId = messageIdOf({ portalUrl, about, from });
    return { from, to: { name: '', address: email }, ...rendered, messageId };
  };
}

/** @returns a function that writes welcomes */
export function createCompose(options: ComposeOptions): Compose {
  const { templates, from, portalUrl, portalCulture = () => null } = options;
  const portalHost = new URL(portalUrl).host;
  return (recipient) => {
    const firstName = oneLine(recipient.firstName);
    const lastName = oneLine(recipient.lastName);
    const { subject, text, html, language } = templates.render({
      cultures: [recipient.cultureName, portalCulture()],
      isGuest: recipient.employeeType === 'Guest',
      kind: 'welcome',
      view: { firstName, lastName, portalUrl, portalHost },
    });
    return {
      from,
      to: { name: displayName(firstName, lastName), address: recipient.email },
      subject,
      text,
      html,
      language,
      messageId: messageIdOf({ portalUrl, about: recipient.userId, from }),
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

/** East Asian names are written as the portal writes them: family name first, without a space. */
function displayName(firstName: string, lastName: string): string {
  const isEastAsian = [firstName, lastName].every((name) =>
    /^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}ー]+$/u.test(name),
  );
  return isEastAsian ? `${lastName}${firstName}` : oneLine(`${firstName} ${lastName}`);
}

/**
 * The Message-ID is the same for every attempt at one letter, so that a repeated mail can be
 * recognised.
 */
function messageIdOf(of: { portalUrl: string; about: string; from: Mailbox }): string {
  const token = createHash('sha256').update(`${of.portalUrl} ${of.about}`).digest('hex');
  return `<${token.slice(0, 40)}@${domainOf(of.from.address)}>`;
}

/** Returns the part after the last @. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

/** The reason for an address that `isMailable` refuses, such as `a@b@c`. */
export const addressInvalid = { code: 'mail_address_invalid' } as const;

/** The longest address that RFC 5321, 4.5.3.1.3 allows. */
const maxAddressLength = 254;

/**
 * Whether a mail may be sent to this address. The check is stricter than RFC 5322: it refuses
 * quoted local parts, address literals and every character that could end an address in a header or
 * command.
 */
export function isMailable(address: string): boolean {
  return (
    address.length <= maxAddressLength &&
    !/[\p{Cc}\p{Cf}\p{Cs}\p{Z}<>()[\]\\",:;]/u.test(address) &&
    /^[^@]{1,64}@[^@.]+(\.[^@.]+)*$/.test(address)
  );
}

/**
 * Whether only a server with SMTPUTF8 (RFC 6531) can accept the address. Only the part before the @
 * matters, because every domain has an ASCII form.
 */
export function needsUtf8(address: string): boolean {
  return /\P{ASCII}/u.test(address.slice(0, address.lastIndexOf('@')));
}

/**
 * The length of the longest line that `oneLine` returns. A name in DocSpace has at most 64 characters.
 */
const maxCharacters = 300;

/**
 * Makes one visible line from a stranger's text. Line breaks and control characters, which could end a
 * header, become spaces. Format characters are removed, because they are invisible or change the
 * direction of text.
 */
export function oneLine(text: string): string {
  const visible = text
    .replace(/\p{Cs}/gu, '\ufffd')
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
    // Two format characters stay: the joiners, which shape letters and emoji.
    .replace(/(?![\u200c\u200d])\p{Cf}/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
  const characters = [...visible];
  if (characters.length <= maxCharacters) return visible;
  return `${characters.slice(0, maxCharacters - 1).join('')}…`;
}
