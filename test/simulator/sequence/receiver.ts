import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { RealDelivery } from './format.ts';

export type TestReceiver = {
  /** http://localhost:PORT */
  readonly origin: string;
  /** What came since `take` was called last, the HEAD probes among it. */
  readonly take: (path?: string) => RealDelivery[];
  /** What came for a path, without taking it. */
  readonly seen: (path?: string) => RealDelivery[];
  /** How the next HEAD probes are answered: a status, `destroyed` or `no answer`. */
  probeAnswer: number | string;
  /** After somebody repaired the receivers by hand all of them answer 200. */
  repaired: boolean;
  readonly stop: () => Promise<void>;
};

/** The receiver of the recorded runs: how it answers depends on the path (`receiverOfRun6`). */
export async function startReceiver(): Promise<TestReceiver> {
  let seen: RealDelivery[] = [];
  let soFar503 = 0;
  const answer = (request: IncomingMessage, response: ServerResponse): number | string => {
    const { method, url = '' } = request;
    if (method === 'HEAD') return receiver.probeAnswer;
    const name = receiver.repaired ? '' : (url.split('/')[2] ?? '');
    switch (name) {
      case 'a500':
        return 500;
      case 'b301':
        response.setHeader('Location', '/elsewhere');
        return 301;
      case 'c410':
        return 410;
      case 'd':
        return 'destroyed';
      case 'e429':
        response.setHeader('Retry-After', '120');
        return 429;
      case 'f404':
        response.statusMessage = 'Nicht da';
        return 404;
      case 'g204':
        return 204;
      case 'h':
        soFar503 += 1;
        return soFar503 <= 2 ? 503 : 201;
      case 'j':
        response.setHeader('x-one', 'a');
        response.setHeader('Set-Cookie', ['a=1', 'b=2']);
        return 200;
      default:
        return 200;
    }
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', rawHeaders } = request;
      const answered = answer(request, response);
      seen.push({ method, url, rawHeaders, body: Buffer.concat(chunks).toString(), answered });
      if (answered === 'destroyed') request.socket.destroy();
      else if (typeof answered === 'number') {
        response.writeHead(answered).end(receiver.repaired ? 'now' : bodyOf(url, answered));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The receiver has no port.');
  const receiver: TestReceiver = {
    origin: `http://localhost:${address.port}`,
    seen: (path) => seen.filter(({ url }) => url === path),
    take(path) {
      const taken = seen.filter(({ url }) => path === undefined || url === path);
      seen = seen.filter((one) => !taken.includes(one));
      return taken;
    },
    probeAnswer: 200,
    repaired: false,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}

/** The recorded receiver answered with these texts; what is not taken has none that counts. */
function bodyOf(url: string, answered: number): string {
  if (answered === 204) return '';
  if (answered === 201) return 'late';
  if (url.endsWith('/j')) return 'ümläut <b>&'.repeat(200);
  return url.endsWith('/i') ? 'slow' : 'ok';
}
