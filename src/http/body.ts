import type { IncomingMessage } from 'node:http';
import type { Context, MiddlewareHandler } from 'hono';

/** What came as the body of a request. */
export type BodyRead =
  | { readonly kind: 'whole'; readonly body: Buffer }
  /** The rest is not read: the connection can serve no other request. */
  | { readonly kind: 'too_large' }
  /** Too many large bodies are being read at the same time. The rest is not read. */
  | { readonly kind: 'no_room' }
  /** The client closed the connection before the end: nobody waits for an answer. */
  | { readonly kind: 'broken_off' };

/** Bounds the memory of bodies that arrive at the same time and of which nobody knows who sent them. */
export type BodyBudget = {
  /** @returns false when there is no room for so many more bytes; then nothing was taken */
  readonly take: (bytes: number) => boolean;
  readonly giveBack: (bytes: number) => void;
};

/** @param mostBytes of all bodies together, each without its first `freeBytes` */
export function createBodyBudget(mostBytes: number): BodyBudget {
  let taken = 0;
  return {
    take(bytes) {
      if (taken + bytes > mostBytes) return false;
      taken += bytes;
      return true;
    },
    giveBack(bytes) {
      taken -= bytes;
    },
  };
}

/**
 * So much of each body is read whatever the budget says: the portal's deliveries are smaller, so a
 * stranger who holds large bodies open cannot keep them out.
 */
const freeBytes = 64 * 1024;

/**
 * Reads at most `longestBytes`, whatever the headers say. From Node's own stream where there is one:
 * Hono's body limit makes a web stream of it first, which is slower.
 * @param budget for senders who are not known yet
 */
export async function readBody(
  c: Context,
  longestBytes: number,
  budget?: BodyBudget,
): Promise<BodyRead> {
  // `app.request()` has no socket, and nothing of Node beside the web request.
  const { incoming }: { incoming?: IncomingMessage } = c.env ?? {};
  if (incoming) return readIncoming(incoming, longestBytes, budget);
  const body = Buffer.from(await c.req.arrayBuffer());
  return body.length > longestBytes ? { kind: 'too_large' } : { kind: 'whole', body };
}

/** Listens from the turn on that the request came in, so that no event is missed. */
async function readIncoming(
  incoming: IncomingMessage,
  longestBytes: number,
  budget: BodyBudget | undefined,
): Promise<BodyRead> {
  if (Number(incoming.headers['content-length'] ?? 0) > longestBytes) return { kind: 'too_large' };
  let length = 0;
  let taken = 0;

  function hasRoom(): boolean {
    const wanted = Math.max(0, length - freeBytes) - taken;
    if (!budget || wanted <= 0) return true;
    if (!budget.take(wanted)) return false;
    taken += wanted;
    return true;
  }

  const read = await new Promise<BodyRead>((resolve) => {
    let chunks: Buffer[] = [];
    const giveUp = (kind: 'too_large' | 'no_room') => {
      chunks = [];
      resolve({ kind });
    };
    let isReading = true;
    incoming.on('data', (chunk: Buffer) => {
      if (!isReading) return;
      length += chunk.length;
      isReading = length <= longestBytes && hasRoom();
      if (isReading) chunks.push(chunk);
      else giveUp(length > longestBytes ? 'too_large' : 'no_room');
    });
    incoming.once('end', () => {
      const [first] = chunks;
      const body = first && chunks.length === 1 ? first : Buffer.concat(chunks);
      resolve({ kind: 'whole', body });
    });
    incoming.once('error', () => resolve({ kind: 'broken_off' }));
    incoming.once('close', () => resolve({ kind: 'broken_off' }));
  });
  budget?.giveBack(taken);
  return read;
}

/**
 * Reads the body of a request before the route does, up to a limit. The route then finds it in a
 * fresh request.
 * @param options `onError` answers for a body that is too large
 */
export function limitBodies(options: {
  readonly maxSize: number;
  readonly onError: (c: Context) => Response | Promise<Response>;
  /** Overrides the header `content-type`; a body that is empty gets none. */
  readonly contentType?: string;
}): MiddlewareHandler {
  return async (c, next) => {
    const { method } = c.req;
    if (method === 'GET' || method === 'HEAD') return next();
    const read = await readBody(c, options.maxSize);
    if (read.kind !== 'whole') return options.onError(c);
    const headers = new Headers(c.req.header());
    if (options.contentType !== undefined) headers.delete('content-type');
    if (options.contentType !== undefined && read.body.length > 0) {
      headers.set('content-type', options.contentType);
    }
    const body = read.body.length === 0 ? null : read.body;
    c.req.raw = new Request(c.req.url, { method, headers, body });
    return next();
  };
}
