import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/**
 * A proxy before several replicas, as a load balancer that only knows whether a connection can be
 * opened: each connection goes to the next replica that takes it.
 * @returns its URL
 */
export async function startBalancer(ports: readonly number[]): Promise<string> {
  const open = new Set<Socket>();
  let turn = 0;

  function pass(incoming: Socket, left: number): void {
    turn += 1;
    const outgoing = connect({ host: '127.0.0.1', port: ports[turn % ports.length] ?? 0 });
    open.add(outgoing);
    outgoing.once('connect', () => {
      incoming.pipe(outgoing);
      outgoing.pipe(incoming);
    });
    outgoing.once('error', () => {
      if (outgoing.bytesRead === 0 && outgoing.bytesWritten === 0 && left > 1) {
        pass(incoming, left - 1);
      } else incoming.destroy();
    });
    outgoing.once('close', () => open.delete(outgoing));
    incoming.once('close', () => outgoing.destroy());
  }

  const server = createServer((incoming) => {
    open.add(incoming);
    incoming.on('error', () => {});
    incoming.once('close', () => open.delete(incoming));
    pass(incoming, ports.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return `http://127.0.0.1:${address.port}`;
}
