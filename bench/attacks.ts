import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { pinSelf } from './pinned.ts';
import { atMost, type Report } from './report.ts';
import type { BenchOptions } from './run.ts';
import { startServing } from './service.ts';

/*
 * Measures the memory of the service, and how long /healthz takes, while a stranger without a token
 * holds many connections open.
 */

const mostMegabytes = 400;
const mostHealthMs = 500;
const askEveryMs = 100;
/** The connections come one after the other: they are held, and not a flood that fills the network. */
const paceMs = 2;
const run = promisify(execFile);

type Attack = {
  readonly name: string;
  readonly connections: number;
  /** What each connection sends. It never reads an answer. */
  readonly write: (socket: Socket, host: string) => void;
};

const attacks: readonly Attack[] = [
  { name: 'chunked uploads to the API', connections: 300, write: upload('/api/invitations') },
  { name: 'forms for a page', connections: 300, write: upload('/invite') },
  { name: 'bodies for the webhook', connections: 600, write: holdDelivery },
  { name: 'readers of /docs that never read', connections: 600, write: askForDocs },
  { name: 'bodies that drip', connections: 600, write: drip },
  { name: 'idle connections', connections: 1_100, write: () => {} },
];

export async function attacksOnMemory({ isShort }: BenchOptions): Promise<Report> {
  pinSelf('load');
  const seconds = isShort ? 2 : 15;
  const measured = [];
  for (const attack of attacks) measured.push({ ...attack, ...(await suffer(attack, seconds)) });
  return {
    bench: 'attacks',
    setting: `a new service for each attack, which lasts ${seconds} s`,
    tables: [
      {
        title: 'While the connections are held',
        columns: ['attack', 'connections', 'most memory MB', 'longest /healthz ms', 'not answered'],
        rows: measured.map((one) => [
          one.name,
          one.connections,
          one.megabytes,
          one.longestMs,
          one.unanswered,
        ]),
      },
    ],
    goals: measured.flatMap((one) => [
      atMost(`${one.name}: memory, MB`, mostMegabytes, one.megabytes),
      atMost(`${one.name}: /healthz, ms`, mostHealthMs, one.longestMs),
      atMost(`${one.name}: /healthz not answered`, 0, one.unanswered),
    ]),
  };
}

async function suffer(attack: Attack, seconds: number) {
  const folder = mkdtempSync(join(tmpdir(), 'docspace-welcome-bench-'));
  const service = startServing({ file: join(folder, 'welcome.db') });
  const sockets: Socket[] = [];
  try {
    const { host, port } = new URL(await service.url());
    const watched = watchHealth(`http://${host}/healthz`, seconds);
    for (let n = 0; n < attack.connections; n += 1) {
      const socket = connect(Number(port), '127.0.0.1');
      // The service may close the connection: that is its right.
      socket.on('error', () => {}).pause();
      sockets.push(socket);
      attack.write(socket, host);
      await pause(paceMs);
    }
    return { ...(await watched), megabytes: mostMemory(service.child.pid ?? 0) };
  } finally {
    for (const socket of sockets) socket.destroy();
    await service.stop();
    rmSync(folder, { recursive: true });
  }
}

const healthSchema = z.object({ longestMs: z.number(), unanswered: z.number() });

/** Asks in a process of its own, because the attack keeps this one busy. */
async function watchHealth(url: string, seconds: number) {
  const script = `
    const endsAt = performance.now() + ${seconds * 1_000};
    let longestMs = 0;
    let unanswered = 0;
    while (performance.now() < endsAt) {
      const askedAt = performance.now();
      const answer = await fetch('${url}', { headers: { connection: 'close' } }).catch(() => null);
      await answer?.text();
      if (answer?.status !== 200) unanswered += 1;
      longestMs = Math.max(longestMs, performance.now() - askedAt);
      await new Promise((resolve) => setTimeout(resolve, ${askEveryMs}));
    }
    console.log(JSON.stringify({ longestMs, unanswered }));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script]);
  return healthSchema.parse(JSON.parse(stdout));
}

/** The most memory that the process ever had (VmHWM in proc_pid_status(5)), in MB. */
function mostMemory(pid: number): number {
  const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1]) / 1_024;
}

/** Four megabytes in chunks, without an end. */
function upload(path: string): Attack['write'] {
  const bytes = 64 * 1024;
  const chunk = `${bytes.toString(16)}\r\n${'a'.repeat(bytes)}\r\n`;
  return (socket, host) => {
    socket.write(head('POST', path, host, ['Transfer-Encoding: chunked']));
    for (let n = 0; n < 64; n += 1) socket.write(chunk);
  };
}

/** All but the last byte of the largest body. */
function holdDelivery(socket: Socket, host: string): void {
  const bytes = 1024 * 1024;
  socket.write(head('POST', '/webhooks/docspace', host, [`Content-Length: ${bytes}`]));
  socket.write('a'.repeat(bytes - 1));
}

function askForDocs(socket: Socket, host: string): void {
  socket.write(head('GET', '/docs/swagger-ui-bundle.js', host, []));
}

function drip(socket: Socket, host: string): void {
  socket.write(head('POST', '/webhooks/docspace', host, ['Content-Length: 100000']));
  const timer = setInterval(() => socket.write('a'), 1_000);
  socket.once('close', () => clearInterval(timer));
}

/** A browser sends the origin with a form, and a form of another site is refused before it is read. */
function head(method: string, path: string, host: string, more: readonly string[]): string {
  const type = path.startsWith('/api') ? 'application/json' : 'application/x-www-form-urlencoded';
  const lines = [`Host: ${host}`, `Origin: http://${host}`, `Content-Type: ${type}`, ...more];
  return `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
}
