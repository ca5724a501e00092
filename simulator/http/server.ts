import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { World } from '../world.ts';
import { identify, passGate } from './access.ts';
import type { Endpoint } from './endpoint.ts';
import type { Act, Interference } from './interference.ts';
import { type Answer, render } from './outcome.ts';
import type { RequestRecord } from './record.ts';
import { createRouter, type Match } from './router.ts';

type PageHandler = (request: Request) => Response | Promise<Response>;
type Served = {
  readonly world: World;
  readonly endpoints: readonly Endpoint[];
  readonly pages: PageHandler;
  readonly interference: Interference;
  readonly record: RequestRecord;
};
type Exchange = {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly url: URL;
  readonly method: string;
  /**
   * Called before the answer is sent, so that a client that has its answer finds the status in the
   * record.
   */
  readonly answered: (status: number) => void;
};

const API = '/api/2.0';
const NOT_FOUND: Answer = { status: 404, headers: {}, body: '' };

/** Listens on 127.0.0.1. Requests are handled only after the caller has added a listener to `server`. */
export async function listen(port: number): Promise<{
  readonly server: Server;
  readonly origin: string;
}> {
  const server = createServer();
  // Longer than any client keeps a connection, so that the client closes it first.
  server.keepAliveTimeout = 300_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The portal has no port.');
  return { server, origin: `http://127.0.0.1:${address.port}` };
}

/** Records each request, applies the rules of interference, and answers. */
export function createRequestHandler(served: Served) {
  const { world, record, interference } = served;
  const route = createRouter(served.endpoints);
  return (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    // The date comes from the portal's own clock, which dates everything else too.
    outgoing.setHeader('Date', new Date(world.now()).toUTCString());
    const url = new URL(incoming.url ?? '/', world.origin);
    const method = incoming.method ?? 'GET';
    const match = url.pathname.startsWith(`${API}/`)
      ? route(method, url.pathname.slice(API.length))
      : undefined;
    const entry = record.arrived({
      at: world.now(),
      method,
      path: url.pathname,
      query: url.search.slice(1),
      route: match?.kind === 'found' ? API + match.endpoint.path : url.pathname,
      authorization: identify({ world, headers: incoming.headers }).kind,
    });
    outgoing.once('close', entry.closed);
    const exchange: Exchange = { incoming, outgoing, url, method, answered: entry.answered };
    const { pathname: path, searchParams: query } = url;
    const act = interference.actOn({ method, path, query });
    const answer = () => answerOf(served, exchange, match);
    perform({ act, answer, exchange, interference }).catch(() => incoming.socket.destroy());
  };
}

async function perform(input: {
  readonly act: Act | undefined;
  readonly answer: () => Promise<Answer>;
  readonly exchange: Exchange;
  readonly interference: Interference;
}): Promise<void> {
  const { act, answer, exchange, interference } = input;
  const { socket } = exchange.incoming;
  switch (act?.kind) {
    case undefined:
      return send(exchange, await answer());
    case 'answer':
      return send(exchange, { headers: {}, body: '', ...act });
    case 'hang':
      return;
    case 'reset':
      socket.resetAndDestroy();
      return;
    case 'effectThenReset':
      await answer();
      socket.resetAndDestroy();
      return;
    case 'effectThenHang':
      await answer();
      return;
    case 'effectThenAnswer':
      await answer();
      return send(exchange, { headers: {}, body: '', ...act });
    case 'delay':
      await new Promise((resolve) => setTimeout(resolve, act.ms).unref());
      return send(exchange, await answer());
    case 'hold':
      await interference.hold();
      return send(exchange, await answer());
    case 'effectThenHold': {
      const made = await answer();
      await interference.hold();
      return send(exchange, made);
    }
    default:
      throw new Error(`Nothing performs ${JSON.stringify(act satisfies never)}.`);
  }
}

async function answerOf(
  served: Served,
  exchange: Exchange,
  match: Match | undefined,
): Promise<Answer> {
  const { pages } = served;
  const { incoming, url, method } = exchange;
  if (match === undefined) {
    return url.pathname.startsWith('/api/') ? NOT_FOUND : await page(pages, exchange);
  }
  if (match.kind === 'unknown') return NOT_FOUND;
  if (match.kind === 'otherMethods') {
    return { status: 405, headers: { Allow: match.allow }, body: '' };
  }
  const world = asSeenBy(served.world, incoming);
  const outcome = await passGate({
    world,
    endpoint: match.endpoint,
    params: match.params,
    arrival: {
      method,
      path: url.pathname.slice(API.length),
      query: url.searchParams,
      headers: incoming.headers,
      address: incoming.socket.remoteAddress ?? '',
      readBody: () => readText(incoming),
    },
  });
  return render({ outcome, href: world.origin + shownPath(incoming.url ?? '/'), method });
}

/**
 * The URL as the server shows it: the path is decoded except for slashes, and the query is not decoded.
 */
function shownPath(url: string): string {
  const [path = '', ...query] = url.split('?');
  const shown = path.replace(/(?:%(?!2f)[0-9a-f]{2})+/gi, (part) =>
    Buffer.from(part.replaceAll('%', ''), 'hex').toString(),
  );
  return [shown, ...query].join('?');
}

/** Links and addresses in answers contain the host of the request (docs/docspace-wire.md 13.3). */
function asSeenBy(world: World, incoming: IncomingMessage): World {
  const header = (name: string) => incoming.headers[name]?.toString();
  const protocol = header('x-forwarded-proto') ?? 'http';
  const host = header('x-forwarded-host') ?? header('host');
  const origin = host === undefined ? world.origin : `${protocol}://${host}`;
  return origin === world.origin ? world : { ...world, origin };
}

async function page(pages: PageHandler, exchange: Exchange): Promise<Answer> {
  const { incoming, url, method } = exchange;
  const withBody = method !== 'GET' && method !== 'HEAD';
  const type = incoming.headers['content-type'] ?? 'application/octet-stream';
  const request = withBody
    ? new Request(url, {
        method,
        headers: { 'Content-Type': type },
        body: await readText(incoming),
      })
    : new Request(url, { method });
  const response = await pages(request);
  const headers = Object.fromEntries(response.headers);
  return { status: response.status, headers, body: await response.text() };
}

async function readText(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function send(exchange: Exchange, answer: Answer): void {
  const { incoming, outgoing } = exchange;
  if (outgoing.destroyed) return;
  exchange.answered(answer.status);
  // The unread rest of a request would block the connection for the next request.
  incoming.resume();
  const length = Buffer.byteLength(answer.body);
  outgoing.writeHead(answer.status, { ...answer.headers, 'Content-Length': length });
  outgoing.end(answer.body);
}
