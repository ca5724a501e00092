import type { Readable } from 'node:stream';
import { createTransport } from 'nodemailer';
import type { Clock } from '../clock.ts';
import type { Outcome } from '../domain/outcome.ts';
import { isMailable } from './address.ts';
import type { Channel, Recipient } from './channel.ts';
import type { Ingredients } from './ingredients.ts';
import { type Compose, createCompose, letterOf, type Mail } from './mail.ts';
import { outcomeOfFailure } from './smtp-outcome.ts';

/** Where mail goes in, from `SMTP_URL`. */
export type SmtpServer = {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (`smtps:`). */
  readonly secure: boolean;
  /** No mail without STARTTLS. */
  readonly requireTls: boolean;
  readonly login: { readonly user: string; readonly password: string } | null;
};

export type SmtpChannelOptions = {
  readonly server: SmtpServer;
  readonly compose: Compose;
  readonly clock: Clock;
  /** PEM, of a server that no public authority vouches for. */
  readonly ca?: string;
  readonly timeouts?: SmtpTimeouts;
};
export type SmtpTimeouts = {
  readonly connectMs: number;
  /** Silence in the middle. */
  readonly silenceMs: number;
  /** All of one `send`, with the wait for a free connection: well below the lease of an attempt. */
  readonly totalMs: number;
};

const usualTimeouts: SmtpTimeouts = { connectMs: 15_000, silenceMs: 60_000, totalMs: 90_000 };
/** Mail servers count connections per client; few want more. */
const connections = 5;
/** Servers end idle sessions after minutes (RFC 5321, 4.5.3.2.7): ours are gone before. */
const idleMs = 30_000;

const badAddress = 'the address of this person is not one that can be mailed';

/**
 * The welcome as a mail of our own, through one pool of connections.
 * A mail is given to the server once: the pool repeats nothing by itself.
 */
export function createSmtpChannel(options: SmtpChannelOptions): Channel {
  const { server, compose, clock } = options;
  const timeouts = options.timeouts ?? usualTimeouts;
  /** The body of each mail under way: whether it was read is whether the server asked for it. */
  const bodies = new WeakMap<AbortSignal, Readable>();
  const underWay = new Set<AbortController>();
  const transport = createTransport({
    pool: true,
    maxConnections: connections,
    maxRequeues: 0,
    idleTimeout: idleMs,
    host: server.host,
    port: server.port,
    secure: server.secure,
    requireTLS: server.requireTls,
    ...(server.login ? { auth: { user: server.login.user, pass: server.login.password } } : {}),
    ...(options.ca === undefined ? {} : { tls: { ca: options.ca } }),
    dnsTimeout: timeouts.connectMs,
    connectionTimeout: timeouts.connectMs,
    greetingTimeout: timeouts.connectMs,
    socketTimeout: timeouts.silenceMs,
    socketCloseTimeout: 1_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  // A connection that breaks while idle is nobody's failure; those with a mail answer its `send`.
  transport.on('error', () => {});
  transport.use('stream', (mail, done) => {
    const { signal } = mail.data;
    mail.message.processFunc((body) => {
      if (signal) bodies.set(signal, body);
      return body;
    });
    done();
  });

  async function send(recipient: Recipient): Promise<Outcome> {
    const deadline = new AbortController();
    const { signal } = deadline;
    underWay.add(deadline);
    const cancel = clock.schedule(clock.now() + timeouts.totalMs, () => deadline.abort());
    try {
      const message = messageOf(compose(recipient), clock.now(), signal);
      const { response } = await transport.sendMail(message);
      return { kind: 'sent', detail: `the mail server took it (${response.slice(0, 3)})` };
    } catch (error) {
      return outcomeOfFailure(error, bodies.get(signal)?.readableDidRead === true);
    } finally {
      cancel();
      underWay.delete(deadline);
    }
  }

  return {
    name: 'smtp',
    async send(recipient) {
      if (!isMailable(recipient.email)) {
        return { kind: 'refused', detail: badAddress, streak: null };
      }
      return send(recipient);
    },
    preview(recipient) {
      const obstacle = isMailable(recipient.email) ? null : badAddress;
      return { letter: letterOf(compose(recipient)), obstacle };
    },
    close() {
      for (const one of underWay) one.abort();
      transport.close();
    },
  };
}

/** @throws when the settings of the mail server are missing: the configuration is checked before */
export function smtpChannel(from: Pick<Ingredients, 'settings' | 'prepared' | 'clock'>): Channel {
  const { SMTP_URL: server, WELCOME_FROM: sender, DOCSPACE_URL: portalUrl } = from.settings;
  const { templates } = from.prepared;
  if (!server || !sender || !templates) {
    throw new Error('SMTP_URL and WELCOME_FROM are needed to send mail');
  }
  const compose = createCompose({ templates, from: sender, portalUrl });
  return createSmtpChannel({ server, compose, clock: from.clock });
}

function messageOf(mail: Mail, now: number, signal: AbortSignal) {
  return {
    from: mail.from,
    to: mail.to,
    // Said by itself, so that nothing in a header can ever add a recipient.
    envelope: { from: mail.from.address, to: [mail.to.address] },
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    messageId: mail.messageId,
    date: new Date(now),
    // RFC 3834: no holiday notice answers this.
    headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': mail.language },
    signal,
  };
}
