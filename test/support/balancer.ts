import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export type Balancer = {
  readonly url: string;
  /** Sends nothing to this replica any more, as if its health check had failed. */
  readonly leaveOut: (port: number) => void;
  readonly takeBack: (port: number) => void;
};

/** A proxy before several replicas: each connection goes to the next one that takes it. */
export async function startBalancer(all: readonly number[]): Promise<Balancer> {
  const open = new Set<Socket>();
  const leftOut = new Set<number>();
  const toPort = new Map<Socket, number>();
  let turn = 0;

  function pass(incoming: Socket, left: number): void {
    turn += 1;
    const ports = all.filter((one) => !leftOut.has(one));
    const port = ports[turn % ports.length] ?? 0;
    const outgoing = connect({ host: '127.0.0.1', port });
    open.add(outgoing);
    toPort.set(outgoing, port);
    let isConnected = false;
    outgoing.once('connect', () => {
      isConnected = true;
      incoming.pipe(outgoing);
      outgoing.pipe(incoming);
    });
    outgoing.on('error', () => {});
    outgoing.once('close', () => {
      open.delete(outgoing);
      toPort.delete(outgoing);
      if (!isConnected && left > 1) pass(incoming, left - 1);
      else incoming.destroy();
    });
    incoming.once('close', () => outgoing.destroy());
  }

  const server = createServer((incoming) => {
    open.add(incoming);
    incoming.on('error', () => {});
    incoming.once('close', () => open.delete(incoming));
    pass(incoming, all.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    leaveOut(port) {
      leftOut.add(port);
      for (const [socket, at] of toPort) if (at === port) socket.destroy();
    },
    takeBack: (port) => void leftOut.delete(port),
  };
}
