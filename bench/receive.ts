import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type Deliveries, type Loaded, load, signDeliveries } from './load.ts';
import { pinSelf } from './pinned.ts';
import {
  names,
  type Receiver,
  startReceivers,
  startSimulatedPortal,
  webhookPath,
} from './receivers/receivers.ts';
import { atLeast, type Goal, type Report, type Table } from './report.ts';
import { type Figures, figureOf, inRounds, type Round, ratioOf, spreadOf } from './rounds.ts';
import type { BenchOptions } from './run.ts';
import { secret } from './service.ts';

/*
 * Measures how many deliveries a second are acknowledged, compared with simple receivers that a
 * team would write instead.
 */

const people = 2_000;
const connectionCounts = [1, 32, 256] as const;
const long = { rounds: 5, turnMs: 2_000, warmUpMs: 4_000 };
const short = { rounds: 1, turnMs: 150, warmUpMs: 50 };
/** More deliveries than any receiver acknowledges on one core in a millisecond. */
const maxPerMs = 40;
/** How long hints and checks may take after a turn before the bench fails. */
const settleMs = 120_000;

export async function receive({ isShort }: BenchOptions): Promise<Report> {
  const { rounds, turnMs, warmUpMs } = isShort ? short : long;
  pinSelf('load');
  const folder = mkdtempSync(join(tmpdir(), 'receive-'));
  const portal = await startSimulatedPortal(people);
  const receivers = await startReceivers(folder, portal);
  let firstId = 1;
  const deliveriesFor = (forMs: number): Deliveries => {
    const { userIds } = portal;
    const count = forMs * maxPerMs;
    const signed = signDeliveries({ firstId, count, userIds, path: webhookPath, secret });
    firstId += count;
    return signed;
  };
  try {
    const warmUp = deliveriesFor(warmUpMs);
    for (const receiver of receivers) {
      await turn({ receiver, connections: 32, deliveries: warmUp, forMs: warmUpMs });
    }
    let deliveries = warmUp;
    const variants = connectionCounts.flatMap((connections) =>
      receivers.map((receiver, place) => ({
        name: variantName(receiver.name, connections),
        measure: () => {
          // All five receivers get the same deliveries, because each has its own database.
          if (place === 0) deliveries = deliveriesFor(turnMs);
          return turn({ receiver, connections, deliveries, forMs: turnMs });
        },
      })),
    );
    const measured = await inRounds(variants, rounds);
    return {
      bench: 'receive',
      setting: `${rounds} rounds of ${turnMs / 1_000} s a turn, ${people.toLocaleString('en')} people, each delivery about the next of them; half of them welcomed by an open link, half not ours`,
      tables: [
        ...connectionCounts.map((count) => answersTable(measured, count)),
        workTable(measured),
      ],
      goals: goals(measured),
    };
  } finally {
    for (const { child } of [...receivers, portal]) child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
}

function variantName(receiver: string, connections: number): string {
  return `${receiver}, ${connections}`;
}

/** @throws when an acknowledged delivery is not in the database */
async function turn(options: {
  readonly receiver: Receiver;
  readonly connections: number;
  readonly deliveries: Deliveries;
  readonly forMs: number;
}): Promise<Figures> {
  const { receiver } = options;
  const { port, file } = receiver;
  const before = await workOf(receiver);
  const cpuAt = cpuMsOf(receiver);
  const begunAt = performance.now();
  const loaded = await load({ ...options, port });
  const tookMs = performance.now() - begunAt;
  const serverBusy = (cpuMsOf(receiver) - cpuAt) / tookMs;
  const meanwhile = await workOf(receiver);
  if (file !== null) checkKept(file, loaded);
  const { acknowledged, ...figures } = loaded;
  const answers = { ...figures, serverBusy };
  if (!before || !meanwhile || file === null) return answers;
  await settled(file);
  return {
    ...answers,
    hints: meanwhile.hints - before.hints,
    hintsPerSecond: (meanwhile.hints - before.hints) / (tookMs / 1_000),
    looks: meanwhile.portalCalls - before.portalCalls,
    emptyAfterMs: performance.now() - begunAt - tookMs,
  };
}

function checkKept(file: string, { acknowledged }: Loaded): void {
  const kept = reading(file, (database) => {
    const ids = database.prepare<[], number>('SELECT event_id FROM deliveries').pluck().all();
    return new Set(ids);
  });
  const lost = acknowledged.filter((id) => !kept.has(id));
  if (lost.length > 0) throw new Error(`${lost.length} acknowledged deliveries are not in ${file}`);
}

/**
 * What the worker of this service has done so far. Null for a compared receiver, which does nothing
 * after its answer.
 */
async function workOf({ metrics, file }: Receiver) {
  if (!metrics || file === null) return null;
  const counts = (await metrics()).matchAll(/portal_request_duration_seconds_count\{.*\} (\d+)/g);
  const portalCalls = [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  return { hints: reading(file, appliedThrough), portalCalls };
}

/** Waits until every delivery has become a hint and nobody is due any more. */
async function settled(file: string): Promise<void> {
  const deadlineAt = performance.now() + settleMs;
  const isSettled = (database: Database.Database) => {
    const last = database.prepare('SELECT max(id) FROM deliveries').pluck().get();
    const due = database.prepare('SELECT 1 FROM members WHERE due_at <= ? LIMIT 1');
    return appliedThrough(database) === last && due.get(Date.now()) === undefined;
  };
  while (!reading(file, isSettled)) {
    if (performance.now() > deadlineAt) throw new Error(`not settled within ${settleMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function appliedThrough(database: Database.Database): number {
  const value = database
    .prepare("SELECT value FROM key_values WHERE key = 'applied_through'")
    .pluck();
  return Number(value.get() ?? 0);
}

function reading<T>(file: string, read: (database: Database.Database) => T): T {
  const database = new Database(file, { readonly: true, timeout: 5_000 });
  try {
    return read(database);
  } finally {
    database.close();
  }
}

/**
 * CPU time of a process with its threads: fields 14 and 15 of /proc/PID/stat, in units of 10 ms
 * (proc(5)).
 */
function cpuMsOf({ child }: Receiver): number {
  try {
    const [, fields = ''] = readFileSync(`/proc/${child.pid}/stat`, 'latin1').split(') ');
    const [user = 0, system = 0] = fields.split(' ').slice(11, 13).map(Number);
    return (user + system) * 10;
  } catch {
    // On systems other than Linux the figure is missing, and the bench continues.
    return Number.NaN;
  }
}

function answersTable(rounds: readonly Round[], connections: number): Table {
  const rows = Object.values(names).map((receiver) => {
    const name = variantName(receiver, connections);
    const median = (figure: string) => spreadOf(figureOf(rounds, name, figure)).median;
    const ratio = ratioOf(rounds, 'perSecond', name, variantName(names.bare, connections));
    return [
      receiver,
      median('perSecond'),
      `${ratio.median.toFixed(2)} (${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)})`,
      median('p50Ms'),
      median('p99Ms'),
      median('longestMs'),
      median('refused'),
      median('serverBusy'),
      median('loadBusy'),
    ];
  });
  const columns = ['', 'acknowledged/s', '× bare', 'p50 ms', 'p99 ms', 'longest ms', 'not 200'];
  return {
    title: `${connections} ${connections === 1 ? 'connection' : 'connections'}`,
    columns: [...columns, 'CPU of the server', 'CPU of the load'],
    rows,
  };
}

function workTable(rounds: readonly Round[]): Table {
  const rows = connectionCounts.map((connections) => {
    const name = variantName(names.ours, connections);
    const median = (figure: string) => spreadOf(figureOf(rounds, name, figure)).median;
    const work = ['hints', 'hintsPerSecond', 'looks', 'emptyAfterMs'].map(median);
    return [connections, median('perSecond'), ...work];
  });
  const columns = ['connections', 'acknowledged/s', 'hints applied meanwhile', 'a second'];
  return {
    title: 'What the worker did meanwhile',
    columns: [...columns, 'requests to the portal', 'all done after ms'],
    rows,
  };
}

function goals(rounds: readonly Round[]): Goal[] {
  const times = (connections: number, rival: string) =>
    ratioOf(
      rounds,
      'perSecond',
      variantName(names.ours, connections),
      variantName(rival, connections),
    ).median;
  return [
    atLeast('32 connections: × bare', 0.6, times(32, names.bare)),
    atLeast('32 connections: × the sample, which stores nothing', 2, times(32, names.sample)),
  ];
}
