import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy before a server, whose connections a test can disturb. */
export type CuttableProxy = {
  /** The target's URL with the port of the proxy. */
  readonly url: string;
  /**
   * Requests reach the server and are performed, but the answers do not reach the client: its
   * connection is closed when the server answers. After `count` cuts the proxy is healthy.
   * @param count how many connections are cut
   * @param request only answers to requests that contain this text are cut
   */
  readonly cutAnswers: (count?: number, request?: string) => void;
  /** Nothing passes any more in either direction, and no connection is closed. */
  readonly swallow: () => void;
  /** Ends every connection now, on both sides. */
  readonly cutAll: () => void;
  /** New connections work again. Connections that were disturbed are closed. */
  readonly heal: () => void;
  /** New connections go to this server. */
  readonly pointAt: (target: string) => void;
  /** How many connections lost an answer. */
  readonly cuts: () => number;
  readonly close: () => Promise<void>;
};

type Pair = {
  readonly client: Socket;
  readonly server: Socket;
  isSwallowed: boolean;
  /** A request that is to lose its answer was handed on. */
  isChosen: boolean;
};

/** @param target the URL of a server that listens on TCP */
export async function openCuttableProxy(target: string): Promise<CuttableProxy> {
  let address = new URL(target);
  const pairs = new Set<Pair>();
  let isSwallowing = false;
  let left = 0;
  let chosen = '';
  let cuts = 0;

  const end = (pair: Pair) => {
    pairs.delete(pair);
    pair.client.destroy();
    pair.server.destroy();
  };
  const isSwallowed = (pair: Pair) => {
    pair.isSwallowed ||= isSwallowing;
    return pair.isSwallowed;
  };
  const proxy = createServer((client) => {
    const server = connect(Number(address.port), address.hostname);
    const pair: Pair = { client, server, isSwallowed: false, isChosen: false };
    pairs.add(pair);
    client.on('data', (bytes) => {
      if (isSwallowed(pair)) return;
      pair.isChosen ||= left > 0 && bytes.includes(chosen);
      server.write(bytes);
    });
    server.on('data', (bytes) => {
      if (isSwallowed(pair) || client.destroyed) return;
      if (left === 0 || !pair.isChosen) {
        client.write(bytes);
        return;
      }
      left -= 1;
      cuts += 1;
      client.destroy();
      // The server first reads what was handed on: an immediate end could discard it.
      server.end();
    });
    for (const socket of [client, server]) {
      // A connection that fails on one side ends on the other side.
      socket.on('error', () => {});
      socket.on('close', () => {
        if (isSwallowed(pair)) return;
        if (socket === client) server.end();
        else end(pair);
      });
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const bound = proxy.address();
  if (bound === null || typeof bound === 'string') throw new Error('the proxy has no port');
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String(bound.port);
  const endAll = (which: (pair: Pair) => boolean) => {
    for (const pair of [...pairs].filter(which)) end(pair);
  };

  return {
    url: url.href,
    cutAnswers(count = 1, request = '') {
      left = count;
      chosen = request;
      for (const pair of pairs) pair.isChosen = false;
    },
    swallow() {
      isSwallowing = true;
      for (const pair of pairs) pair.isSwallowed = true;
    },
    cutAll: () => endAll(() => true),
    heal() {
      isSwallowing = false;
      left = 0;
      endAll((pair) => pair.isSwallowed);
    },
    pointAt(other) {
      address = new URL(other);
    },
    cuts: () => cuts,
    async close() {
      endAll(() => true);
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
