import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { Channel } from '../src/channels/channel.ts';
import { createCompose } from '../src/channels/mail.ts';
import { createMailer } from '../src/channels/mailer.ts';
import { createSmtpChannel } from '../src/channels/smtp.ts';
import { loadTemplates } from '../src/channels/templates.ts';
import { systemClock } from '../src/clock.ts';
import type { Report } from './report.ts';
import { figureOf, inRounds, spreadOf } from './rounds.ts';
import type { BenchOptions } from './run.ts';

/*
 * Measures how many mails a second go through the pool, to a mail server with TLS and AUTH in the
 * same process.
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
  const variants = serverTimes.map((ms) => ({
    name: `server takes ${ms} ms`,
    measure: async () => ({ rate: await mailsPerSecond(mails, ms) }),
  }));
  for (const variant of variants) await variant.measure();
  const measured = await inRounds(variants, rounds);
  return {
    bench: 'mail',
    setting: `${mails} mails, ${atATime} at a time, ${rounds} rounds`,
    tables: [
      {
        title: 'Mails a second',
        columns: ['variant', 'median', 'from', 'to'],
        rows: variants.map(({ name }) => {
          const { median, low, high } = spreadOf(figureOf(measured, name, 'rate'));
          return [name, median, low, high];
        }),
      },
    ],
    goals: [],
  };
}

/** @throws when the server did not accept every mail */
async function mailsPerSecond(mails: number, serverMs: number): Promise<number> {
  let taken = 0;
  const server = startServer(serverMs, () => {
    taken += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.server.address() as AddressInfo;
  const channel = openChannel(port);
  const startedAt = performance.now();
  let next = 0;
  async function sendInTurn(): Promise<void> {
    while (next < mails) {
      next += 1;
      await sendOne(channel, next);
    }
  }
  await Promise.all(Array.from({ length: atATime }, sendInTurn));
  const seconds = (performance.now() - startedAt) / 1_000;
  channel.close();
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

function openChannel(port: number): Channel {
  const read = loadTemplates({ folder: null, language: 'en' });
  if (read.kind === 'faulty') throw new Error(read.faults.join('\n'));
  const mailer = createMailer({
    server: {
      host: '127.0.0.1',
      port,
      secure: true,
      requireTls: false,
      login: { user: 'bench', password: 'bench' },
    },
    clock: systemClock,
    ca: cert,
  });
  const compose = createCompose({
    templates: read.templates,
    from: { name: 'Bench', address: 'bench@example.com' },
    portalUrl: 'https://office.example.com',
  });
  return createSmtpChannel({ mailer, compose });
}

async function sendOne(channel: Channel, n: number): Promise<void> {
  const { kind, reason } = await channel.send({
    userId: `00000000-0000-0000-0000-${String(n).padStart(12, '0')}`,
    email: `p${n}@example.com`,
    firstName: 'Zoë',
    lastName: 'O’Müller',
    cultureName: 'de-DE',
    employeeType: 'User',
  });
  if (kind !== 'sent') throw new Error(`${kind}: ${JSON.stringify(reason)}`);
}
