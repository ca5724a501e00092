import type { IncomingMessage } from 'node:http';
import type { Context, MiddlewareHandler } from 'hono';

/** The result of reading the body of a request. */
export type BodyRead =
  | { readonly kind: 'whole'; readonly body: Buffer }
  /** The rest of the body is not read, so the connection can serve no other request. */
  | { readonly kind: 'too_large' }
  /** Too many large bodies are being read at the same time. The rest of this body is not read. */
  | { readonly kind: 'no_room' }
  /** The client closed the connection before the end: nobody waits for an answer. */
  | { readonly kind: 'broken_off' };

/** Limits the memory for request bodies that are read before their senders are verified. */
export type BodyBudget = {
  /** @returns false if fewer bytes are left; then nothing is taken */
  readonly take: (bytes: number) => boolean;
  readonly giveBack: (bytes: number) => void;
};

/** @param mostBytes the limit for all bodies together; the first `freeBytes` of each do not count */
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
 * The first bytes of each body are read even if the budget is used up. The portal's deliveries are
 * smaller than this, so a stranger who sends large bodies slowly cannot block deliveries.
 */
const freeBytes = 64 * 1024;

/**
 * Reads the body of a request, at most `longestBytes`, whatever the headers say. It reads Node's own
 * stream if there is one. Hono's body limit would first turn that stream into a web stream, which is
 * slower.
 * @param budget limits the memory while the sender is not verified
 */
export async function readBody(
  c: Context,
  longestBytes: number,
  budget?: BodyBudget,
): Promise<BodyRead> {
  // A request that was made with `app.request()` has no Node stream.
  const { incoming }: { incoming?: IncomingMessage } = c.env ?? {};
  if (incoming) return readIncoming(incoming, longestBytes, budget);
  const body = Buffer.from(await c.req.arrayBuffer());
  return body.length > longestBytes ? { kind: 'too_large' } : { kind: 'whole', body };
}

/** Reads the body from Node's stream. If the request was broken off before, no event would tell that. */
async function readIncoming(
  incoming: IncomingMessage,
  longestBytes: number,
  budget: BodyBudget | undefined,
): Promise<BodyRead> {
  if (incoming.destroyed) return { kind: 'broken_off' };
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
 * Reads the body of a request before the route does, up to a limit. The route then finds the body in a
 * new request.
 * @param options `onError` answers a request whose body could not be read
 */
export function limitBodies(options: {
  readonly maxSize: number;
  readonly onError: (
    c: Context,
    kind: Exclude<BodyRead['kind'], 'whole'>,
  ) => Response | Promise<Response>;
  /** Limits the memory, for senders who are not verified yet. */
  readonly budget?: BodyBudget;
  /** Replaces the header `content-type`; an empty body gets no such header. */
  readonly contentType?: string;
}): MiddlewareHandler {
  return async (c, next) => {
    const { method } = c.req;
    if (method === 'GET' || method === 'HEAD') return next();
    const read = await readBody(c, options.maxSize, options.budget);
    if (read.kind !== 'whole') return options.onError(c, read.kind);
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
