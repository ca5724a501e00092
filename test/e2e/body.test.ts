import { type AddressInfo, connect, type Socket } from 'node:net';
import { type HttpBindings, serve } from '@hono/node-server';
import { Hono } from 'hono';
import { expect, onTestFinished, test } from 'vitest';
import { type BodyRead, readBody } from '../../src/http/body.ts';
import { deliver, deliveryBody, signed } from '../support/deliveries.ts';
import { until } from '../support/until.ts';
import { startWorld, type World } from '../support/world.ts';

const limit = 1024 * 1024;

/** A connection on which a test sends any bytes. */
async function connection(world: World) {
  const { port } = new URL(world.service.url);
  const socket: Socket = connect({ host: '127.0.0.1', port: Number(port) });
  onTestFinished(() => void socket.destroy());
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  // A server that refuses a body may reset the connection while the body is still being sent.
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  const head = (...headers: string[]) =>
    socket.write(['POST /webhooks/docspace HTTP/1.1', 'Host: x', ...headers, '', ''].join('\r\n'));
  return {
    socket,
    head,
    status: () => until('an answer', () => /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]),
    answer: () => answer,
  };
}

async function servesTheNext(world: World): Promise<void> {
  const body = deliveryBody({ id: 77 });
  expect((await deliver(world.service.url, body, signed(body))).json).toEqual({
    status: 'accepted',
  });
}

function chunk(bytes: number): string {
  return `${bytes.toString(16)}\r\n${' '.repeat(bytes)}\r\n`;
}

test('a body in chunks that exceeds the limit by one byte is refused, and one of exactly the limit is read', async () => {
  const world = await startWorld({ withWebhook: false });
  const exact = await connection(world);
  exact.head('Transfer-Encoding: chunked');
  exact.socket.write(`${chunk(limit)}0\r\n\r\n`);
  expect(await exact.status()).toBe('401');

  const over = await connection(world);
  over.head('Transfer-Encoding: chunked');
  over.socket.write(`${chunk(limit)}${chunk(1)}0\r\n\r\n`);
  expect(await over.status()).toBe('413');
  expect(over.answer().toLowerCase()).toContain('connection: close');
  await servesTheNext(world);
});

test('a body whose length exceeds the limit is refused before it arrives', async () => {
  const world = await startWorld({ withWebhook: false });
  const { head, status, answer } = await connection(world);
  head(`Content-Length: ${limit + 1}`);
  expect(await status()).toBe('413');
  expect(answer().toLowerCase()).toContain('connection: close');
  await servesTheNext(world);
});

test('of a body that is longer than its stated length, only that length is read', async () => {
  const world = await startWorld({ withWebhook: false });
  const { socket, head, status } = await connection(world);
  head('Content-Length: 2');
  socket.write(`{}${' '.repeat(2 * limit)}`);
  // The bytes after the first two are not a request, and Node may answer that first.
  expect(['400', '401']).toContain(await status());
  await servesTheNext(world);
});

test('a client that disconnects half way causes no fault, and the next request is served', async () => {
  const world = await startWorld({ withWebhook: false });
  for (const headers of ['Content-Length: 1000', 'Transfer-Encoding: chunked']) {
    const { socket, head } = await connection(world);
    head(headers);
    socket.write(headers.startsWith('Content') ? '{"event"' : chunk(100));
    socket.destroy();
  }
  await servesTheNext(world);
  expect(world.log.join('')).not.toContain('a request failed');
});

test('a request that is broken off before its body is read ends, for example while its token is looked up', async () => {
  const app = new Hono<{ Bindings: HttpBindings }>();
  let read: BodyRead | null = null;
  app.post('/', async (c) => {
    await new Promise((resolve) => c.env.incoming.once('close', resolve));
    read = await readBody(c, limit);
    return c.body(null);
  });
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  // `serve` got a host and port, so this is a TCP address.
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => {});
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nh', () => socket.destroy());
  await until('the body is given up', () => read !== null);
  expect(read).toEqual({ kind: 'broken_off' });
});
