import type { IncomingMessage } from 'node:http';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';

/** What came as the body of a request. */
export type BodyRead =
  | { readonly kind: 'whole'; readonly body: Buffer }
  /** The rest is not read: the connection can serve no other request. */
  | { readonly kind: 'too_large' }
  /** The client went away half way: nobody waits for an answer. */
  | { readonly kind: 'broken_off' };

/**
 * Hono's limit, where there may be a body. To look for one it makes a web request of Node's, with
 * signals that outlive every scavenge: reads took 1.1 to 1.4 times as long, and the collections that
 * followed held the event loop up for 40 ms.
 */
export function limitBodies(options: Parameters<typeof bodyLimit>[0]): MiddlewareHandler {
  const limit = bodyLimit(options);
  const isBodiless = (method: string) => method === 'GET' || method === 'HEAD';
  return (c, next) => (isBodiless(c.req.method) ? next() : limit(c, next));
}

/**
 * Reads at most `longestBytes`, whatever the headers say. From Node's own stream where there is one:
 * Hono's body limit makes a web stream of it first (0.69 against 0.79 of a bare receiver: performance.md).
 */
export async function readBody(c: Context, longestBytes: number): Promise<BodyRead> {
  // `app.request()` has no socket, and nothing of Node beside the web request.
  const { incoming }: { incoming?: IncomingMessage } = c.env ?? {};
  if (incoming) return readIncoming(incoming, longestBytes);
  const body = Buffer.from(await c.req.arrayBuffer());
  return body.length > longestBytes ? { kind: 'too_large' } : { kind: 'whole', body };
}

/** Listens from the turn on that the request came in, so that no event was missed. */
function readIncoming(incoming: IncomingMessage, longestBytes: number): Promise<BodyRead> {
  if (Number(incoming.headers['content-length'] ?? 0) > longestBytes) {
    return Promise.resolve({ kind: 'too_large' });
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    incoming.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= longestBytes) chunks.push(chunk);
      else resolve({ kind: 'too_large' });
    });
    incoming.once('end', () => {
      const [first] = chunks;
      const body = first && chunks.length === 1 ? first : Buffer.concat(chunks);
      resolve({ kind: 'whole', body });
    });
    incoming.once('error', () => resolve({ kind: 'broken_off' }));
    incoming.once('close', () => resolve({ kind: 'broken_off' }));
  });
}
