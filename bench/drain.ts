import { rmSync } from 'node:fs';
import { startPostgresForBench } from './databases.ts';
import { drainBare, drainWithService } from './drain/drain-with.ts';
import { buildWithOneJobACommit } from './drain/one-job-a-commit.ts';
import { type PortalWithPeople, startSimulation, startStandIn } from './drain/portals.ts';
import { pinSelf } from './pinned.ts';
import { atLeast, type Report, type Table } from './report.ts';
import {
  type Figures,
  figureOf,
  inRounds,
  type Round,
  ratioOf,
  spreadOf,
  type Variant,
} from './rounds.ts';
import type { BenchOptions } from './run.ts';
import { builtMain } from './service.ts';

/** Far more than the default of `DOCSPACE_CONCURRENCY`, which is 8: it shows the limit of one process. */
const connections = 128;
const lateConnections = [8, 32, connections];
const latencyMs = 50;
/**
 * The number of people in a turn is chosen so that, at 50 ms, it takes at most this time with any
 * number of connections.
 */
const lateSeconds = 4;

type Size = {
  readonly rounds: number;
  readonly people: number;
  /** The number of people for each connection in a turn at 50 ms. */
  readonly peopleAConnection: number;
  readonly peopleOneByOne: number;
  readonly warmUpMs: number;
  readonly measuredMs: number;
};
const whole: Size = {
  rounds: 5,
  people: 5_000,
  peopleAConnection: lateSeconds * (1_000 / (2 * latencyMs)),
  peopleOneByOne: 1_000,
  warmUpMs: 2_000,
  measuredMs: 2_000,
};
const moment: Size = {
  rounds: 1,
  people: 150,
  peopleAConnection: 2,
  peopleOneByOne: 50,
  warmUpMs: 50,
  measuredMs: 200,
};

/**
 * Measures how fast the compiled service confirms and welcomes due people. It is compared with the
 * same two requests without a store, and with a commit for each write.
 */
export function drain({ isShort, store = 'sqlite' }: BenchOptions): Promise<Report> {
  const size = isShort ? moment : whole;
  return store === 'postgres' ? drainPostgres(size) : drainFile(size);
}

async function drainFile(size: Size): Promise<Report> {
  pinSelf('load');
  const oneByOne = buildWithOneJobACommit('sqlite');
  try {
    const rounds = await inRounds(variantsOf(size, oneByOne.main), size.rounds);
    return reportOf(rounds, size);
  } finally {
    rmSync(oneByOne.folder, { recursive: true });
  }
}

/** The same on PostgreSQL, without latency of the portal: only the store differs. */
async function drainPostgres(size: Size): Promise<Report> {
  const postgres = await startPostgresForBench();
  pinSelf('load');
  const oneByOne = buildWithOneJobACommit('postgres');
  const drainPeople = (count: number, main: string) =>
    at(
      () => startSimulation(count, 0),
      (portal) => drainWithService({ portal, main, connections, postgres }),
    );
  const { people, peopleOneByOne, rounds } = size;
  try {
    const measured = await inRounds(
      [
        { name: postgresNames.service, measure: () => drainPeople(people, builtMain) },
        { name: postgresNames.oneByOne, measure: () => drainPeople(peopleOneByOne, oneByOne.main) },
      ],
      rounds,
    );
    const ratio = ratioOf(measured, 'rate', postgresNames.service, postgresNames.oneByOne);
    return {
      bench: 'drain --store postgres',
      setting: `${rounds} rounds, ${connections} connections, ${people} people (${peopleOneByOne} with one transaction a change), the first 40 % of them the warm-up`,
      tables: [
        ratesTable(measured, [postgresNames.service, postgresNames.oneByOne]),
        {
          title: 'Ratios within a round',
          columns: ['ratio', 'median', 'low', 'high'],
          rows: [['to one transaction a change', ratio.median, ratio.low, ratio.high]],
        },
      ],
      goals: [atLeast('× one transaction a change', 3, ratio.median)],
    };
  } finally {
    await postgres.remove();
    rmSync(oneByOne.folder, { recursive: true });
  }
}

const postgresNames = {
  service: 'service on PostgreSQL, 0 ms',
  oneByOne: 'one transaction a change on PostgreSQL, 0 ms',
} as const;

const names = {
  lateBare: 'bare undici, 50 ms',
  service: 'service, 0 ms',
  bare: 'bare undici, 0 ms',
  oneByOne: 'one commit per write, 0 ms',
  standIn: 'service, stand-in',
  standInBare: 'bare undici, stand-in',
} as const;

function lateName(count: number): string {
  return `service, 50 ms, ${count} connections`;
}

function variantsOf(size: Size, oneByOneMain: string): Variant[] {
  const { warmUpMs, measuredMs } = size;
  const service = (portal: PortalWithPeople, main = builtMain) =>
    drainWithService({ portal, main, connections });
  const late = (count: number) => startSimulation(size.peopleAConnection * count, latencyMs);
  const bare = (portal: PortalWithPeople) =>
    drainBare({ portal, connections, warmUpMs, measuredMs });
  const prompt = () => startSimulation(size.people, 0);
  const oneByOne = () => startSimulation(size.peopleOneByOne, 0);
  const standIn = () => startStandIn(size.people);
  return [
    ...lateConnections.map((count) => ({
      name: lateName(count),
      measure: () =>
        at(
          () => late(count),
          (portal) => drainWithService({ portal, main: builtMain, connections: count }),
        ),
    })),
    { name: names.lateBare, measure: () => at(() => late(connections), bare) },
    { name: names.service, measure: () => at(prompt, service) },
    { name: names.bare, measure: () => at(prompt, bare) },
    {
      name: names.oneByOne,
      measure: () => at(oneByOne, (portal) => service(portal, oneByOneMain)),
    },
    { name: names.standIn, measure: () => at(standIn, service) },
    { name: names.standInBare, measure: () => at(standIn, bare) },
  ];
}

async function at(
  start: () => Promise<PortalWithPeople>,
  measure: (portal: PortalWithPeople) => Promise<Figures>,
): Promise<Figures> {
  const portal = await start();
  try {
    return await measure(portal);
  } finally {
    await portal.stop();
  }
}

function ratesTable(rounds: readonly Round[], variants: readonly string[]): Table {
  return {
    title: 'People a second, from due to welcomed',
    columns: ['variant', 'median', 'low', 'high', 'CPU µs a person'],
    rows: variants.map((name) => {
      const { median, low, high } = spreadOf(figureOf(rounds, name, 'rate'));
      return [name, median, low, high, spreadOf(figureOf(rounds, name, 'cpuUs')).median];
    }),
  };
}

function reportOf(rounds: readonly Round[], size: Size): Report {
  const limitOf = (count: number) => count / (2 * (latencyMs / 1_000));
  const shareOf = (count: number) =>
    spreadOf(figureOf(rounds, lateName(count), 'rate')).median / limitOf(count);
  const toBare = ratioOf(rounds, 'rate', names.service, names.bare);
  const toBareStandIn = ratioOf(rounds, 'rate', names.standIn, names.standInBare);
  const toOneByOne = ratioOf(rounds, 'rate', names.service, names.oneByOne);
  return {
    bench: 'drain',
    setting: `${size.rounds} rounds, ${connections} connections, ${size.people} people (at ${latencyMs} ms ${size.peopleAConnection} for each connection, ${size.peopleOneByOne} with one commit per write), the first 40 % of them the warm-up`,
    tables: [
      ratesTable(rounds, [...lateConnections.map(lateName), ...Object.values(names)]),
      {
        title: 'Ratios within a round',
        columns: ['ratio', 'median', 'low', 'high'],
        rows: [
          ['0 ms: to bare undici, simulated portal', toBare.median, toBare.low, toBare.high],
          [
            '0 ms: to bare undici, stand-in',
            toBareStandIn.median,
            toBareStandIn.low,
            toBareStandIn.high,
          ],
          ['0 ms: to one commit per write', toOneByOne.median, toOneByOne.low, toOneByOne.high],
        ],
      },
      {
        title: 'Requests to the portal for each welcome of a person who had joined before',
        columns: ['variant', 'median', 'low', 'high'],
        rows: [...lateConnections.map(lateName), names.service, names.standIn].map((name) => {
          const { median, low, high } = spreadOf(figureOf(rounds, name, 'requests'));
          return [name, median, low, high];
        }),
      },
    ],
    goals: [
      ...[8, 32].map((count) =>
        atLeast(
          `${latencyMs} ms, ${count} connections: share of ${limitOf(count)} people/s`,
          0.9,
          shareOf(count),
        ),
      ),
    ],
  };
}
