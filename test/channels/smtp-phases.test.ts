import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { SmtpTimeouts } from '../../src/channels/mailer.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import type { AttemptReason } from '../../src/domain/reason.ts';
import { until } from '../support/until.ts';
import { person, smtpTo } from './support.ts';

/**
 * A reply as it is sent. `close` and `hang` send nothing; `cut:` closes in the middle of a line.
 */
type Move = string;
type Script = Partial<
  Record<'greeting' | 'EHLO' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'dot', Move>
>;

const usual: Required<Script> = {
  greeting: '220 mail.test',
  EHLO: '250-mail.test\r\n250 AUTH PLAIN',
  AUTH: '235 2.7.0 in',
  MAIL: '250 2.1.0 sender ok',
  RCPT: '250 2.1.5 recipient ok',
  DATA: '354 go on',
  dot: '250 2.0.0 taken',
};

const longTimeouts: SmtpTimeouts = { connectMs: 6_000, silenceMs: 60_000, totalMs: 60_000 };
/** Short time-outs, because the test waits for a server that never answers. */
const shortTimeouts: SmtpTimeouts = { connectMs: 500, silenceMs: 500, totalMs: 1_500 };

/** A mail server that sends exactly the bytes that the test wants. */
async function startPeer(
  script: Script,
  pipelining: boolean,
  timeouts = Object.values(script).includes('hang') ? shortTimeouts : longTimeouts,
) {
  const replies = { ...usual, ...script };
  if (pipelining && !script.EHLO)
    replies.EHLO = '250-mail.test\r\n250-PIPELINING\r\n250 AUTH PLAIN';
  const sockets = new Set<Socket>();
  let dots = 0;
  const verbs: string[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    const move = (what: Move) => {
      if (what === 'hang') return;
      if (what === 'close') socket.destroy();
      else if (what.startsWith('cut:')) socket.end(what.slice(4));
      else socket.write(`${what}\r\n`);
    };
    let buffered = '';
    let isBody = false;
    let isRefused = false;
    move(replies.greeting);
    socket.on('data', (chunk) => {
      buffered += chunk.toString('latin1');
      for (;;) {
        // The line break before the final dot may be the one after DATA, if the mail is empty.
        const found = isBody ? /(^|\r\n)\.\r\n/.exec(buffered) : /\r\n/.exec(buffered);
        if (!found) return;
        const line = buffered.slice(0, found.index);
        buffered = buffered.slice(found.index + found[0].length);
        if (isBody) {
          isBody = false;
          dots += 1;
          move(replies.dot);
          continue;
        }
        const verb = /^[A-Z]+/i.exec(line)?.[0].toUpperCase() ?? '';
        verbs.push(verb);
        if (verb === 'QUIT' || verb === 'RSET') move('250 ok');
        else if (verb === 'DATA' && isRefused && !script.DATA) move('503 5.5.1 no recipient');
        else if (verb in replies) move(replies[verb as keyof Script]);
        isRefused ||= /^(MAIL|RCPT)$/.test(verb) && /^[45]/.test(replies[verb as 'MAIL' | 'RCPT']);
        isBody = verb === 'DATA' && replies.DATA.startsWith('354') && !(isRefused && !script.DATA);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const login = { user: 'u', password: 'a-secret' };
  const target = { host: '127.0.0.1', port, secure: false, requireTls: false, login };
  const channel = smtpTo(target, { timeouts });
  return {
    channel,
    dots: () => dots,
    verbs: () => verbs,
    connections: () => sockets.size,
    hangUp() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

type Row = readonly [what: string, script: Script, expected: Partial<Outcome>];

const notSent = { kind: 'not_sent' } as const;
const pausing = { kind: 'not_sent', pausesChannel: true } as const;
const passing = { kind: 'not_sent', pausesChannel: false } as const;
const unknown = { kind: 'unknown' } as const;
const refused = (streak: string) => ({ kind: 'refused', streak }) as const;
const login = (code: AttemptReason['code']) =>
  ({ ...pausing, reason: expect.objectContaining({ code }) }) as unknown as Partial<Outcome>;

const rows: readonly Row[] = [
  ['everything is taken', {}, { kind: 'sent', reason: { code: 'mail_accepted', reply: '250' } }],
  ['the greeting is 554', { greeting: '554 no service' }, pausing],
  ['the greeting is 421', { greeting: '421 busy' }, passing],
  ['the greeting never comes', { greeting: 'hang' }, notSent],
  ['the door closes before the greeting', { greeting: 'close' }, notSent],
  ['the greeting is no SMTP', { greeting: 'HTTP/1.1 400 Bad Request' }, notSent],
  ['EHLO is answered with silence', { EHLO: 'hang' }, notSent],
  ['the login is wrong', { AUTH: '535 5.7.8 no' }, login('mail_login_refused')],
  [
    'the provider accepts no passwords',
    { AUTH: '535 5.7.139 Authentication unsuccessful, basic authentication is disabled' },
    login('mail_basic_login_disabled'),
  ],
  [
    'an app password is wanted',
    { AUTH: '534-5.7.9 Application-specific\r\n534 5.7.9 password required' },
    login('mail_app_password_needed'),
  ],
  ['an app password is wanted, in short', { AUTH: '534 no' }, login('mail_app_password_needed')],
  ['the login is not known', { AUTH: '502 5.5.1 no AUTH here' }, login('mail_login_not_offered')],
  ['the login cannot be checked now', { AUTH: '454 4.7.0 later' }, passing],
  ['the connection ends at the login', { AUTH: 'close' }, notSent],
  ['the sender is refused', { MAIL: '550 5.7.1 not you' }, pausing],
  ['the sender has to log in', { MAIL: '530 5.7.0 log in' }, login('mail_login_required')],
  ['the sender is to come later', { MAIL: '451 4.3.0 later' }, passing],
  ['the connection ends at the sender', { MAIL: 'close' }, notSent],
  ['the recipient is not there', { RCPT: '550 5.1.1 nobody' }, refused('550')],
  ['the recipient is not of here', { RCPT: '554 5.7.1 relay denied' }, refused('554')],
  ['the recipient is to come later', { RCPT: '450 4.2.0 greylisted' }, notSent],
  ['the mailbox is full for now', { RCPT: '452 4.2.2 full' }, notSent],
  ['421 instead of the recipient', { RCPT: '421 4.3.2 closing' }, notSent],
  ['the connection ends at the recipient', { RCPT: 'close' }, notSent],
  ['silence at the recipient', { RCPT: 'hang' }, notSent],
  ['a reply to the recipient breaks off', { RCPT: 'cut:550 no' }, notSent],
  ['DATA is refused', { DATA: '554 5.6.0 no' }, refused('554')],
  ['DATA is to come later', { DATA: '451 4.3.0 later' }, notSent],
  ['the connection ends at DATA', { DATA: 'close' }, notSent],
  ['silence at DATA', { DATA: 'hang' }, notSent],
  ['the mail is refused', { dot: '552 5.2.3 too large' }, refused('552')],
  ['the mail is spam', { dot: '550 5.7.1 spam' }, refused('550')],
  ['the mail is to come later', { dot: '451 4.3.0 later' }, notSent],
  ['the disk is full', { dot: '452 4.3.1 full' }, notSent],
  ['421 in answer to the mail', { dot: '421 4.3.0 closing' }, notSent],
  ['the connection ends after the final dot', { dot: 'close' }, unknown],
  ['silence after the final dot', { dot: 'hang' }, unknown],
  ['the answer to the mail breaks off', { dot: 'cut:550 no' }, unknown],
  ['a good answer to the mail breaks off', { dot: 'cut:250 ta' }, unknown],
  ['the answer to the mail is no SMTP', { dot: 'what?' }, unknown],
  ['the answer to the mail is another 354', { dot: '354 more' }, unknown],
];

describe.each([true, false])('with pipelining: %s', (pipelining) => {
  test.each(rows)('%s', async (_what, script, expected) => {
    const peer = await startPeer(script, pipelining);
    const outcome = await peer.channel.send(person());
    expect(outcome, JSON.stringify(outcome)).toMatchObject(expected);
    expect(JSON.stringify(outcome)).not.toMatch(/@|a-secret|nobody|spam|greylisted/);
    expect(peer.dots()).toBeLessThanOrEqual(1);
    expect(peer.connections()).toBe(1);
  });
});

test('a reason names the phase, the reply code and the enhanced code', async () => {
  const peer = await startPeer({ RCPT: '550 5.1.1 <zoe@example.com> unknown' }, true);
  expect(await peer.channel.send(person())).toEqual({
    kind: 'refused',
    reason: { code: 'mail_recipient_refused', reply: '550 5.1.1' },
    streak: '550',
  });
});

test('a server that accepts DATA after refusing the recipient gets an empty mail without a recipient', async () => {
  const peer = await startPeer({ RCPT: '550 5.1.1 nobody', DATA: '354 go on' }, true);
  expect(await peer.channel.send(person())).toMatchObject(refused('550'));
});

test('closing the channel ends all mails in progress at once, each with what is known about it', async () => {
  const before = await startPeer({ RCPT: 'hang' }, true, longTimeouts);
  const after = await startPeer({ dot: 'hang' }, true, longTimeouts);
  const ends = [before.channel.send(person()), after.channel.send(person())];
  await until('both are in progress', () => after.dots() === 1 && before.verbs().includes('RCPT'));
  before.channel.close();
  after.channel.close();
  expect(await Promise.all(ends)).toMatchObject([notSent, unknown]);
});

test('an answer that comes too slowly ends at the deadline as unknown', async () => {
  const peer = await startPeer({ dot: '250-a\r\n250-b' }, true, shortTimeouts);
  const startedAt = performance.now();
  expect(await peer.channel.send(person())).toMatchObject(unknown);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});

test('a connection that the server closed meanwhile loses no mail and repeats none', async () => {
  const peer = await startPeer({}, true);
  expect(await peer.channel.send(person())).toMatchObject({ kind: 'sent' });
  peer.hangUp();
  const next = await peer.channel.send(person());
  expect(['sent', 'not_sent']).toContain(next.kind);
  if (next.kind === 'not_sent') {
    expect(await peer.channel.send(person())).toMatchObject({ kind: 'sent' });
  }
  expect(peer.dots()).toBe(2);
});
