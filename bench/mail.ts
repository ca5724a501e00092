import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { systemClock } from '../src/clock.ts';
import { createCompose } from '../src/welcome/mail.ts';
import { createSmtpChannel } from '../src/welcome/smtp-channel.ts';
import { loadTemplates } from '../src/welcome/templates.ts';

/*
 * Mails per second through the pool, against a mail server in the same process, with TLS and AUTH.
 * npx tsx bench/mail.ts [mails] [ms that the server takes for each]
 */

const count = Number(process.argv[2] ?? 2_000);
const serverMs = Number(process.argv[3] ?? 0);
/** As many as the service sends at a time (DOCSPACE_CONCURRENCY). */
const atATime = 8;
const tls = new URL('../test/welcome/tls/', import.meta.url);
const cert = readFileSync(new URL('cert.pem', tls), 'utf8');

let taken = 0;
const server = new SMTPServer({
  secure: true,
  cert,
  key: readFileSync(new URL('key.pem', tls), 'utf8'),
  disableReverseLookup: true,
  onAuth: (_auth, _session, done) => done(null, { user: 'bench' }),
  onData(stream, _session, done) {
    stream.resume();
    stream.on('end', () => {
      taken += 1;
      setTimeout(done, serverMs);
    });
  },
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
const { port } = server.server.address() as AddressInfo;

const read = loadTemplates({ folder: null, language: 'en' });
if (read.kind === 'faulty') throw new Error(read.faults.join('\n'));
const channel = createSmtpChannel({
  server: {
    host: '127.0.0.1',
    port,
    secure: true,
    requireTls: false,
    login: { user: 'bench', password: 'bench' },
  },
  compose: createCompose({
    templates: read.templates,
    from: { name: 'Bench', address: 'bench@example.com' },
    portalUrl: 'https://office.example.com',
  }),
  clock: systemClock,
  ca: cert,
});

let next = 0;
async function sendInTurn(): Promise<void> {
  while (next < count) {
    next += 1;
    const { kind, detail } = await channel.send({
      userId: `00000000-0000-0000-0000-${String(next).padStart(12, '0')}`,
      email: `p${next}@example.com`,
      firstName: 'Zoë',
      lastName: 'O’Müller',
      cultureName: 'de-DE',
      employeeType: 'User',
    });
    if (kind !== 'sent') throw new Error(`${kind}: ${detail}`);
  }
}

const startedAt = performance.now();
await Promise.all(Array.from({ length: atATime }, sendInTurn));
const seconds = (performance.now() - startedAt) / 1_000;
channel.close();
server.close();
process.stdout.write(
  `${taken} mails in ${seconds.toFixed(2)} s: ${Math.round(taken / seconds)} a second (server takes ${serverMs} ms each)\n`,
);
