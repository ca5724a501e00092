import { isIP } from 'node:net';
import type { Readable } from 'node:stream';
import { createTransport } from 'nodemailer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Clock } from '../clock.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { MailReason } from '../domain/reason.ts';
import type { SmtpServer, WelcomeSettings } from './deps.ts';
import { addressInvalid, domainOf, isMailable, type Mail, type Mailer, needsUtf8 } from './mail.ts';
import { createMailPace, type Turn } from './mail-pace.ts';
import { outcomeOfFailure } from './smtp-outcome.ts';

export type MailerOptions = {
  readonly server: SmtpServer;
  readonly clock: Clock;
  /** The host name for EHLO. Many servers refuse an address such as `[127.0.0.1]`. */
  readonly name?: string | undefined;
  readonly connections?: number;
  /** `SMTP_MAX_PER_MINUTE`; null: only the server's answers limit the rate. */
  readonly maxPerMinute?: number | null;
  /** Returns a random number from 0 to 1, so that retries do not come together. */
  readonly random?: (() => number) | undefined;
  /** The PEM certificate of a private authority that signed the server's certificate. */
  readonly ca?: string;
  readonly timeouts?: SmtpTimeouts;
};
export type SmtpTimeouts = {
  readonly connectMs: number;
  /** How long the server may be silent within a session. */
  readonly silenceMs: number;
  /**
   * The time limit of one `send`: for the SMTPUTF8 check, the wait for a turn, the wait for a connection
   * and the delivery together. It is shorter than the lease of an attempt.
   */
  readonly totalMs: number;
};

const usualTimeouts: SmtpTimeouts = { connectMs: 15_000, silenceMs: 60_000, totalMs: 90_000 };
/**
 * The pool ends a session that was idle for this time. The server would end it some minutes later
 * (RFC 5321, 4.5.3.2.7).
 */
const idleMs = 30_000;

/** Creates a mailer. It gives each mail to the server once: the pool never repeats a mail. */
export function createMailer(options: MailerOptions): Mailer {
  const { server, clock, maxPerMinute = null, random = Math.random } = options;
  const timeouts = options.timeouts ?? usualTimeouts;
  const pace = createMailPace({ maxPerMinute, clock, random });
  const takesUtf8 = createUtf8Check(options, timeouts.connectMs);
  const pool = createPool(options, timeouts);
  const underWay = new Set<AbortController>();

  async function sendInTurn(mail: Mail): Promise<Outcome> {
    const deadline = new AbortController();
    underWay.add(deadline);
    const cancel = clock.schedule(clock.now() + timeouts.totalMs, () => deadline.abort());
    try {
      const check = needsUtf8(mail.to.address) ? await takesUtf8(deadline.signal) : 'yes';
      if (check !== 'yes') return check;
      const turn = await pace.turn(deadline.signal);
      if (turn.waitMs > 0) {
        return { kind: 'not_sent', reason: { code: 'mail_rate_limited' }, waitMs: turn.waitMs };
      }
      if (deadline.signal.aborted) {
        return { kind: 'not_sent', reason: { code: 'mail_timed_out' }, waitMs: null };
      }
      return await deliver(mail, turn, deadline.signal);
    } finally {
      cancel();
      underWay.delete(deadline);
    }
  }

  async function deliver(mail: Mail, turn: Turn, signal: AbortSignal): Promise<Outcome> {
    try {
      const response = await pool.send(messageOf(mail, clock.now(), signal));
      pace.note('accepted', turn);
      return { kind: 'sent', reason: { code: 'mail_accepted', reply: response.slice(0, 3) } };
    } catch (error) {
      const outcome = outcomeOfFailure(error, pool.hasTextBegun(signal), server);
      if (!isDeferred(outcome)) return outcome;
      pace.note('deferred', turn);
      return { ...outcome, waitMs: pace.retryInMs() };
    }
  }

  return {
    async send(mail) {
      return isMailable(mail.to.address)
        ? sendInTurn(mail)
        : { kind: 'refused', reason: addressInvalid, streak: null };
    },
    close() {
      for (const deadline of underWay) deadline.abort();
      pool.close();
    },
  };
}

/**
 * Whether the server may have deferred the mail because too many mails arrive. Servers then reply 421,
 * 450 or 451 (RFC 5321, 4.2.3). Some servers close the connection without a reply instead.
 */
function isDeferred(outcome: Outcome): outcome is Extract<Outcome, { kind: 'not_sent' }> {
  if (outcome.kind !== 'not_sent') return false;
  const { reason } = outcome;
  const isReply = 'reply' in reason && /^(421|450|451)\b/.test(reason.reply);
  return isReply || reason.code === 'mail_connection_closed';
}

function createPool(options: MailerOptions, timeouts: SmtpTimeouts) {
  /** The text of each mail, by its signal. The text is read only after the server has asked for it. */
  const texts = new WeakMap<AbortSignal, Readable>();
  const transport = createTransport({
    pool: true,
    maxConnections: options.connections ?? 5,
    maxRequeues: 0,
    idleTimeout: idleMs,
    ...connectionOptions(options, timeouts.connectMs),
    socketTimeout: timeouts.silenceMs,
    socketCloseTimeout: 1_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  // An idle connection that breaks affects no mail. If a connection in use breaks, its `send` fails.
  transport.on('error', () => {});
  transport.use('stream', (mail, done) => {
    const { signal } = mail.data;
    mail.message.processFunc((text) => {
      if (signal) texts.set(signal, text);
      return text;
    });
    done();
  });
  return {
    /** @returns the server's reply after the text */
    send: async (message: ReturnType<typeof messageOf>): Promise<string> =>
      (await transport.sendMail(message)).response,
    hasTextBegun: (signal: AbortSignal) => texts.get(signal)?.readableDidRead === true,
    close: () => transport.close(),
  };
}

function connectionOptions(
  options: Pick<MailerOptions, 'server' | 'name' | 'ca'>,
  timeoutMs: number,
) {
  const { server, name, ca } = options;
  return {
    host: server.host,
    port: server.port,
    secure: server.secure,
    requireTLS: server.requireTls,
    ignoreTLS: server.tls === 'off',
    ...(name === undefined ? {} : { name }),
    ...(server.login ? { auth: { user: server.login.user, pass: server.login.password } } : {}),
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(server.tls === 'insecure' ? { rejectUnauthorized: false } : {}),
    },
    dnsTimeout: timeoutMs,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
  };
}

const utf8AnswerLivesMs = 3_600_000;

/**
 * Returns a function that asks the server whether it accepts addresses beyond ASCII (SMTPUTF8, RFC 6531).
 * A server without SMTPUTF8 may read such an address as another address. The answer is cached.
 */
function createUtf8Check(options: MailerOptions, timeoutMs: number) {
  let known: { readonly takesUtf8: boolean; readonly until: number } | null = null;
  return async (signal: AbortSignal): Promise<'yes' | Outcome> => {
    const { clock } = options;
    if (known === null || clock.now() > known.until) {
      try {
        const takesUtf8 = /[ -]SMTPUTF8\b/im.test(await ehloReply(options, timeoutMs, signal));
        known = { takesUtf8, until: clock.now() + utf8AnswerLivesMs };
      } catch (error) {
        return outcomeOfFailure(error, false, options.server);
      }
    }
    if (known.takesUtf8) return 'yes';
    return { kind: 'refused', reason: { code: 'mail_address_needs_utf8' }, streak: null };
  };
}

/** `EABORT` is nodemailer's code for a mail whose signal was aborted. */
const abortError = Object.assign(new Error('the check was ended'), { code: 'EABORT' });

/** Connects, and returns the server's last reply to EHLO. */
function ehloReply(
  options: MailerOptions,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string> {
  const connection = new SMTPConnection({
    ...connectionOptions(options, timeoutMs),
    socketTimeout: timeoutMs,
  });
  return new Promise<string>((resolve, reject) => {
    connection.on('error', reject);
    signal.addEventListener('abort', () => reject(abortError));
    connection.connect((error) => {
      if (error) reject(error);
      else resolve(connection.lastServerResponse || '');
    });
  }).finally(() => connection.close());
}

/**
 * Creates the mailer of these settings.
 * @throws if `SMTP_URL` is not set
 */
export function mailerOf(
  settings: WelcomeSettings,
  environment: Pick<MailerOptions, 'clock' | 'random'>,
): Mailer {
  const { SMTP_URL: server } = settings;
  if (server === null) throw new Error('SMTP_URL is needed to send mail');
  return createMailer({
    ...environment,
    server,
    name: ehloName(settings),
    connections: settings.SMTP_CONNECTIONS,
    maxPerMinute: settings.SMTP_MAX_PER_MINUTE,
  });
}

/**
 * Returns the host name for EHLO: `SMTP_NAME`, else the host of `PUBLIC_URL` if it is a name with a dot,
 * else the sender's domain.
 */
export function ehloName(
  settings: Pick<WelcomeSettings, 'SMTP_NAME' | 'PUBLIC_URL' | 'WELCOME_FROM'>,
): string | undefined {
  const { SMTP_NAME: name, PUBLIC_URL: publicUrl, WELCOME_FROM: from } = settings;
  if (name !== null) return name;
  const host = publicUrl === null ? '' : new URL(publicUrl).hostname;
  const isPublic = host.includes('.') && isIP(host) === 0;
  return isPublic ? host : from ? domainOf(from.address) : undefined;
}

/**
 * Connects to the mail server, encrypts, and logs in if `SMTP_URL` has a user. It sends no mail.
 * @returns null if everything succeeded, else why not
 */
export async function checkSmtp(options: {
  readonly server: SmtpServer;
  readonly timeoutMs: number;
  readonly name?: string | undefined;
  readonly ca?: string;
}): Promise<MailReason | null> {
  const transport = createTransport({
    ...connectionOptions(options, options.timeoutMs),
    socketTimeout: options.timeoutMs,
    // Without this, nodemailer skips the login if the server does not offer it, and the fault stays
    // hidden.
    forceAuth: options.server.login !== null,
  });
  try {
    await transport.verify();
    return null;
  } catch (error) {
    return outcomeOfFailure(error, false, options.server).reason;
  } finally {
    transport.close();
  }
}

function messageOf(mail: Mail, now: number, signal: AbortSignal) {
  return {
    from: mail.from,
    to: mail.to,
    // The recipient is given separately, so that no header can add another recipient.
    envelope: { from: mail.from.address, to: [mail.to.address] },
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    messageId: mail.messageId,
    date: new Date(now),
    headers: {
      // Tells mail programs not to send an absence notice (RFC 3834; the second header is for
      // Exchange).
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      'Content-Language': mail.language,
    },
    signal,
  };
}
