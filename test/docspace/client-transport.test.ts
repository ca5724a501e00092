import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { PortalClient } from '../../src/docspace/client.ts';
import { reasonText } from '../../src/messages/render.ts';
import { answering, clientOf, envelope, scriptedPortal, userId } from './support.ts';

const person = envelope({ id: userId, status: 1, createDate: '2026-08-20T11:02:10', tenantId: 1 });
const ok = '{"count":0,"links":[],"status":0,"statusCode":200}';

const encodings = [
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', brotliCompressSync],
  ['GZIP', gzipSync],
  ['identity', (text: string) => Buffer.from(text)],
  ['gzip, br', (text: string) => brotliCompressSync(gzipSync(text))],
] as const;

/** A portal, or a proxy before it, that compresses answers without being asked. */
function compressing(encoding: string, body: Uint8Array) {
  return scriptedPortal(({ outgoing }) => {
    outgoing.writeHead(200, { 'content-encoding': encoding }).end(body);
  });
}

describe('a compressed answer', () => {
  test.each(encodings)('(%s) is read, for every kind of request', async (encoding, encode) => {
    const read = await compressing(encoding, encode(person));
    expect(await clientOf(read.origin).user(userId)).toMatchObject({ kind: 'ok' });
    const sent = await compressing(encoding, encode(ok));
    const client = clientOf(sent.origin);
    expect(await client.sendCongratulations(userId, 'k')).toMatchObject({ kind: 'sent' });
    expect(await client.inviteByEmail([{ email: 'a@example.com', type: 'User' }])).toMatchObject({
      kind: 'done',
    });
    expect(await client.remailInvitations([userId])).toMatchObject({ kind: 'done' });
  });

  test.each([
    ['gzip', Buffer.from(ok)],
    ['gzip', gzipSync(ok).subarray(0, 20)],
    ['br', Buffer.from('not br')],
    ['unheard-of', Buffer.from(ok)],
  ])('(%s) that cannot be decoded leaves the welcome unknown', async (encoding, body) => {
    const portal = await compressing(encoding, body);
    expect(await clientOf(portal.origin).sendCongratulations(userId, 'k')).toEqual({
      kind: 'unknown',
      reason: { code: 'portal_answer_unreadable' },
    });
  });

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('(%s) that grows beyond its limit is given up', async (encoding, encode) => {
    const bomb = await compressing(encoding, encode(Buffer.alloc(64 * 1024 * 1024, ' ')));
    const client = clientOf(bomb.origin);
    expect(await client.user(userId)).toMatchObject({
      kind: 'trouble',
      fault: { code: 'portal_answer_too_large' },
    });
    expect(await client.sendCongratulations(userId, 'k')).toMatchObject({ kind: 'unknown' });
  });
});

describe('the limit of an answer', () => {
  const query = {
    employeeStatus: 1,
    sortBy: 'email',
    sortOrder: 'ascending',
    startIndex: 0,
  } as const;
  const of = (bytes: number) => envelope([], { total: 0, links: [' '.repeat(bytes)] });
  const mega = 1024 * 1024;

  test.each([
    ['one person', 2 * mega, (client: PortalClient) => client.user(userId), 'trouble'],
    ['a page of people', 2 * mega, (client: PortalClient) => client.people(query), 'ok'],
    ['a page of people', 5 * mega, (client: PortalClient) => client.people(query), 'trouble'],
    [
      'the journal',
      8 * mega,
      (client: PortalClient) => client.undelivered({ webhookId: 1, startIndex: 0 }),
      'ok',
    ],
    [
      'an invitation, whose answer lists all pending people',
      20 * mega,
      (client: PortalClient) => client.inviteByEmail([{ email: 'a@example.com', type: 'User' }]),
      'done',
    ],
  ] as const)('for %s: %i bytes', async (_, bytes, call, kind) => {
    const portal = await answering(200, of(bytes));
    expect((await call(clientOf(portal.origin))).kind).toBe(kind);
  });
});

describe('the portal’s clock', () => {
  test('is known from its last answer', async () => {
    const aheadMs = 3 * 3_600_000;
    const portal = await scriptedPortal(({ outgoing }) => {
      const date = new Date(Date.now() + aheadMs).toUTCString();
      outgoing.writeHead(200, { date }).end(person);
    });
    const client = clientOf(portal.origin);
    expect(client.clockDifferenceMs()).toBeNull();
    expect(Math.abs(client.portalNow() - Date.now())).toBeLessThan(1_000);
    await client.user(userId);
    expect(Math.abs((client.clockDifferenceMs() ?? 0) - aheadMs)).toBeLessThan(2_000);
    expect(Math.abs(client.portalNow() - Date.now() - aheadMs)).toBeLessThan(2_000);
  });
});

describe('a proxy that the environment names', () => {
  /**
   * An HTTP proxy for CONNECT. If `answer` is given, the proxy sends it instead of opening a
   * tunnel.
   */
  async function startProxy(answer?: string) {
    const targets: string[] = [];
    const server = createServer();
    server.on('connect', (request, socket) => {
      targets.push(request.url ?? '');
      socket.on('error', () => {});
      if (answer) return void socket.end(answer);
      const [host, port] = (request.url ?? '').split(':');
      const far = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        far.pipe(socket).pipe(far);
      });
      far.on('error', () => socket.destroy());
      socket.on('close', () => far.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.close();
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return { url: `http://127.0.0.1:${address.port}`, targets };
  }

  function environment(values: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(values)) vi.stubEnv(name, value);
    onTestFinished(() => void vi.unstubAllEnvs());
  }

  test('is used', async () => {
    const portal = await answering(200, ok);
    const proxy = await startProxy();
    environment({ HTTP_PROXY: proxy.url, NO_PROXY: '' });
    expect(await clientOf(portal.origin).sendCongratulations(userId, 'k')).toMatchObject({
      kind: 'sent',
    });
    expect(proxy.targets).toEqual([new URL(portal.origin).host]);
  });

  test('is not used for a host in NO_PROXY', async () => {
    const portal = await answering(200, ok);
    const proxy = await startProxy();
    environment({ HTTP_PROXY: proxy.url, NO_PROXY: '127.0.0.1' });
    expect((await clientOf(portal.origin).sendCongratulations(userId, 'k')).kind).toBe('sent');
    expect(proxy.targets).toEqual([]);
  });

  test('that refuses the tunnel has sent nothing, and the fault contains its answer', async () => {
    const proxy = await startProxy('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    environment({ HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url, NO_PROXY: '' });
    for (const origin of ['http://portal.example', 'https://portal.example']) {
      expect(await clientOf(origin).sendCongratulations(userId, 'k')).toMatchObject({
        kind: 'not_sent',
        reason: { code: 'portal_unreachable', cause: 'the proxy answered 407' },
      });
    }
  });
});

describe('a fault of the connection names the host and the cause', () => {
  test('a certificate of an unknown authority', async () => {
    const folder = new URL('../channels/tls/', import.meta.url);
    const server = createTlsServer({
      key: readFileSync(new URL('key.pem', folder)),
      cert: readFileSync(new URL('cert.pem', folder)),
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.close();
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const client = clientOf(`https://localhost:${address.port}`);
    expect(await client.sendCongratulations(userId, 'k')).toMatchObject({
      kind: 'not_sent',
      reason: {
        code: 'portal_certificate_untrusted',
        host: 'localhost',
        cause: expect.stringMatching(/CERT/),
      },
    });
  });

  test('a name that DNS does not know', async () => {
    const outcome = await clientOf('http://portal.invalid').sendCongratulations(userId, 'k');
    expect(outcome).toMatchObject({
      kind: 'not_sent',
      reason: { code: 'portal_name_unknown', host: 'portal.invalid' },
    });
    expect(reasonText(outcome.reason)).toMatch(/portal\.invalid \((ENOTFOUND|EAI_AGAIN)\)/);
  });
});
