import type { Outcome } from '../domain/outcome.ts';
import type { MailReason } from '../domain/reason.ts';

/** The part of `SMTP_URL` that explains some failures. */
type Encryption = { readonly secure: boolean; readonly port: number };

/** The error of nodemailer for a mail that was not accepted. */
type MailError = {
  /**
   * The command that failed: `MAIL FROM`, `RCPT TO`, `DATA`, `AUTH …`, or `CONN` if the server did
   * not reply.
   */
  readonly command: string;
  readonly code: string;
  /** The code of the first cause, such as `ECONNREFUSED` or the fault of a certificate. */
  readonly originalCode: string;
  /** Three digits. 0 if the server did not reply. */
  readonly replyCode: number;
  /** The enhanced status code (RFC 3463) with a space before it, or an empty string. */
  readonly enhanced: string;
  /** The message is never shown, because it can contain the address of the recipient. */
  readonly message: string;
};

/**
 * The outcome of a mail that the server did not accept (docs/design.md#what-an-answer-means).
 * @param bodyBegun true if the server replied 354 and the sending of the text began, so the server may
 *   have received the whole mail
 */
export function outcomeOfFailure(
  error: unknown,
  bodyBegun: boolean,
  server: Encryption,
): MailFailure {
  const failure = readError(error);
  if (bodyBegun) return afterText(failure, server);
  switch (failure.command) {
    case 'RCPT TO':
      return refusedOrDeferred(failure, server, 'recipient');
    case 'DATA':
      return refusedOrDeferred(failure, server, 'mail');
    default:
      return beforeRecipient(failure, server);
  }
}

type MailFailure = Exclude<Outcome, { kind: 'sent' }> & { readonly reason: MailReason };

/**
 * Returns the outcome of a failure after the sending of the text began. Only a complete reply to the
 * final dot tells what happened to the mail.
 */
function afterText(failure: MailError, server: Encryption): MailFailure {
  const isReply = failure.command === 'DATA' && failure.code === 'EMESSAGE';
  if (isReply && isNegative(failure)) {
    return refusedOrDeferred(failure, server, 'mail');
  }
  const isLate = failure.code === 'ETIMEDOUT' || failure.code === 'EABORT';
  const code = isLate ? 'mail_timed_out_after_text' : 'mail_connection_lost_after_text';
  return { kind: 'unknown', reason: { code } };
}

function refusedOrDeferred(
  failure: MailError,
  server: Encryption,
  what: 'recipient' | 'mail',
): MailFailure {
  const reply = replyOf(failure);
  const isRecipient = what === 'recipient';
  if (failure.replyCode >= 500) {
    const code = isRecipient ? 'mail_recipient_refused' : 'mail_refused';
    return { kind: 'refused', reason: { code, reply }, streak: String(failure.replyCode) };
  }
  if (failure.replyCode === 0) return notSent(connectionReason(failure, server));
  return notSent({ code: isRecipient ? 'mail_recipient_deferred' : 'mail_deferred', reply });
}

/**
 * Returns the outcome of a failure that concerns the connection, TLS, the login or the sender, but never
 * the recipient.
 */
function beforeRecipient(failure: MailError, server: Encryption): MailFailure {
  const reply = replyOf(failure);
  // When the connection is closing, it is not certain which command this reply answers. The command may
  // be RCPT TO, so the refusal does not count as permanent.
  const isPermanent = failure.replyCode >= 500 && failure.code !== 'ECONNECTION';
  if (failure.code === 'EAUTH') {
    const pausesChannel = isPermanent || failure.replyCode === 0;
    return { ...notSent(loginReason(failure)), pausesChannel };
  }
  if (failure.command === 'MAIL FROM') {
    const code = failure.replyCode === 530 ? 'mail_login_required' : 'mail_sender_refused';
    return { ...notSent({ code, reply }), pausesChannel: isPermanent };
  }
  if (failure.code === 'ETLS' && failure.replyCode > 0) {
    return { ...notSent({ code: 'mail_encryption_missing' }), pausesChannel: isPermanent };
  }
  if (failure.replyCode > 0) {
    return { ...notSent({ code: 'mail_session_refused', reply }), pausesChannel: isPermanent };
  }
  return notSent(connectionReason(failure, server));
}

/** Returns why a login failed. Providers use the reply codes with these meanings. */
function loginReason(failure: MailError): MailReason {
  const reply = replyOf(failure);
  const { enhanced, replyCode } = failure;
  if (enhanced === ' 5.7.139') return { code: 'mail_basic_login_disabled', reply };
  if (replyCode === 534 || enhanced === ' 5.7.9')
    return { code: 'mail_app_password_needed', reply };
  if ([500, 502, 503, 504].includes(replyCode)) return { code: 'mail_login_not_offered', reply };
  return { code: 'mail_login_refused', reply };
}

function connectionReason(failure: MailError, server: Encryption): MailReason {
  const { code, originalCode, message } = failure;
  if (/CERT|SIGNATURE|ALTNAME/.test(originalCode)) {
    return { code: 'mail_certificate_untrusted', cause: originalCode };
  }
  const certificate = /(?:self-signed |expired |verify the first )?certificate|altnames/i.exec(
    message,
  );
  if (certificate) return { code: 'mail_certificate_untrusted', cause: certificate[0] };
  if (
    server.secure &&
    /WRONG_VERSION|wrong version number|packet length/i.test(originalCode + message)
  ) {
    return { code: 'mail_port_without_tls', port: server.port };
  }
  const isSilent = code === 'ETIMEDOUT' || code === 'ECONNECTION';
  if (!server.secure && server.port === 465 && isSilent) {
    return { code: 'mail_port_with_tls', port: server.port };
  }
  switch (code) {
    case 'EDNS':
      return { code: 'mail_server_not_found' };
    case 'ETLS':
      return { code: 'mail_encryption_missing' };
    case 'ETIMEDOUT':
    case 'EABORT':
      return { code: 'mail_timed_out' };
    case 'ECONNECTION':
      return { code: 'mail_connection_closed' };
    default:
      return { code: 'mail_unreachable', cause: originalCode };
  }
}

function notSent(reason: MailReason): Extract<MailFailure, { kind: 'not_sent' }> {
  return { kind: 'not_sent', reason, waitMs: null };
}

function isNegative({ replyCode }: MailError): boolean {
  return replyCode >= 400 && replyCode < 600;
}

function replyOf({ replyCode, enhanced }: MailError): string {
  return replyCode === 0 ? '' : `${replyCode}${enhanced}`;
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
    message: error instanceof Error ? error.message : '',
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
