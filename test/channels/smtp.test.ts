import { simpleParser } from 'mailparser';
import { expect, test } from 'vitest';
import { createMailer } from '../../src/channels/mailer.ts';
import { createSmtpChannel } from '../../src/channels/smtp.ts';
import { systemClock } from '../../src/clock.ts';
import { reasonText } from '../../src/messages/render.ts';
import { exerciseChannel, type PeerFate } from './conformance.ts';
import {
  type Fate,
  mailUser,
  person,
  portalUrl,
  sender,
  smtpTo,
  startMailServer,
  usualCompose,
} from './support.ts';

const fates: Readonly<Record<PeerFate, Fate>> = {
  take: 'take',
  busy: 'rcpt:451',
  refuse_person: 'rcpt:550',
  refuse_channel: 'rcpt:554',
  swallow: 'dot:hang',
};

const timeouts = { connectMs: 1_000, silenceMs: 1_000, totalMs: 3_000 };

exerciseChannel('smtp', async () => {
  let fate: Fate = 'take';
  const mail = await startMailServer({ fate: () => fate });
  return {
    channel: smtpTo(mail.server, { timeouts }),
    peerDoes: (peerFate) => {
      fate = fates[peerFate];
    },
    peerGoesAway: mail.stop,
    welcomed: () => mail.received.map((one) => one.to),
    reached: () => mail.seen.length,
    secrets: [mailUser.password, 'no such person'],
  };
});

test('the mail has a sender, a recipient, Message-ID, Auto-Submitted, text and HTML', async () => {
  const mail = await startMailServer();
  const channel = smtpTo(mail.server);
  await channel.send(person());
  await channel.send(person());
  await channel.send(person({ userId: '11111111-2222-3333-4444-555555555555' }));
  const [first, repeat, other] = await Promise.all(
    mail.received.map((one) => simpleParser(one.raw)),
  );
  expect(first?.from?.value).toEqual([sender]);
  expect(first?.to).toMatchObject({
    value: [{ address: 'zoe@example.com', name: 'Zoë O’Müller' }],
  });
  expect(first?.subject).toBe('Welcome, Zoë: your place at office.example.com is ready');
  expect(first?.headers.get('auto-submitted')).toBe('auto-generated');
  expect(first?.headers.get('x-auto-response-suppress')).toBe('All');
  expect(first?.messageId).toMatch(/^<[0-9a-f]{40}@example\.com>$/);
  expect(repeat?.messageId).toBe(first?.messageId);
  expect(other?.messageId).not.toBe(first?.messageId);
  expect(first?.text).toContain(`Open office.example.com:\n${portalUrl}`);
  expect(first?.html).toContain(`href="${portalUrl}"`);
  expect(first?.html).not.toMatch(/<img|<script|src=|url\(/i);
});

test('the preview equals the mail that is sent', async () => {
  const mail = await startMailServer();
  const channel = smtpTo(mail.server);
  const { letter } = channel.preview(person({ cultureName: 'fr-CA', employeeType: 'Guest' }));
  await channel.send(person({ cultureName: 'fr-CA', employeeType: 'Guest' }));
  const sent = await simpleParser(mail.received[0]?.raw ?? '');
  if (letter.kind !== 'mail') throw new Error('smtp previews a mail');
  expect(sent.subject).toBe(letter.subject);
  expect(sent.text?.trim()).toBe(letter.text.trim());
  expect(String(sent.html).trim()).toBe(letter.html.trim());
  expect(sent.messageId).toBe(letter.messageId);
  expect(letter.language).toBe('fr');
});

test('one pool sends many mails over few connections', async () => {
  const mail = await startMailServer();
  const channel = smtpTo(mail.server);
  await Promise.all(
    Array.from({ length: 40 }, (_, i) => channel.send(person({ email: `p${i}@x.de` }))),
  );
  expect(mail.received).toHaveLength(40);
  expect(mail.connectionCount()).toBeLessThanOrEqual(5);
});

test('a wrong password is the fault of the channel, which pauses, and no person fails', async () => {
  const mail = await startMailServer();
  const login = { user: mailUser.user, password: 'not-the-password' };
  const outcome = await smtpTo({ ...mail.server, login }).send(person());
  expect(outcome).toEqual({
    kind: 'not_sent',
    reason: { code: 'mail_login_refused', reply: '535 5.7.8' },
    waitMs: null,
    pausesChannel: true,
  });
});

test('smtp:// requires STARTTLS, and a server without it gets neither a login nor a mail', async () => {
  const plain = { secure: false, authOptional: true } as const;
  const withTls = await startMailServer({ options: plain });
  expect(await smtpTo(withTls.server).send(person())).toMatchObject({ kind: 'sent' });
  const without = await startMailServer({
    options: { ...plain, hideSTARTTLS: true, disabledCommands: ['STARTTLS'] },
  });
  expect(await smtpTo(without.server).send(person())).toMatchObject({ kind: 'not_sent' });
  expect(without.seen).toEqual([]);
  const open = { ...without.server, requireTls: false, login: null };
  expect(await smtpTo(open).send(person())).toMatchObject({ kind: 'sent' });
});

test('a certificate of an unknown authority is reported as the cause, and nothing is sent', async () => {
  const mail = await startMailServer();
  const mailer = createMailer({ server: mail.server, clock: systemClock });
  const channel = createSmtpChannel({ mailer, compose: usualCompose() });
  const outcome = await channel.send(person());
  channel.close();
  expect(outcome).toMatchObject({
    kind: 'not_sent',
    reason: { code: 'mail_certificate_untrusted' },
  });
  expect(reasonText(outcome.reason)).toContain('tls=insecure');
});

test.each([
  '',
  'nobody',
  'a@b@c',
  'a@x.de,b@x.de',
  'a@x.de\r\nBcc: b@x.de',
  'a<b@x.de>',
  `${'x'.repeat(300)}@x.de`,
])('the address %j is refused before the server is asked', async (email) => {
  const mail = await startMailServer();
  const channel = smtpTo(mail.server);
  expect(await channel.send(person({ email }))).toMatchObject({ kind: 'refused', streak: null });
  expect(channel.preview(person({ email })).obstacle).toEqual({ code: 'mail_address_invalid' });
  expect(mail.connectionCount()).toBe(0);
});
