import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { until } from '../support/until.ts';

export const eventsSecret = `whsec_${Buffer.from('a secret of thirty-two bytes ok!').toString('base64')}`;

export type Received = {
  readonly id: string;
  readonly timestamp: number;
  readonly signature: string;
  readonly body: string;
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects and fails otherwise
  readonly data: any;
};

/** A program that gets events, on a socket. */
export type ReceiverServer = {
  readonly url: string;
  /** Every request, also those that were not answered with 200. */
  readonly requests: readonly Received[];
  /** The requests that were answered with 200. */
  readonly accepted: () => readonly Received[];
  /** How the next requests are answered. Null: not at all. */
  answer: ((response: ServerResponse, received: Received) => void) | null;
  readonly settings: Readonly<Record<string, string>>;
  /** Waits until this many events were accepted, and returns them. */
  readonly accepts: (count: number) => Promise<readonly Received[]>;
  readonly gets: (count: number) => Promise<readonly Received[]>;
};

export const status = (code: number) => (response: ServerResponse) => {
  response.writeHead(code).end();
};

export async function startReceiver(): Promise<ReceiverServer> {
  const requests: Received[] = [];
  const accepted: Received[] = [];
  const server = createServer(async (request, response) => {
    const received = await read(request);
    requests.push(received);
    response.on('finish', () => {
      if (response.statusCode === 200) accepted.push(received);
    });
    receiver.answer?.(response, received);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const url = `http://127.0.0.1:${port}/hooks/secret-path`;
  const receiver: ReceiverServer = {
    url,
    requests,
    accepted: () => accepted,
    answer: status(200),
    settings: { EVENTS_URL: url, EVENTS_SECRET: eventsSecret },
    accepts: (count) =>
      until(`${count} events were accepted`, () => accepted.length >= count && [...accepted]),
    gets: (count) =>
      until(`${count} requests arrived`, () => requests.length >= count && [...requests]),
  };
  return receiver;
}

async function read(request: IncomingMessage): Promise<Received> {
  let body = '';
  for await (const chunk of request) body += chunk;
  const { type, data } = JSON.parse(body);
  const header = (name: string) => String(request.headers[name]);
  return {
    id: header('webhook-id'),
    timestamp: Number(header('webhook-timestamp')),
    signature: header('webhook-signature'),
    body,
    type,
    data,
  };
}

/** Written from the specification, and not from the code of the service. */
export function isSigned({ id, timestamp, signature, body }: Received): boolean {
  const key = Buffer.from(eventsSecret.slice('whsec_'.length), 'base64');
  const hmac = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`);
  return signature === `v1,${hmac.digest('base64')}`;
}
