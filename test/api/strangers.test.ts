import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { limitConnections } from '../../src/http/connections.ts';
import { createHostCheck } from '../../src/http/host.ts';
import { createMovableClock } from '../support/clock.ts';
import { until } from '../support/until.ts';
import { call, startWorld } from '../support/world.ts';

/* What a client without a token can do to the service. */

/** A connection on which a test sends any bytes. */
async function connection(port: number) {
  const socket: Socket = connect({ host: '127.0.0.1', port });
  onTestFinished(() => void socket.destroy());
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  return {
    socket,
    answer: () => answer,
    send: (...lines: string[]) => void socket.write(lines.join('\r\n')),
    status: () => until('an answer', () => /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]),
  };
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

describe('the header Host', () => {
  const check = createHostCheck({ host: '0.0.0.0', publicUrl: 'https://welcome.example.org/x' });

  test.each([
    'localhost',
    'localhost:8080',
    'LOCALHOST',
    'a.localhost:1',
    '127.0.0.1:8080',
    '192.168.1.4',
    '[::1]:8080',
    'docspace-welcome:8080',
    'welcome.example.org',
    'Welcome.Example.Org:443',
  ])('%s belongs to this service', (host) => {
    expect(check(host)).toBe('own');
  });

  test.each(['other.example.net', 'example.org', 'evil.welcome.example.org', 'nas.lan:8000'])(
    '%s is not accepted',
    (host) => {
      expect(check(host)).toBe('foreign');
    },
  );

  test.each([
    '1.2.3.4.5',
    '',
    'a b',
    'a/b',
    'x@localhost',
    'localhost:99999',
    '[::1',
    'a,b',
    '%00',
  ])('%j is malformed', (host) => {
    expect(check(host)).toBe('malformed');
  });

  test.each([
    ['1.2.3.4.5', '/sign-in', '400'],
    ['1.2.3.4.5', '/webhooks/docspace', '400'],
    ['other.example.net', '/sign-in', '421'],
    ['other.example.net', '/api/stats', '421'],
    ['other.example.net', '/healthz', '421'],
    ['localhost', '/healthz', '200'],
  ])('%s is asked for %s: %s, without an error in the log', async (host, path, status) => {
    const world = await startWorld({ withWebhook: false });
    const client = await connection(portOf(world.service.url));
    client.send(`GET ${path} HTTP/1.1`, `Host: ${host}`, 'Connection: close', '', '');
    expect(await client.status()).toBe(status);
    expect(world.log.join('')).not.toContain('failed');
  });
});

test('the address of the webhook may end with a slash', async () => {
  const world = await startWorld({ withWebhook: false });
  const path = '/webhooks/docspace/';
  expect((await call(world.service.url, 'HEAD', path, undefined, {})).status).toBe(200);
  expect((await call(world.service.url, 'POST', path, '{}', {})).status).toBe(401);
});

describe('a body', () => {
  test('in chunks that exceeds the limit of a form is answered with 413', async () => {
    const world = await startWorld({ withWebhook: false });
    const client = await connection(portOf(world.service.url));
    const chunk = `2000\r\n${'a'.repeat(0x2000)}\r\n`;
    client.send(
      'POST /sign-in HTTP/1.1',
      'Host: 127.0.0.1',
      `Origin: ${world.service.url}`,
      'Sec-Fetch-Site: same-origin',
      'Content-Type: application/x-www-form-urlencoded',
      'Transfer-Encoding: chunked',
      'Connection: close',
      '',
      `${chunk.repeat(5)}0\r\n\r\n`,
    );
    expect(await client.status()).toBe('413');
    expect(world.log.join('')).not.toContain('failed');
  });

  test('of a request to the API is not read before the token', async () => {
    const world = await startWorld({ withWebhook: false });
    const client = await connection(portOf(world.service.url));
    client.send(
      'POST /api/invitations HTTP/1.1',
      'Host: 127.0.0.1',
      'Content-Type: application/json',
      'Content-Length: 1000000',
      '',
      '{',
    );
    expect(await client.status()).toBe('401');
  });

  test('of an unverified delivery: many held large ones leave room for a small one', async () => {
    const world = await startWorld({ withWebhook: false });
    const port = portOf(world.service.url);
    const half = 'x'.repeat(900_000);
    const held = await Promise.all(Array.from({ length: 120 }, () => connection(port)));
    for (const { send } of held) {
      send(
        'POST /webhooks/docspace HTTP/1.1',
        'Host: 127.0.0.1',
        'Content-Length: 1000000',
        '',
        half,
      );
    }
    const refused = await until('some requests are refused', () => {
      const answers = held.map((one) => one.answer()).filter((one) => one.startsWith('HTTP/1.1'));
      return answers.length > 20 ? answers : null;
    });
    for (const answer of refused) expect(answer).toMatch(/^HTTP\/1\.1 503 .*retry-after: 5/is);
    const small = await call(world.service.url, 'POST', '/webhooks/docspace', 'x', {});
    expect(small.status).toBe(401);
  });
});

test('no client caches the answers of the API or guesses their type', async () => {
  const world = await startWorld({ withWebhook: false });
  const answers = [
    await world.api('GET', '/api/stats'),
    await world.api('GET', '/api/nothing'),
    await world.api('POST', '/api/forget', '{'),
    await call(world.service.url, 'GET', '/api/members', undefined, {}),
  ];
  for (const { status, headers } of answers) {
    expect([status, headers['cache-control'], headers['x-content-type-options']]).toEqual([
      status,
      'no-store',
      'nosniff',
    ]);
  }
});

test('wrong tokens are counted, and logged once a minute without the token', async () => {
  const clock = createMovableClock();
  const world = await startWorld({ withWebhook: false, surroundings: { clock } });
  const guess = () =>
    call(world.service.url, 'GET', '/api/stats', undefined, {
      authorization: 'Bearer a-wrong-guess',
    });
  const lines = () => world.log.filter((line) => line.includes('wrong or revoked token'));
  for (let i = 0; i < 3; i += 1) expect((await guess()).status).toBe(401);
  expect(lines().map((line) => JSON.parse(line).api)).toEqual([1]);
  clock.move(60_000);
  await until('the other requests are logged', () => lines().length === 2);
  expect(lines().map((line) => JSON.parse(line).api)).toEqual([1, 2]);
  expect(world.log.join('')).not.toContain('a-wrong-guess');
  const { text } = await world.api('GET', '/metrics');
  expect(text).toContain('docspace_welcome_wrong_tokens_total{place="api"} 3');
});

describe('connections', () => {
  async function limited(limit: number, log: string[]): Promise<Server> {
    const server = createServer((request, response) => {
      if (request.url === '/slow') return;
      response.end('ok');
    });
    const warn = (fields: object) => log.push(JSON.stringify(fields));
    limitConnections(server, { warn, info() {}, debug() {}, error() {} }, limit);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => server.closeAllConnections());
    return server;
  }

  test('over the limit close the connection that has been idle for longest, never one in use', async () => {
    const log: string[] = [];
    const server = await limited(3, log);
    const { port } = server.address() as AddressInfo;
    const busy = await connection(port);
    busy.send('GET /slow HTTP/1.1', 'Host: x', '', '');
    const idle = await connection(port);
    const idleToo = await connection(port);
    const newest = await connection(port);
    newest.send('GET / HTTP/1.1', 'Host: x', '', '');
    expect(await newest.status()).toBe('200');
    await until('the oldest idle one is closed', () => idle.socket.closed);
    expect([busy.socket.closed, idleToo.socket.closed]).toEqual([false, false]);
    expect(log).toEqual([JSON.stringify({ closed: 1, limit: 3 })]);
  });

  test('that are idle keep nobody out, even a thousand of them', { timeout: 60_000 }, async () => {
    const world = await startWorld({ withWebhook: false });
    const port = portOf(world.service.url);
    for (let i = 0; i < 1_000; i += 1) await connection(port);
    expect((await call(world.service.url, 'GET', '/healthz', undefined, {})).status).toBe(200);
    expect(world.log.join('')).toContain('too many connections');
  });
});
