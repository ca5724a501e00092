import { describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import {
  clientOf,
  closedPort,
  createPauseRecorder,
  envelope,
  scriptedPortal,
  socketPortal,
  userId,
  within,
} from './support.ts';

const person = envelope({
  id: userId,
  status: 1,
  isActive: true,
  createDate: '2026-08-20T11:02:10',
  tenantId: 1,
});
const ok = '{"count":0,"links":[],"status":0,"statusCode":200}';

describe('a portal that cannot be reached', () => {
  test('has received nothing, so no outcome is unknown', async () => {
    const client = clientOf(await closedPort());
    expect(await client.sendCongratulations(userId, 'k')).toMatchObject({ kind: 'not_sent' });
    expect(await client.inviteByEmail([{ email: 'a@example.com', type: 'User' }])).toMatchObject({
      kind: 'trouble',
    });
    expect(await client.user(userId)).toMatchObject({
      kind: 'trouble',
      fault: { code: 'portal_unreachable', cause: 'ECONNREFUSED' },
    });
  });

  test('because its name does not resolve has received nothing', async () => {
    const client = clientOf('http://portal.invalid');
    const outcome = await within(
      'a name that does not resolve is answered',
      10_000,
      client.sendCongratulations(userId, 'k'),
    );
    expect(outcome).toMatchObject({ kind: 'not_sent' });
  });

  // A TLS failure comes before the first byte of the request, whatever error it causes, so the
  // outcome is `not_sent`.
  test.each([
    ['speaks no TLS', 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'],
    ['answers the handshake with an alert', Buffer.from([21, 3, 1, 0, 2, 2, 40])],
    ['refuses the version', Buffer.from([21, 3, 1, 0, 2, 2, 70])],
  ])('because it %s has received nothing', async (_, answer) => {
    const portal = await socketPortal((socket) => {
      socket.once('data', () => socket.end(answer));
    });
    const client = clientOf(portal.origin.replace('http:', 'https:'));
    expect(await client.sendCongratulations(userId, 'k')).toMatchObject({ kind: 'not_sent' });
  });

  test.each([
    ['closes', (end: () => void, _reset: () => void) => end()],
    ['resets', (_end: () => void, reset: () => void) => reset()],
  ])(
    'because it %s the connection during the TLS handshake has received nothing',
    async (_, how) => {
      const portal = await socketPortal((socket) => {
        socket.once('data', () =>
          how(
            () => socket.end(),
            () => socket.resetAndDestroy(),
          ),
        );
      });
      const client = clientOf(portal.origin.replace('http:', 'https:'));
      expect(await client.sendCongratulations(userId, 'k')).toMatchObject({ kind: 'not_sent' });
    },
  );

  test('because it does not finish the TLS handshake has received nothing', async () => {
    const portal = await socketPortal(() => {});
    const client = clientOf(portal.origin.replace('http:', 'https:'), { timeoutMs: 300 });
    const outcome = await within(
      'a handshake that never ends is given up',
      5_000,
      client.sendCongratulations(userId, 'k'),
    );
    expect(outcome).toMatchObject({ kind: 'not_sent' });
  });
});

describe('a portal that breaks off the connection', () => {
  test('before its headers leaves the welcome unknown, and does not get it again', async () => {
    const portal = await scriptedPortal(({ incoming }) => incoming.socket.resetAndDestroy());
    const client = clientOf(portal.origin);
    expect(await client.sendCongratulations(userId, 'k')).toMatchObject({ kind: 'unknown' });
    expect(await client.inviteByEmail([{ email: 'a@example.com', type: 'User' }])).toMatchObject({
      kind: 'unknown',
    });
    expect(await client.remailInvitations([userId])).toMatchObject({ kind: 'unknown' });
    expect(portal.seen).toHaveLength(3);
  });

  test('within the body of a 200 leaves the welcome unknown', async () => {
    const portal = await scriptedPortal(({ incoming, outgoing }) => {
      outgoing.writeHead(200, { 'content-length': '500' });
      outgoing.write(ok, () => incoming.socket.destroy());
    });
    expect(await clientOf(portal.origin).sendCongratulations(userId, 'k')).toMatchObject({
      kind: 'unknown',
    });
    expect(portal.seen).toHaveLength(1);
  });

  test('within the body of a read is asked once more', async () => {
    const portal = await scriptedPortal(({ incoming, outgoing, nth }) => {
      if (nth > 1) return void outgoing.writeHead(200).end(person);
      outgoing.writeHead(200, { 'content-length': String(person.length) });
      outgoing.write(person.slice(0, 40), () => incoming.socket.destroy());
    });
    expect(await clientOf(portal.origin).user(userId)).toMatchObject({ kind: 'ok' });
    expect(portal.seen).toHaveLength(2);
  });

  test('after an answer that is not HTTP leaves the welcome unknown', async () => {
    const portal = await socketPortal((socket) => {
      socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.6\r\n'));
    });
    expect(await clientOf(portal.origin).sendCongratulations(userId, 'k')).toMatchObject({
      kind: 'unknown',
    });
  });
});

describe('a portal that is slow', () => {
  test('with its headers leaves a welcome unknown after the time-out, and a read in trouble', async () => {
    const portal = await scriptedPortal(() => {});
    const clock = createPauseRecorder();
    const client = clientOf(portal.origin, { timeoutMs: 150, clock });
    const outcome = await within(
      'slow headers of a welcome are given up',
      5_000,
      client.sendCongratulations(userId, 'k'),
    );
    expect(outcome).toEqual({ kind: 'unknown', reason: { code: 'portal_timed_out' } });
    expect(portal.seen).toHaveLength(1);
    const read = await within('slow headers of a read are given up', 8_000, client.user(userId));
    expect(read).toMatchObject({ kind: 'trouble', fault: { code: 'portal_timed_out' } });
    expect(portal.seen.length).toBeLessThanOrEqual(4);
  });

  test('and stops in the middle of a body is given up', async () => {
    const portal = await scriptedPortal(({ outgoing }) => {
      outgoing.writeHead(200, { 'content-length': '1000' }).write('{');
    });
    const client = clientOf(portal.origin, { timeoutMs: 150, clock: createPauseRecorder() });
    const read = await within('a body that stops is given up', 8_000, client.user(userId));
    expect(read).toMatchObject({ kind: 'trouble' });
  });

  // The total time is limited: a byte now and then must not hold up a read or an attempt for ever.
  test.each(['read', 'welcome'])(
    'with a body that comes very slowly does not hold up a %s',
    async (what) => {
      const portal = await scriptedPortal(({ outgoing }) => {
        outgoing.writeHead(200);
        const drip = setInterval(() => outgoing.write(' '), 20);
        outgoing.on('close', () => clearInterval(drip));
      });
      const client = clientOf(portal.origin, { timeoutMs: 150, clock: createPauseRecorder() });
      const asked: Promise<{ readonly kind: string }> =
        what === 'read' ? client.user(userId) : client.sendCongratulations(userId, 'k');
      const answer = await within('a very slow body is given up', 3_000, asked);
      expect(['trouble', 'unknown']).toContain(answer.kind);
    },
  );

  test('and sends an endless body is cut off, and the fault says so', async () => {
    let written = 0;
    const portal = await scriptedPortal(({ outgoing }) => {
      outgoing.writeHead(200);
      const chunk = Buffer.alloc(1024 * 1024, 0x20);
      function pour(): void {
        if (outgoing.destroyed) return;
        written += chunk.length;
        if (outgoing.write(chunk)) setImmediate(pour);
        else outgoing.once('drain', pour);
      }
      pour();
    });
    const client = clientOf(portal.origin);
    const outcome = await within(
      'an endless body is cut off',
      15_000,
      client.sendCongratulations(userId, 'k'),
    );
    expect(outcome.kind).toBe('unknown');
    expect(written).toBeLessThan(64 * 1024 * 1024);
    expect(outcome.reason).toEqual({ code: 'portal_answer_too_large' });
  });
});

describe('a connection that is kept open', () => {
  test('is used again, for no more requests at a time than allowed', async () => {
    const portal = await socketPortal((socket) => {
      socket.on('data', (data) => {
        const requests = data.toString().split('GET ').length - 1;
        for (let i = 0; i < requests; i += 1) {
          socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${person.length}\r\n\r\n${person}`);
        }
      });
    });
    const client = clientOf(portal.origin, { concurrency: 2 });
    await Promise.all(Array.from({ length: 20 }, () => client.user(userId)));
    expect(portal.connections()).toBeLessThanOrEqual(2);
  });

  test('and then closed by the portal loses no welcome: the next one opens a new connection', async () => {
    const arrived: string[] = [];
    let closed = 0;
    const portal = await socketPortal((socket) => {
      socket.on('data', (data) => {
        arrived.push(data.toString().split(' ')[0] ?? '');
        socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${ok.length}\r\n\r\n${ok}`);
      });
      socket.on('close', () => {
        closed += 1;
      });
    });
    const client = clientOf(portal.origin, { concurrency: 1 });
    for (let nth = 1; nth <= 5; nth += 1) {
      expect(await client.sendCongratulations(userId, 'k')).toMatchObject({ kind: 'sent' });
      await until('both ends closed the connection', () => closed === nth);
    }
    expect(arrived).toEqual(['POST', 'POST', 'POST', 'POST', 'POST']);
    expect(portal.connections()).toBe(5);
  });

  test('and closed during a request leads to a repetition of a read, and never of a welcome', async () => {
    let requests = 0;
    const portal = await socketPortal((socket) => {
      let answered = 0;
      socket.on('data', () => {
        requests += 1;
        answered += 1;
        if (answered > 1) socket.destroy();
        else socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${person.length}\r\n\r\n${person}`);
      });
    });
    const client = clientOf(portal.origin, { concurrency: 1 });
    await client.user(userId);
    expect(await client.user(userId)).toMatchObject({ kind: 'ok' });
    expect([requests, portal.connections()]).toEqual([3, 2]);
    expect(await client.sendCongratulations(userId, 'k')).toMatchObject({ kind: 'unknown' });
    expect(requests).toBe(4);
  });

  test('and never free for a welcome before the client closes means that the welcome was not sent', async () => {
    const portal = await scriptedPortal(() => {});
    const client = clientOf(portal.origin, { concurrency: 1 });
    const first = client.sendCongratulations(userId, 'k');
    await until('the first request arrived', () => portal.seen.length === 1);
    const second = client.sendCongratulations(userId, 'k');
    await client.close();
    expect(await within('the first is given up', 3_000, first)).toMatchObject({ kind: 'unknown' });
    expect(await within('the second never left', 3_000, second)).toMatchObject({
      kind: 'not_sent',
    });
    expect(portal.seen).toHaveLength(1);
  });

  test('is closed when the client closes, even during a request', async () => {
    const portal = await scriptedPortal(() => {});
    const client = clientOf(portal.origin);
    const asked = client.sendCongratulations(userId, 'k');
    await until('the request arrived', () => portal.seen.length === 1);
    await client.close();
    expect((await within('a closed client answers', 3_000, asked)).kind).toBe('unknown');
    expect(
      (await within('a closed client refuses', 3_000, client.sendCongratulations(userId, 'k')))
        .kind,
    ).not.toBe('sent');
  });
});
