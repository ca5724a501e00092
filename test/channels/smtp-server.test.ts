import { type AddressInfo, createServer, type Socket } from 'node:net';
import { simpleParser } from 'mailparser';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createCompose } from '../../src/channels/mail.ts';
import { checkSmtp, createMailer, ehloName } from '../../src/channels/mailer.ts';
import { createSmtpChannel } from '../../src/channels/smtp.ts';
import { type Clock, systemClock } from '../../src/clock.ts';
import { smtpUrl } from '../../src/config/smtp.ts';
import { reasonText } from '../../src/messages/render.ts';
import { until } from '../support/until.ts';
import {
  builtInTemplates,
  fastClock,
  mailUser,
  person,
  portalUrl,
  sender,
  smtpTo,
  startMailServer,
  usualCompose,
} from './support.ts';

/** A mail server without TLS. `say` gives its reply to a line; undefined means the usual reply. */
async function startPeer(say: (line: string, socket: Socket) => string | undefined) {
  const lines: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.write('220 mail.example.net ESMTP\r\n');
    let rest = '';
    let isText = false;
    socket.on('data', (chunk) => {
      rest += chunk.toString('utf8');
      for (;;) {
        const end = isText ? rest.indexOf('\r\n.\r\n') : rest.indexOf('\r\n');
        if (end < 0) return;
        const line = isText ? 'end of the mail' : rest.slice(0, end);
        rest = rest.slice(end + (isText ? 5 : 2));
        isText = false;
        lines.push(line);
        const reply =
          say(line, socket) ??
          (/^EHLO/.test(line) ? '250-mail.example.net\r\n250 8BITMIME' : undefined) ??
          (/^DATA/.test(line) ? '354 go on' : '250 ok');
        if (reply.startsWith('354')) isText = true;
        if (reply !== '') socket.write(`${reply}\r\n`);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const target = { host: '127.0.0.1', port, secure: false, requireTls: false, login: null };
  return { lines, target, stop: () => server.close(), openCount: () => sockets.size };
}

describe('the name in EHLO', () => {
  const from = { name: '', address: 'office@example.com' };
  test.each([
    ['SMTP_NAME', 'mx.example.org', 'https://welcome.example.com', 'mx.example.org'],
    ['the host of PUBLIC_URL', null, 'https://welcome.example.com:8443/x', 'welcome.example.com'],
    ['the sender’s domain', null, null, 'example.com'],
    ['the sender’s domain, not an IP address', null, 'http://10.0.0.7:8080', 'example.com'],
    ['the sender’s domain, not an IPv6 address', null, 'http://[::1]:8080', 'example.com'],
    ['the sender’s domain, not localhost', null, 'http://localhost:8080', 'example.com'],
  ])('is %s', (_, name, publicUrl, expected) => {
    const settings = { SMTP_NAME: name, PUBLIC_URL: publicUrl, WELCOME_FROM: from };
    expect(ehloName(settings)).toBe(expected);
  });

  test('is accepted by a server that refuses an address literal (cases/mail/ehlo.json)', async () => {
    const peer = await startPeer((line, socket) => {
      if (!/^EHLO \[/.test(line)) return undefined;
      socket.end('421 4.7.0 Try again later, closing connection\r\n');
      return '';
    });
    const outcome = await smtpTo(peer.target, { name: 'welcome.example.com' }).send(person());
    expect(outcome).toMatchObject({ kind: 'sent' });
    expect(peer.lines[0]).toBe('EHLO welcome.example.com');
  });
});

describe('encryption', () => {
  const longTimeouts = { connectMs: 6_000, silenceMs: 6_000, totalMs: 15_000 };
  const channelTo = (url: string, timeouts = longTimeouts) => {
    const server = smtpUrl.parse(url);
    const mailer = createMailer({ server, clock: systemClock, timeouts });
    const channel = createSmtpChannel({ mailer, compose: usualCompose() });
    onTestFinished(() => channel.close());
    return channel;
  };
  const starttls = { secure: false, authOptional: true } as const;

  test.each(['', '?requireTLS=false'])(
    'with a certificate of a private authority (%j) is reported with the setting that allows it',
    async (option) => {
      const mail = await startMailServer({ options: starttls });
      const outcome = await channelTo(`smtp://127.0.0.1:${mail.server.port}${option}`).send(
        person(),
      );
      expect(outcome).toMatchObject({
        kind: 'not_sent',
        reason: { code: 'mail_certificate_untrusted' },
      });
      expect(reasonText(outcome.reason)).toContain('?tls=insecure');
    },
  );

  test.each([
    ['tls=insecure', starttls, 'smtp', true],
    ['tls=off', starttls, 'smtp', false],
    ['tls=insecure', { authOptional: true }, 'smtps', true],
  ] as const)('with ?%s and %o sends', async (option, options, scheme, isEncrypted) => {
    const secured: boolean[] = [];
    const mail = await startMailServer({
      options: {
        ...options,
        onMailFrom(_, session, done) {
          secured.push(session.secure);
          done();
        },
      },
    });
    const outcome = await channelTo(`${scheme}://127.0.0.1:${mail.server.port}?${option}`).send(
      person(),
    );
    expect(outcome).toMatchObject({ kind: 'sent' });
    expect(secured).toEqual([isEncrypted]);
  });

  test('that the server does not offer is reported with the setting that allows going without it', async () => {
    const mail = await startMailServer({
      options: { ...starttls, hideSTARTTLS: true, disabledCommands: ['STARTTLS'] },
    });
    const outcome = await channelTo(`smtp://127.0.0.1:${mail.server.port}`).send(person());
    expect(outcome).toMatchObject({ reason: { code: 'mail_encryption_missing' } });
    expect(reasonText(outcome.reason)).toContain('?tls=off');
  });

  test('that the port does not start with is reported as such', async () => {
    const mail = await startMailServer({ options: starttls });
    const { port } = mail.server;
    const outcome = await channelTo(`smtps://127.0.0.1:${port}`).send(person());
    expect(outcome).toMatchObject({
      kind: 'not_sent',
      reason: { code: 'mail_port_without_tls', port },
    });
    expect(reasonText(outcome.reason)).toContain('write smtp://');
  });
});

describe('a login that does not fit the server', () => {
  test('is reported by the check if the server offers no login', async () => {
    const peer = await startPeer((line) => (/^AUTH/.test(line) ? '502 5.5.1 no AUTH' : undefined));
    expect(
      await checkSmtp({ server: { ...peer.target, login: mailUser }, timeoutMs: 3_000 }),
    ).toEqual({ code: 'mail_login_not_offered', reply: '502 5.5.1' });
    expect(await checkSmtp({ server: peer.target, timeoutMs: 3_000 })).toBeNull();
  });

  test('is reported as disabled if the provider accepts no passwords (cases/mail/login-refused.json)', async () => {
    const peer = await startPeer((line) => {
      if (/^EHLO/.test(line)) return '250-mail.example.net\r\n250 AUTH LOGIN PLAIN';
      if (!/^AUTH /.test(line)) return undefined;
      return '535 5.7.139 Authentication unsuccessful, basic authentication is disabled for this tenant';
    });
    const outcome = await smtpTo({ ...peer.target, login: mailUser }).send(person());
    expect(outcome).toEqual({
      kind: 'not_sent',
      reason: { code: 'mail_basic_login_disabled', reply: '535 5.7.139' },
      waitMs: null,
      pausesChannel: true,
    });
    expect(reasonText(outcome.reason)).toMatch(/switched off login by password/);
  });
});

describe('an address beyond ASCII', () => {
  const rene = person({ email: 'rené.k@example.com' });

  test('is refused before the mail if the server has no SMTPUTF8', async () => {
    const peer = await startPeer(() => undefined);
    expect(await smtpTo(peer.target).send(rene)).toEqual({
      kind: 'refused',
      reason: { code: 'mail_address_needs_utf8' },
      streak: null,
    });
    expect(peer.lines.filter((line) => /^(MAIL|RCPT|DATA)/.test(line))).toEqual([]);
  });

  test('gets its mail if the server has it, and the server is asked once', async () => {
    const peer = await startPeer((line) =>
      /^EHLO/.test(line) ? '250-mail.example.net\r\n250-8BITMIME\r\n250 SMTPUTF8' : undefined,
    );
    const channel = smtpTo(peer.target);
    expect(await channel.send(rene)).toMatchObject({ kind: 'sent' });
    expect(await channel.send(rene)).toMatchObject({ kind: 'sent' });
    expect(peer.lines).toContain('RCPT TO:<rené.k@example.com>');
    expect(peer.lines.some((line) => /^MAIL FROM:.* SMTPUTF8/.test(line))).toBe(true);
    expect(peer.lines.filter((line) => /^EHLO/.test(line))).toHaveLength(2);
  });

  test('in the domain only is written in ASCII and needs no SMTPUTF8', async () => {
    const peer = await startPeer(() => undefined);
    const outcome = await smtpTo(peer.target).send(person({ email: 'zoe@bücher.example' }));
    expect(outcome).toMatchObject({ kind: 'sent' });
    expect(peer.lines).toContain('RCPT TO:<zoe@xn--bcher-kva.example>');
  });

  test.each([
    ['the deadline of the mail', 200, false],
    ['the end of the service', 60_000, true],
  ])('is given up at %s while the server is silent', async (_, totalMs, isClosed) => {
    const peer = await startPeer(() => '');
    const timeouts = { connectMs: 60_000, silenceMs: 60_000, totalMs };
    const channel = smtpTo(peer.target, { timeouts });
    const outcome = channel.send(rene);
    await until('the server is asked', () => peer.lines.length > 0);
    if (isClosed) channel.close();
    expect(await outcome).toEqual({
      kind: 'not_sent',
      reason: { code: 'mail_timed_out' },
      waitMs: null,
    });
    await until('the connection is closed', () => peer.openCount() === 0);
  });

  test('does not fail when the server cannot be reached', async () => {
    const peer = await startPeer(() => undefined);
    peer.stop();
    const port = 1;
    const outcome = await smtpTo({ ...peer.target, port }).send(rene);
    expect(outcome).toMatchObject({ kind: 'not_sent', reason: { code: 'mail_unreachable' } });
  });
});

describe('the letter', () => {
  test("is written in the person's language, else the portal's, else WELCOME_LANGUAGE", () => {
    let portalCulture: string | null = 'de-AT';
    const compose = createCompose({
      templates: builtInTemplates(),
      from: sender,
      portalUrl,
      portalCulture: () => portalCulture,
    });
    expect(compose(person({ cultureName: 'fr' })).language).toBe('fr');
    expect(compose(person({ cultureName: null })).language).toBe('de');
    expect(compose(person({ cultureName: 'ja-JP' })).language).toBe('de');
    portalCulture = null;
    expect(compose(person({ cultureName: null })).language).toBe('en');
  });

  test.each([
    ['小龍', '李', '李小龍'],
    ['さくら', '佐藤', '佐藤さくら'],
    ['민준', '김', '김민준'],
    ['Anna', '李', 'Anna 李'],
    ['Zoë', 'Müller', 'Zoë Müller'],
  ])('to %s %s has the name as the portal writes it: %s', async (firstName, lastName, shown) => {
    const mail = await startMailServer();
    await smtpTo(mail.server).send(person({ firstName, lastName }));
    const sent = await simpleParser(mail.received[0]?.raw ?? '');
    expect(sent.to).toMatchObject({ value: [{ name: shown }] });
  });
});

describe('a server that limits the rate', () => {
  /** A server that accepts one mail per second, as in cases/mail/one-per-second.json. */
  async function startLimited(clock: Clock) {
    let takenAt = Number.NEGATIVE_INFINITY;
    const taken: string[] = [];
    const recipients = new WeakMap<Socket, string>();
    const isEarly = () => clock.now() - takenAt < 1_000;
    const peer = await startPeer((line, socket) => {
      if (/^MAIL /.test(line) && isEarly()) {
        socket.end('421 4.7.0 Too many messages in this time\r\n');
        return '';
      }
      const to = /^RCPT TO:<(.*)>/.exec(line)?.[1];
      if (to !== undefined) recipients.set(socket, to);
      if (line !== 'end of the mail') return undefined;
      if (isEarly()) return '451 4.7.1 Sending rate exceeded, try again later';
      takenAt = clock.now();
      taken.push(recipients.get(socket) ?? '');
      return '250 ok';
    });
    return { peer, taken };
  }

  test('accepts all 40 mails within a minute and a half, each once', async () => {
    const speed = 4;
    const clock = fastClock(speed);
    const { peer, taken } = await startLimited(clock);
    const channel = smtpTo(peer.target, { clock });
    const startedAt = clock.now();
    const waiting = Array.from({ length: 40 }, (_, i) => ({
      email: `p${i}@example.com`,
      dueAt: startedAt,
      tries: 0,
    }));
    // Works as the service does: eight mails at a time, and retries after 10 s, 20 s, 40 s …
    const worker = async () => {
      for (;;) {
        waiting.sort((a, b) => a.dueAt - b.dueAt);
        const next = waiting.shift();
        if (!next) return;
        const pauseMs = (next.dueAt - clock.now()) / speed;
        if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
        const outcome = await channel.send(person({ email: next.email }));
        if (outcome.kind === 'sent') continue;
        expect(outcome.kind).toBe('not_sent');
        const waitMs = outcome.kind === 'not_sent' ? (outcome.waitMs ?? 0) : 0;
        const tries = next.tries + 1;
        const dueAt = clock.now() + Math.max(10_000 * 2 ** (tries - 1), waitMs);
        waiting.push({ ...next, tries, dueAt });
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    expect(taken).toHaveLength(40);
    expect(new Set(taken).size).toBe(40);
    expect(clock.now() - startedAt).toBeLessThan(90_000);
  }, 60_000);
});
