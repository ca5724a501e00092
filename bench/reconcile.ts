import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { registerWebhook } from '../simulator/admin.ts';
import type { Portal } from '../simulator/portal.ts';
import { startSimulation } from './drain/portals.ts';
import { pinSelf } from './pinned.ts';
import { seedFollowed } from './reconcile/seed-followed.ts';
import { atMost, type Goal, type Report } from './report.ts';
import { type Figures, figureOf, inRounds, spreadOf } from './rounds.ts';
import type { BenchOptions } from './run.ts';
import { type Running, startServing } from './service.ts';

/** The number of people in the portal. */
const whole = { sizes: [1_000, 20_000, 200_000], changedPercents: [0, 1, 10], count: 5 };
const moment = { sizes: [50, 250], changedPercents: [0, 10], count: 1 };
const deadlineMs = 240_000;
const watchMemory = fileURLToPath(new URL('./reconcile/watch-memory.mjs', import.meta.url));

/**
 * Measures the cost of a reconciliation run: seconds, requests and memory, by the number of people
 * and changes.
 */
export async function reconcile({ isShort }: BenchOptions): Promise<Report> {
  pinSelf('load');
  const { sizes, changedPercents, count } = isShort ? moment : whole;
  const rows: (string | number)[][] = [];
  const goals: Goal[] = [];
  const heaps: number[] = [];
  for (const people of sizes) {
    const variants = changedPercents.map((percent) => ({
      name: `${percent} %`,
      measure: () => measurePasses(people, Math.ceil((people * percent) / 100)),
    }));
    const rounds = await inRounds(variants, count);
    for (const { name } of variants) {
      const of = (figure: string) => spreadOf(figureOf(rounds, name, figure)).median;
      rows.push([
        people,
        name,
        of('ordinaryMs'),
        of('ordinaryRequests'),
        of('fullMs'),
        of('fullRequests'),
        of('heapMb'),
        of('rssMb'),
      ]);
      if (name !== '0 %') continue;
      goals.push(
        atMost(`${people} people: requests of a full run`, people / 100 + 10, of('fullRequests')),
        atMost(`${people} people: requests of an ordinary run`, 10, of('ordinaryRequests')),
      );
      heaps.push(of('heapMb'));
    }
  }
  const growth = (heaps.at(-1) ?? Number.NaN) / (heaps[0] ?? Number.NaN);
  return {
    bench: 'reconcile',
    setting: `${count} rounds; people of whom ${changedPercents.join(', ')} % were activated since the last run; the lowest heap and the highest RSS during a full run`,
    tables: [
      {
        title: 'Passes, medians',
        columns: [
          'people',
          'changed',
          'ordinary ms',
          'requests',
          'full ms',
          'requests',
          'heap MB',
          'RSS MB',
        ],
        rows,
      },
    ],
    goals: [...goals, atMost('heap at the most people, × at the fewest', 1.5, growth)],
  };
}

/**
 * Measures one ordinary run, which happens at start, and one full run. After that everybody is
 * welcomed.
 */
async function measurePasses(count: number, changed: number): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'docspace-welcome-bench-'));
  const { portal, people } = await startSimulation(count, 0);
  const target = await startTarget();
  const webhook = { id: await registerAt(portal, target.url), uri: target.url };
  const file = join(folder, 'welcome.db');
  seedFollowed({ file, people, changed, webhook, now: Date.now() });
  portal.control.clearRequests();
  const memoryFile = join(folder, 'memory.txt');
  const service = startServing({
    file,
    portal,
    settings: {
      RECONCILE_EVERY: '12h',
      WELCOME_MAX_PER_HOUR: '1000000',
      MEMORY_FILE: memoryFile,
    },
    nodeArgs: ['--import', watchMemory],
  });
  try {
    const ordinary = await passIn(service);
    const ordinaryRequests = requestsOfPass(portal);
    portal.control.clearRequests();
    const before = linesOf(memoryFile).length;
    const full = await askForPass(service);
    const fullRequests = requestsOfPass(portal);
    const memory = linesOf(memoryFile).slice(before);
    await everybodyWelcomed(file, count, portal, changed);
    return {
      ordinaryMs: ordinary.tookMs,
      ordinaryRequests,
      fullMs: full.tookMs,
      fullRequests,
      heapMb: Math.min(...memory.map(({ heap }) => heap)) / 1e6,
      rssMb: Math.max(...memory.map(({ rss }) => rss)) / 1e6,
    };
  } finally {
    await service.stop();
    await portal.stop();
    target.stop();
    rmSync(folder, { recursive: true });
  }
}

/**
 * The address that the portal has for the service. It answers HEAD, and nothing is delivered to it.
 */
async function startTarget(): Promise<{ readonly url: string; readonly stop: () => void }> {
  const server = createServer((incoming, outgoing) => {
    incoming.resume();
    outgoing.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return { url: `http://127.0.0.1:${port}/webhooks/docspace`, stop: () => void server.close() };
}

async function registerAt(portal: Portal, uri: string): Promise<number> {
  return registerWebhook(portal, { name: 'bench', uri, secretKey: 'Docspace-Webhook-1' });
}

/**
 * The requests of the run itself. The bench `drain` counts the checks and welcomes that follow from
 * a change.
 */
function requestsOfPass(portal: Portal): number {
  const isLook = /portal\/(users\/[^/]+|sendcongratulations)$/;
  return portal.control.requests().filter(({ path }) => !isLook.test(path)).length;
}

async function passIn(service: Running): Promise<{ readonly tookMs: number }> {
  const giveUpAt = Date.now() + deadlineMs;
  while (Date.now() < giveUpAt) {
    const times = new Map(
      service
        .logged()
        .split('\n')
        // The text after the last line end is empty, or half of a line.
        .slice(0, -1)
        .map((line) => JSON.parse(line))
        .map(({ message, at }) => [String(message), Date.parse(at)]),
    );
    const ended = times.get('reconciled with the portal');
    if (ended) return { tookMs: ended - (times.get('the service is ready') ?? ended) };
    await pause(20);
  }
  throw new Error('no reconciliation run ended in time');
}

async function askForPass(service: Running): Promise<{ readonly tookMs: number }> {
  const beganAt = performance.now();
  const answer = await service.api('POST', '/api/reconcile');
  const text = await answer.text();
  const isComplete = answer.status === 200 && JSON.parse(text).interrupted === null;
  if (!isComplete) throw new Error(`the reconciliation run did not end: ${text}`);
  return { tookMs: performance.now() - beganAt };
}

async function everybodyWelcomed(
  file: string,
  count: number,
  portal: Portal,
  changed: number,
): Promise<void> {
  const giveUpAt = Date.now() + deadlineMs;
  while (welcomedIn(file) < count) {
    if (Date.now() > giveUpAt) throw new Error(`only ${welcomedIn(file)} of ${count} are welcomed`);
    await pause(50);
  }
  const sent = portal.control.congratulations().length;
  if (sent !== changed) throw new Error(`${sent} welcomes for ${changed} people`);
}

function welcomedIn(file: string): number {
  const database = new Database(file, { readonly: true });
  const count = database.prepare("SELECT count(*) FROM members WHERE state = 'welcomed'");
  const welcomed = Number(count.pluck().get());
  database.close();
  return welcomed;
}

function linesOf(file: string): readonly { readonly rss: number; readonly heap: number }[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [rss = Number.NaN, heap = Number.NaN] = line.split(' ').map(Number);
      return { rss, heap };
    });
}
