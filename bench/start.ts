import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pinSelf } from './pinned.ts';
import { atMost, type Report } from './report.ts';
import { type Figures, figureOf, inRounds, spreadOf } from './rounds.ts';
import type { BenchOptions } from './run.ts';
import { seededFile } from './seeded.ts';
import { startServing } from './service.ts';

/*
 * Measures the time from the start of the process to the first 200 of /readyz, and the memory at
 * that time.
 */

const idleAfterMs = 5_000;
const pollMs = 2;
const deadlineMs = 30_000;

export async function start({ isShort }: BenchOptions): Promise<Report> {
  const full = await seededFile(isShort ? 500 : 1_000_000);
  const rounds = isShort ? 1 : 7;
  const idleMs = isShort ? 100 : idleAfterMs;
  pinSelf('load');
  const variants = [
    { name: 'empty', measure: () => onEmpty((file) => startOnce(file, idleMs)) },
    { name: 'full', measure: () => startOnce(full, idleMs) },
  ];
  // The first turn of each variant is the warm-up, because its files come from the disk.
  for (const variant of variants) await variant.measure();
  const measured = await inRounds(variants, rounds);
  const of = (name: string, figure: string) => spreadOf(figureOf(measured, name, figure));
  return {
    bench: 'start',
    setting: `the compiled service, ${rounds} rounds, idle for ${idleMs / 1_000} s; full: ${isShort ? 'five hundred' : 'a million'} invitations`,
    tables: [
      {
        title: 'Medians and ranges',
        columns: ['database', 'ready after ms', 'from', 'to', 'memory MB', 'from', 'to'],
        rows: variants.map(({ name }) => [
          name,
          ...['readyMs', 'megabytes'].flatMap((figure) => {
            const { median, low, high } = of(name, figure);
            return [median, low, high];
          }),
        ]),
      },
    ],
    goals: [
      atMost('ready on an empty database, ms', 700, of('empty', 'readyMs').median),
      atMost('ready on a full database, ms', 1_000, of('full', 'readyMs').median),
      atMost('idle memory, empty, MB', 100, of('empty', 'megabytes').median),
      atMost('idle memory, full, MB', 200, of('full', 'megabytes').median),
    ],
  };
}

async function onEmpty<T>(work: (file: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'docspace-welcome-bench-'));
  try {
    return await work(join(folder, 'welcome.db'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function startOnce(file: string, idleMs: number): Promise<Figures> {
  const port = await freePort();
  const startedAt = performance.now();
  const { child, stop } = startServing({ file, settings: { PORT: String(port) } });
  try {
    while ((await statusOf(`http://127.0.0.1:${port}/readyz`)) !== 200) {
      if (performance.now() - startedAt > deadlineMs || child.exitCode !== null) {
        throw new Error('the service is not ready');
      }
      await pause(pollMs);
    }
    const readyMs = performance.now() - startedAt;
    await pause(idleMs);
    return { readyMs, megabytes: residentMegabytes(child.pid ?? 0) };
  } finally {
    await stop();
  }
}

/** @returns null while nothing listens */
function statusOf(url: string): Promise<number | null> {
  return new Promise((resolve) => {
    get(url, { agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? null);
    }).on('error', () => resolve(null));
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Linux shows the value in /proc (proc_pid_status(5)). */
function residentMegabytes(pid: number): number {
  const found = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1]) / 1_024;
}
