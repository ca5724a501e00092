import type { Outcome } from '../domain/outcome.ts';

/** What nodemailer says of a mail that did not go through. */
type MailError = {
  /** Which reply ended it: `MAIL FROM`, `RCPT TO`, `DATA`, `AUTH …`; `CONN`: none did. */
  readonly command: string;
  readonly code: string;
  /** The cause of a `code` that hides one: `ECONNREFUSED`, a certificate's fault. */
  readonly originalCode: string;
  /** Three digits; 0: no reply. */
  readonly replyCode: number;
  /** RFC 3463, with a space before it, or nothing. */
  readonly enhanced: string;
};

/**
 * A failed mail → outcome (design: "What an answer means").
 * @param bodyBegun the server said 354 and the mail went out: the final dot may have arrived
 * @returns a detail without the reply's text, which can hold the address
 */
export function outcomeOfFailure(error: unknown, bodyBegun: boolean): Outcome {
  const failure = readError(error);
  if (bodyBegun) return afterBody(failure);
  switch (failure.command) {
    case 'RCPT TO':
      return aboutRecipient(failure, 'the recipient');
    case 'DATA':
      return aboutRecipient(failure, 'the mail before its text');
    default:
      return beforeRecipient(failure);
  }
}

/** Only a whole reply to the final dot says what became of the mail. */
function afterBody(failure: MailError): Outcome {
  const isReply = failure.command === 'DATA' && failure.code === 'EMESSAGE';
  if (isReply && isNegative(failure)) return aboutRecipient(failure, 'the mail');
  const how = failure.code === 'ETIMEDOUT' || failure.code === 'EABORT' ? 'said nothing' : 'left';
  return {
    kind: 'unknown',
    detail: `the mail server ${how} after it had been given the mail`,
  };
}

function aboutRecipient(failure: MailError, what: string): Outcome {
  if (failure.replyCode >= 500) {
    return {
      kind: 'refused',
      detail: `the mail server refused ${what}${replyOf(failure)}`,
      streak: String(failure.replyCode),
    };
  }
  return notSent(`the mail server did not take ${what} for now${replyOf(failure)}`);
}

/** Connection, TLS, login, sender: never the fault of who was to get the mail. */
function beforeRecipient(failure: MailError): Outcome {
  const reply = replyOf(failure);
  // A line that the closing connection cut off is no reply: it could have been to RCPT.
  const isPermanent = failure.replyCode >= 500 && failure.code !== 'ECONNECTION';
  const { command } = failure;
  if (failure.code === 'EAUTH') {
    const detail = `the mail server did not accept the login${reply}: check user and password in SMTP_URL`;
    return { ...notSent(detail), pausesChannel: isPermanent || failure.replyCode === 0 };
  }
  if (command === 'MAIL FROM') {
    const detail = `the mail server did not accept the sender${reply}: check WELCOME_FROM`;
    return { ...notSent(detail), pausesChannel: isPermanent };
  }
  if (failure.replyCode > 0) {
    return { ...notSent(`the mail server turned us away${reply}`), pausesChannel: isPermanent };
  }
  return notSent(connectionTrouble(failure));
}

function connectionTrouble({ code, originalCode }: MailError): string {
  if (/CERT|SIGNATURE|ALTNAME/.test(originalCode)) {
    return `the certificate of the mail server is not trusted (${originalCode})`;
  }
  switch (code) {
    case 'EDNS':
      return 'the mail server of SMTP_URL has no address (DNS)';
    case 'ETLS':
      return 'the mail server offers no encryption (STARTTLS), or it failed';
    case 'ETIMEDOUT':
    case 'EABORT':
      return 'the mail server did not answer in time';
    case 'ECONNECTION':
      return 'the mail server closed the connection before it was given the mail';
    default:
      return `the mail server cannot be reached${originalCode === '' ? '' : ` (${originalCode})`}`;
  }
}

function notSent(detail: string): Extract<Outcome, { kind: 'not_sent' }> {
  return { kind: 'not_sent', detail, waitMs: null };
}

function isNegative({ replyCode }: MailError): boolean {
  return replyCode >= 400 && replyCode < 600;
}

function replyOf({ replyCode, enhanced }: MailError): string {
  return replyCode === 0 ? '' : ` (${replyCode}${enhanced})`;
}

function readError(error: unknown): MailError {
  const fields: Readonly<Record<string, unknown>> =
    typeof error === 'object' && error !== null ? { ...error } : {};
  const replyCode = Number(fields.responseCode ?? 0);
  const enhanced = /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})(?!\S)/.exec(textOf(fields.response))?.[1];
  return {
    command: textOf(fields.command),
    code: textOf(fields.code),
    originalCode: textOf(fields.originalCode).replace(/[^A-Z0-9_]/g, ''),
    replyCode: Number.isInteger(replyCode) ? replyCode : 0,
    enhanced: enhanced === undefined ? '' : ` ${enhanced}`,
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
