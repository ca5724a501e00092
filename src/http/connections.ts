import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Log } from '../log.ts';

/** Each connection needs a file descriptor, and the usual limit of a process is 1,024. */
const mostConnections = 800;
/**
 * How long a connection may be silent without an open request, or while the client does not read its
 * answer.
 */
const silenceMs = 65_000;
const logEveryMs = 60_000;

/**
 * Keeps the number of connections below what the process can open. If a new connection exceeds the
 * limit, the connection that has been idle for longest is closed. If no other is idle, the new
 * connection is closed.
 * @param limit lower in tests
 */
export function limitConnections(server: Server, log?: Log, limit = mostConnections): void {
  /**
   * The number of open requests of each connection. Among idle connections, the longest idle is first.
   */
  const requests = new Map<Socket, number>();
  let closed = 0;
  let isWaiting = false;

  function report(): void {
    isWaiting = false;
    if (closed === 0) return;
    log?.warn({ closed, limit }, 'too many connections: idle connections are closed');
    closed = 0;
    isWaiting = true;
    setTimeout(report, logEveryMs).unref();
  }

  function makeRoom(newest: Socket): void {
    const idle = [...requests].find(([socket, open]) => open === 0 && socket !== newest);
    (idle ? idle[0] : newest).destroy();
    closed += 1;
    if (!isWaiting) report();
  }

  server.on('connection', (socket: Socket) => {
    requests.set(socket, 0);
    socket.once('close', () => requests.delete(socket));
    if (requests.size > limit) makeRoom(socket);
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    requests.set(socket, (requests.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const open = (requests.get(socket) ?? 1) - 1;
      requests.delete(socket);
      if (!socket.destroyed) requests.set(socket, open);
    });
  });
  server.setTimeout(silenceMs, (socket) => {
    const isWorking = (requests.get(socket) ?? 0) > 0 && socket.writableLength === 0;
    if (!isWorking) socket.destroy();
  });
}
