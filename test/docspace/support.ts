import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSocketServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../src/clock.ts';
import { systemClock } from '../../src/clock.ts';
import { createPortalClient, type PortalClient } from '../../src/docspace/client.ts';

export const userId = '7b3c1d52-8e1f-4f55-9d0b-3a5a2f9e6c01';

/** A client as the service makes it, with deadlines short enough for a test. */
export function clientOf(
  origin: string,
  options: Partial<Parameters<typeof createPortalClient>[0]> = {},
): PortalClient {
  const client = createPortalClient({
    origin,
    apiKey: `sk-${'a'.repeat(64)}`,
    concurrency: 4,
    timeoutMs: 5_000,
    clock: systemClock,
    random: () => 0,
    ...options,
  });
  onTestFinished(() => client.close());
  return client;
}

/**
 * A clock whose time passes only while somebody waits for it. It records the pauses, and they take
 * no time.
 */
export function createPauseRecorder(startAt = 1_000_000): Clock & {
  readonly pausesMs: number[];
  /** Time passes. */
  readonly move: (ms: number) => void;
  /** Somebody sets the clock of the machine: no time passes. */
  readonly set: (byMs: number) => void;
} {
  let at = startAt;
  let setByMs = 0;
  const pausesMs: number[] = [];
  return {
    pausesMs,
    now: () => at + setByMs,
    elapsed: () => at,
    move(ms) {
      at += ms;
    },
    set(byMs) {
      setByMs += byMs;
    },
    schedule(until, work) {
      pausesMs.push(until - at - setByMs);
      const timer = setImmediate(() => {
        at = Math.max(at, until - setByMs);
        work();
      });
      return () => clearImmediate(timer);
    },
  };
}

export type Seen = {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body: string;
};

/** A portal whose answers the test writes. `nth` counts the requests from 1. */
export async function scriptedPortal(
  answer: (given: {
    readonly incoming: IncomingMessage;
    readonly outgoing: ServerResponse;
    readonly nth: number;
  }) => void,
): Promise<{ readonly origin: string; readonly seen: readonly Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method = '', url = '', headers } = incoming;
      const body = Buffer.concat(chunks).toString();
      const nth = seen.push({ method, url, authorization: headers.authorization, body });
      answer({ incoming, outgoing, nth });
    });
  });
  onTestFinished(() => server.closeAllConnections());
  return { origin: await listening(server), seen };
}

/** Gives every request the same answer. */
export function answering(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
) {
  return scriptedPortal(({ outgoing }) => {
    outgoing.writeHead(status, headers).end(body);
  });
}

/** A TCP server. The test decides what it does with a connection. */
export async function socketPortal(onSocket: (socket: Socket, nth: number) => void) {
  let count = 0;
  const sockets = new Set<Socket>();
  const server = createSocketServer((socket) => {
    count += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    onSocket(socket, count);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  const origin = await listening(server);
  return { origin, connections: () => count };
}

/** An address at which nothing listens. */
export async function closedPort(): Promise<string> {
  const server = createSocketServer();
  const origin = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return origin;
}

/** Fails with `label` if `work` does not end in time. */
export async function within<T>(label: string, deadlineMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`waited ${deadlineMs} ms for: ${label}`)),
      deadlineMs,
    );
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** The portal's envelope of success (docs/docspace-wire.md 2.1). */
export function envelope(response: unknown, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ response, count: 1, links: [], status: 0, statusCode: 200, ...more });
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}`;
}
