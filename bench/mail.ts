import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createTransport } from 'nodemailer';
import { SMTPServer } from 'smtp-server';
import {
  type ComposeInvitation,
  createComposeInvitation,
  type Mail,
} from '../src/channels/mail.ts';
import { createMailer } from '../src/channels/mailer.ts';
import { loadTemplates } from '../src/channels/templates.ts';
import { systemClock } from '../src/clock.ts';
import type { Report } from './report.ts';
import { figureOf, inRounds, ratioOf, spreadOf } from './rounds.ts';
import type { BenchOptions } from './run.ts';

/*
 * Measures how many letters of invitations a second go through the pool, to a mail server with TLS and
 * AUTH in the same process, beside nodemailer alone with the same mails.
 */

/** As many as the service sends at the same time (DOCSPACE_CONCURRENCY). */
const atATime = 8;
/** How long the server takes for each mail, in ms. */
const serverTimes = [0, 50];
const tls = new URL('../test/channels/tls/', import.meta.url);
const cert = readFileSync(new URL('cert.pem', tls), 'utf8');

export async function mail({ isShort }: BenchOptions): Promise<Report> {
  const mails = isShort ? 20 : 1_000;
  const rounds = isShort ? 1 : 5;
  const variants = serverTimes.flatMap((ms) =>
    [pooled, bare].map((open) => ({
      name: nameOf(open, ms),
      measure: async () => ({ rate: await mailsPerSecond({ mails, serverMs: ms, open }) }),
    })),
  );
  for (const variant of variants) await variant.measure();
  const measured = await inRounds(variants, rounds);
  return {
    bench: 'mail',
    setting: `${mails} mails, ${atATime} at a time, ${rounds} rounds`,
    tables: [
      {
        title: 'Letters a second',
        columns: ['variant', 'median', 'from', 'to'],
        rows: variants.map(({ name }) => {
          const { median, low, high } = spreadOf(figureOf(measured, name, 'rate'));
          return [name, median, low, high];
        }),
      },
      {
        title: 'Letters of docspace-welcome for each of bare nodemailer',
        columns: ['server', 'median', 'from', 'to'],
        rows: serverTimes.map((ms) => {
          const ratio = ratioOf(measured, 'rate', nameOf(pooled, ms), nameOf(bare, ms));
          return [`takes ${ms} ms`, ratio.median, ratio.low, ratio.high];
        }),
      },
    ],
    goals: [],
  };
}

/** A way to send letters. */
type Sending = { readonly send: (mail: Mail) => Promise<void>; readonly close: () => void };
type Open = (port: number) => Sending;

function nameOf(open: Open, ms: number): string {
  return `${open === bare ? 'bare nodemailer' : 'docspace-welcome'}, server takes ${ms} ms`;
}

/** @throws when the server did not accept every mail */
async function mailsPerSecond(options: {
  readonly mails: number;
  readonly serverMs: number;
  readonly open: Open;
}): Promise<number> {
  const { mails, serverMs, open } = options;
  let taken = 0;
  const server = startServer(serverMs, () => {
    taken += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.server.address() as AddressInfo;
  const sending = open(port);
  const compose = letters();
  const startedAt = performance.now();
  let next = 0;
  async function sendInTurn(): Promise<void> {
    while (next < mails) {
      next += 1;
      await sending.send(compose(letterOf(next)));
    }
  }
  await Promise.all(Array.from({ length: atATime }, sendInTurn));
  const seconds = (performance.now() - startedAt) / 1_000;
  sending.close();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (taken !== mails) throw new Error(`${taken} of ${mails} mails arrived`);
  return mails / seconds;
}

function startServer(serverMs: number, take: () => void): SMTPServer {
  return new SMTPServer({
    secure: true,
    cert,
    key: readFileSync(new URL('key.pem', tls), 'utf8'),
    disableReverseLookup: true,
    onAuth: (_auth, _session, done) => done(null, { user: 'bench' }),
    onData(stream, _session, done) {
      stream.resume();
      stream.on('end', () => {
        take();
        setTimeout(done, serverMs);
      });
    },
  });
}

const login = { user: 'bench', password: 'bench' };

function letters(): ComposeInvitation {
  const read = loadTemplates({ folder: null, language: 'en' });
  if (read.kind === 'faulty') throw new Error(read.faults.join('\n'));
  return createComposeInvitation({
    templates: read.templates,
    from: { name: 'Bench', address: 'bench@example.com' },
    portalUrl: 'https://office.example.com',
  });
}

function letterOf(n: number): Parameters<ComposeInvitation>[0] {
  return {
    invitationId: `inv_${n}`,
    kind: 'invitation',
    number: 1,
    email: `p${n}@example.com`,
    employeeType: 'Guest',
    language: 'de',
    link: 'https://office.example.com/s/0123456789abcde',
    expiresAt: Date.now() + 7 * 24 * 3_600_000,
  };
}

function pooled(port: number): Sending {
  const server = { host: '127.0.0.1', port, secure: true, requireTls: false, login };
  const mailer = createMailer({ server, clock: systemClock, ca: cert });
  return {
    async send(mail) {
      const { kind, reason } = await mailer.send(mail);
      if (kind !== 'sent') throw new Error(`${kind}: ${JSON.stringify(reason)}`);
    },
    close: mailer.close,
  };
}

function bare(port: number): Sending {
  const transport = createTransport({
    pool: true,
    host: '127.0.0.1',
    port,
    secure: true,
    auth: { user: login.user, pass: login.password },
    tls: { ca: cert },
  });
  return {
    async send({ from, to, subject, text, html, messageId }) {
      await transport.sendMail({ from, to, subject, text, html, messageId });
    },
    close: () => transport.close(),
  };
}
