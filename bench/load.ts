import { connect, type Socket } from 'node:net';
import { sign, signatureHeader } from '../src/docspace/signature.ts';
import { quantile } from './rounds.ts';

/*
 * Sends deliveries as fast as they are answered. It uses raw sockets, because undici would be the
 * bottleneck before the server.
 */

/** Complete requests, ready to be written. The n-th one is about event `firstId` + n. */
export type Deliveries = { readonly firstId: number; readonly requests: readonly Buffer[] };

/** Signs deliveries in advance, so that computing the HMAC does not slow the load. */
export function signDeliveries(options: {
  readonly firstId: number;
  readonly count: number;
  readonly userIds: readonly string[];
  readonly path: string;
  readonly secret: string;
}): Deliveries {
  const { firstId, count, userIds, path, secret } = options;
  const requests = Array.from({ length: count }, (_, n) => {
    // A large step, so that neighbours in a batch are different people.
    const userId = userIds[(n * 7_919) % userIds.length] ?? '';
    const body = Buffer.from(bodyOf(firstId + n, userId));
    const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n${signatureHeader}: ${sign(body, secret)}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${body.length}\r\n\r\n`;
    return Buffer.concat([Buffer.from(head, 'latin1'), body]);
  });
  return { firstId, requests };
}

/**
 * The body of a profile edit (fixture 05), with characters that ONLYOFFICE's sample can verify too.
 */
function bodyOf(eventId: number, userId: string): string {
  const createBy = '0d7c6f1e-5b1c-4d0a-9c55-7a3f1f2b9e10';
  const createOn = '2026-08-20T11:20:03Z';
  return JSON.stringify({
    event: { id: eventId, createOn, createBy, trigger: 'user.updated', triggerId: 4 },
    payload: {
      id: userId,
      firstName: 'Person',
      lastName: 'Number',
      userName: 'person.number',
      status: 1,
      activationStatus: 1,
      workFromDate: '2026-08-20T11:02:10Z',
      email: 'person.number@example.com',
      lastModified: '2026-08-20T11:20:03.7719026Z',
      tenantId: 1,
      isActive: true,
      cultureName: 'en-US',
      createDate: '2026-08-20T11:02:10Z',
      createdBy: createBy,
      spam: true,
    },
    webhook: {
      id: 12,
      name: 'Welcome service',
      url: 'https://hooks.example.com/webhooks/docspace',
      triggers: ['user.created', 'user.invited', 'user.updated', 'user.deleted'],
    },
  });
}

export type Loaded = {
  /** The ids of the events that were answered 200. */
  readonly acknowledged: readonly number[];
  /** The number of answers other than 200. */
  readonly refused: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
  /**
   * The share of CPU time that this process used, 0 to 1. At 1 the load was the limit, not the
   * server.
   */
  readonly loadBusy: number;
};

/**
 * Sends deliveries. Each connection sends its next delivery when the previous one is answered,
 * until the time is over or all are sent. Then it waits for the last answers.
 * @throws when a connection breaks
 */
export async function load(options: {
  readonly port: number;
  readonly connections: number;
  readonly deliveries: Deliveries;
  readonly forMs: number;
}): Promise<Loaded> {
  const { deliveries, forMs } = options;
  const sockets = await Promise.all(
    Array.from({ length: options.connections }, () => connected(options.port)),
  );
  const acknowledged: number[] = [];
  const tookMs: number[] = [];
  let next = 0;
  const cpuAt = process.cpuUsage();
  const begunAt = performance.now();
  const endAt = begunAt + forMs;
  await Promise.all(sockets.map(sendInTurn));
  const elapsedMs = performance.now() - begunAt;
  const { user, system } = process.cpuUsage(cpuAt);
  for (const socket of sockets) socket.destroy();
  return {
    acknowledged,
    refused: tookMs.length - acknowledged.length,
    perSecond: acknowledged.length / (elapsedMs / 1_000),
    p50Ms: quantile(tookMs, 0.5),
    p99Ms: quantile(tookMs, 0.99),
    longestMs: quantile(tookMs, 1),
    loadBusy: (user + system) / 1_000 / elapsedMs,
  };

  function sendInTurn(socket: Socket): Promise<void> {
    return new Promise((resolve, reject) => {
      let current = 0;
      let sentAt = 0;
      let answer = '';
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('the server closed a connection')));
      socket.on('data', (chunk) => {
        answer += chunk.toString('latin1');
        const status = statusOf(answer);
        if (status === null) return;
        answer = '';
        tookMs.push(performance.now() - sentAt);
        if (status === 200) acknowledged.push(deliveries.firstId + current);
        send();
      });
      send();

      function send(): void {
        current = next;
        const request = deliveries.requests[current];
        if (!request || performance.now() > endAt) {
          resolve();
          return;
        }
        next += 1;
        sentAt = performance.now();
        socket.write(request);
      }
    });
  }
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** @returns the status when the answer is complete; all of these servers send a content length */
function statusOf(answer: string): number | null {
  const headEnd = answer.indexOf('\r\n\r\n');
  if (headEnd === -1) return null;
  const length = /\r\ncontent-length: (\d+)/i.exec(answer);
  if (!length) throw new Error(`an answer of unknown length: ${answer}`);
  return answer.length < headEnd + 4 + Number(length[1]) ? null : Number(answer.slice(9, 12));
}
