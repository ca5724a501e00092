import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server';
import { onTestFinished } from 'vitest';
import type { Recipient } from '../../src/channels/channel.ts';
import type { SmtpServer } from '../../src/channels/deps.ts';
import { type Compose, createCompose } from '../../src/channels/mail.ts';
import { createMailer, type MailerOptions, type SmtpTimeouts } from '../../src/channels/mailer.ts';
import { createSmtpChannel } from '../../src/channels/smtp.ts';
import { loadTemplates, type Templates } from '../../src/channels/templates.ts';
import { type Clock, systemClock } from '../../src/clock.ts';

/** A self-signed certificate for localhost and 127.0.0.1, valid for a hundred years. */
const certificate = readFileSync(new URL('./tls/cert.pem', import.meta.url), 'utf8');
const privateKey = readFileSync(new URL('./tls/key.pem', import.meta.url), 'utf8');

export const mailUser = { user: 'welcome', password: 'mail-password-77' } as const;
export const portalUrl = 'https://office.example.com';
export const sender = { name: 'Example Office', address: 'office@example.com' } as const;

export function person(but: Partial<Recipient> = {}): Recipient {
  return {
    userId: 'b0d1f6b4-2f9c-4f0e-8c2e-51a7f4a3d802',
    email: 'zoe@example.com',
    firstName: 'Zoë',
    lastName: 'O’Müller',
    cultureName: 'en-US',
    employeeType: 'User',
    ...but,
  };
}

export function builtInTemplates(): Templates {
  const read = loadTemplates({ folder: null, language: 'en' });
  if (read.kind === 'ok') return read.templates;
  throw new Error(read.faults.join('\n'));
}

export function usualCompose(): Compose {
  return createCompose({ templates: builtInTemplates(), from: sender, portalUrl });
}

/** What happens to a mail. `rcpt:` acts before the text, `dot:` after the final dot. */
export type Fate =
  | 'take'
  | `rcpt:${number}`
  | `dot:${number}`
  | 'rcpt:drop'
  | 'dot:drop'
  | 'dot:hang';

type ReceivedMail = { readonly to: string; readonly raw: string };

/** A real SMTP server on loopback with TLS and AUTH. It stores the mails that it accepted. */
export type MailServer = {
  readonly server: SmtpServer;
  readonly url: string;
  readonly received: readonly ReceivedMail[];
  /** Every mail whose text arrived completely, accepted or not. */
  readonly seen: readonly string[];
  readonly connectionCount: () => number;
  readonly stop: () => Promise<void>;
};

export async function startMailServer(
  given: {
    readonly fate?: (to: string, step: 'rcpt' | 'dot') => Fate;
    readonly options?: SMTPServerOptions;
  } = {},
): Promise<MailServer> {
  const fate = given.fate ?? (() => 'take');
  const received: ReceivedMail[] = [];
  const seen: string[] = [];
  let connections = 0;
  const server: SMTPServer = new SMTPServer({
    secure: true,
    key: privateKey,
    cert: certificate,
    authOptional: false,
    disableReverseLookup: true,
    closeTimeout: 200,
    onConnect(_session, done) {
      connections += 1;
      done();
    },
    onAuth(auth, _session, done) {
      const isRight = auth.username === mailUser.user && auth.password === mailUser.password;
      if (isRight) return done(null, { user: auth.username });
      return done(reply(535, '5.7.8 wrong user or password'));
    },
    onRcptTo(address, session, done) {
      const [when, what] = fate(address.address, 'rcpt').split(':');
      if (when !== 'rcpt') return done();
      if (what === 'drop') return cut(server, session);
      return done(reply(Number(what), `no such person as ${address.address}`));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const to = session.envelope.rcptTo[0]?.address ?? '';
        const [when, what] = fate(to, 'dot').split(':');
        seen.push(to);
        if (when === 'dot' && what === 'hang') return;
        if (when === 'dot' && what === 'drop') return cut(server, session);
        if (when === 'dot') return done(reply(Number(what), `not this mail to ${to}`));
        received.push({ to, raw: Buffer.concat(chunks).toString('utf8') });
        done();
      });
    },
    ...given.options,
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  // `listen` got a host and port, so this is a TCP address.
  const { port } = server.server.address() as AddressInfo;
  const isSecure = given.options?.secure ?? true;
  let isStopped = false;
  const stop = async () => {
    if (isStopped) return;
    isStopped = true;
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  onTestFinished(stop);
  const login = `${mailUser.user}:${mailUser.password}`;
  return {
    server: { host: '127.0.0.1', port, secure: isSecure, requireTls: !isSecure, login: mailUser },
    url: `${isSecure ? 'smtps' : 'smtp'}://${login}@127.0.0.1:${port}`,
    received,
    seen,
    connectionCount: () => connections,
    stop,
  };
}

/** Longer than any machine needs, shorter than the limit of a test. */
const longTimeouts: SmtpTimeouts = { connectMs: 6_000, silenceMs: 6_000, totalMs: 15_000 };

export function smtpTo(
  server: SmtpServer,
  { compose = usualCompose(), ...but }: Partial<MailerOptions> & { compose?: Compose } = {},
) {
  const mailer = createMailer({
    server,
    clock: systemClock,
    ca: certificate,
    timeouts: longTimeouts,
    ...but,
  });
  const channel = createSmtpChannel({ mailer, compose });
  onTestFinished(() => channel.close());
  return channel;
}

/** The real clock, but `speed` times as fast, so that every wait is shorter. */
export function fastClock(speed: number): Clock {
  const startedAt = Date.now();
  const now = () => startedAt + (Date.now() - startedAt) * speed;
  return {
    now,
    elapsed: now,
    schedule(at, work) {
      const timer = setTimeout(work, Math.max(0, (at - now()) / speed));
      return () => clearTimeout(timer);
    },
  };
}

function reply(code: number, message: string): Error & { responseCode: number } {
  return Object.assign(new Error(message), { responseCode: code });
}

/** Breaks the connection without a reply, as a crash or a firewall does. */
function cut(server: SMTPServer, session: SMTPServerSession): void {
  for (const connection of server.connections) {
    if (connection.session === session) connection._socket.destroy();
  }
}
