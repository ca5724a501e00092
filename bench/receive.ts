import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchDatabase, startPostgresForBench } from './databases.ts';
import { cpuMsOf } from './drain/cpu.ts';
import { type Deliveries, type Loaded, load, signDeliveries } from './load.ts';
import { pinSelf } from './pinned.ts';
import {
  names,
  type Receiver,
  startReceivers,
  startReceiversOnPostgres,
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

const connectionCounts = { sqlite: [1, 32, 256], postgres: [1, 32] } as const;
const long = { people: 2_000, rounds: 5, turnMs: 2_000, warmUpMs: 4_000 };
const short = { people: 100, rounds: 1, turnMs: 150, warmUpMs: 50 };
/** More deliveries than any receiver acknowledges on one core in a millisecond. */
const maxPerMs = 40;
/** How long hints and checks may take after a turn before the bench fails. */
const settleMs = 120_000;

export async function receive({ isShort, store = 'sqlite' }: BenchOptions): Promise<Report> {
  const { people, rounds, turnMs, warmUpMs } = isShort ? short : long;
  const postgres = store === 'postgres' ? await startPostgresForBench() : null;
  pinSelf('load');
  const folder = mkdtempSync(join(tmpdir(), 'receive-'));
  const portal = await startSimulatedPortal(people);
  const receivers = await (postgres
    ? startReceiversOnPostgres(folder, portal, postgres)
    : startReceivers(folder, portal));
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
    const counts = connectionCounts[store];
    const variants = counts.flatMap((connections) =>
      receivers.map((receiver, place) => ({
        name: variantName(receiver.name, connections),
        measure: () => {
          // All receivers get the same deliveries, because each has its own database.
          if (place === 0) deliveries = deliveriesFor(turnMs);
          return turn({ receiver, connections, deliveries, forMs: turnMs });
        },
      })),
    );
    const measured = await inRounds(variants, rounds);
    return {
      bench: postgres ? 'receive --store postgres' : 'receive',
      setting: `${rounds} rounds of ${turnMs / 1_000} s a turn, ${people.toLocaleString('en')} people, each delivery about the next of them; half of them welcomed by an open link, half not ours`,
      tables: [
        ...counts.map((count) => answersTable(measured, receivers, count)),
        workTable(measured, counts, postgres ? names.oursOnPostgres : names.ours),
      ],
      goals: postgres ? goalsOnPostgres(measured) : goals(measured),
    };
  } finally {
    for (const { child } of [...receivers, portal]) child.kill('SIGKILL');
    await postgres?.remove();
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
  const { port, database } = receiver;
  const before = await workOf(receiver);
  const sessionsBefore = await database?.sessions();
  const cpuAt = cpuMsOf(receiver.child.pid);
  const begunAt = performance.now();
  const loaded = await load({ ...options, port });
  const tookMs = performance.now() - begunAt;
  const serverBusy = (cpuMsOf(receiver.child.pid) - cpuAt) / tookMs;
  const sessionsMs = await cpuMsSince(database, sessionsBefore);
  const meanwhile = await workOf(receiver);
  if (database !== null) await checkKept(receiver.name, database, loaded);
  const { acknowledged, ...figures } = loaded;
  const cpuUs = (serverBusy / figures.perSecond) * 1_000_000;
  const sessionsUs = (sessionsMs / acknowledged.length) * 1_000;
  const answers = { ...figures, serverBusy, cpuUs, sessionsUs };
  if (!before || !meanwhile || database === null) return answers;
  await settled(database);
  return {
    ...answers,
    hints: meanwhile.hints - before.hints,
    hintsPerSecond: (meanwhile.hints - before.hints) / (tookMs / 1_000),
    looks: meanwhile.portalCalls - before.portalCalls,
    emptyAfterMs: performance.now() - begunAt - tookMs,
  };
}

async function cpuMsSince(
  database: BenchDatabase | null,
  before: ReadonlyMap<number, number> = new Map(),
): Promise<number> {
  const sessions = (await database?.sessions()) ?? new Map<number, number>();
  return [...sessions].reduce((sum, [pid, cpuMs]) => sum + cpuMs - (before.get(pid) ?? 0), 0);
}

async function checkKept(
  name: string,
  database: BenchDatabase,
  { acknowledged }: Loaded,
): Promise<void> {
  const kept = await database.eventIds();
  const lost = acknowledged.filter((id) => !kept.has(id));
  if (lost.length > 0) throw new Error(`${name}: ${lost.length} acknowledged deliveries are lost`);
}

/**
 * What the worker of this service has done so far. Null for a compared receiver, which does nothing
 * after its answer.
 */
async function workOf({ metrics, database }: Receiver) {
  if (!metrics || database === null) return null;
  const counts = (await metrics()).matchAll(/portal_request_duration_seconds_count\{.*\} (\d+)/g);
  const portalCalls = [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  return { hints: await database.hints(), portalCalls };
}

async function settled(database: BenchDatabase): Promise<void> {
  const deadlineAt = performance.now() + settleMs;
  while (!(await database.isSettled())) {
    if (performance.now() > deadlineAt) throw new Error(`not settled within ${settleMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function answersTable(
  rounds: readonly Round[],
  receivers: readonly Receiver[],
  connections: number,
): Table {
  const rows = receivers.map((receiver) => {
    const name = variantName(receiver.name, connections);
    const median = (figure: string) => spreadOf(figureOf(rounds, name, figure)).median;
    const ratio = ratioOf(rounds, 'perSecond', name, variantName(names.bare, connections));
    return [
      receiver.name,
      median('perSecond'),
      `${ratio.median.toFixed(2)} (${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)})`,
      median('p50Ms'),
      median('p99Ms'),
      median('longestMs'),
      median('refused'),
      median('serverBusy'),
      median('cpuUs'),
      median('sessionsUs'),
      median('loadBusy'),
    ];
  });
  const columns = ['', 'acknowledged/s', '× bare', 'p50 ms', 'p99 ms', 'longest ms', 'not 200'];
  return {
    title: `${connections} ${connections === 1 ? 'connection' : 'connections'}`,
    columns: [...columns, 'CPU of the server', 'its µs each', 'PostgreSQL’s', 'CPU of the load'],
    rows,
  };
}

function workTable(rounds: readonly Round[], counts: readonly number[], ours: string): Table {
  const rows = counts.map((connections) => {
    const name = variantName(ours, connections);
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

function times(rounds: readonly Round[], ours: string, rival: string): number {
  return ratioOf(rounds, 'perSecond', variantName(ours, 32), variantName(rival, 32)).median;
}

function goals(rounds: readonly Round[]): Goal[] {
  return [
    atLeast('32 connections: × bare', 0.6, times(rounds, names.ours, names.bare)),
    atLeast(
      '32 connections: × the sample, which stores nothing',
      2,
      times(rounds, names.ours, names.sample),
    ),
  ];
}

function goalsOnPostgres(rounds: readonly Round[]): Goal[] {
  const toBare = times(rounds, names.oursOnPostgres, names.bare);
  const toCommits = times(rounds, names.oursOnPostgres, names.honoCommitOnPostgres);
  return [
    atLeast('32 connections: × bare', 0.35, toBare),
    atLeast('32 connections: × one commit a request', 2.5, toCommits),
  ];
}
