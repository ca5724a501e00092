import { Agent, request } from 'undici';
import { openSqliteReads } from '../src/store/sqlite/sqlite-store.ts';
import { pinSelf } from './pinned.ts';
import { type Question, questions } from './query/questions.ts';
import { atMost, type Cell, type Goal, type Report, type Table } from './report.ts';
import { type Figures, figureOf, inRounds, quantile, type Round, spreadOf } from './rounds.ts';
import type { BenchOptions } from './run.ts';
import { seededFile } from './seeded.ts';
import { adminToken, startServing } from './service.ts';

/*
 * Measures the queries of an admin on databases with 200,000 and with a million invitations: in the
 * store, and over HTTP in the compiled service. Rounds alternate between the two sizes, and each
 * query runs several times in a round.
 */

type Subject = {
  readonly name: string;
  readonly measure: (question: Question) => Promise<Figures>;
};

export async function query({ isShort }: BenchOptions): Promise<Report> {
  const sizes = isShort ? [100, 1_000] : [200_000, 1_000_000];
  const rounds = isShort ? 1 : 5;
  const turns = isShort ? 3 : 15;
  pinSelf('load');
  const now = Date.now();
  const queries = questions(sizes[0] ?? 0, now);
  const opened = await Promise.all(sizes.map((count) => openSubjects(count, turns, now)));
  const measured = new Map<string, Round[]>();
  try {
    for (const [at, question] of queries.entries()) {
      // Each variant queries its own database.
      const variants = opened.flatMap(({ subjects, own }) =>
        subjects.map(({ name, measure }) => ({
          name,
          measure: () => measure(own[at] ?? question),
        })),
      );
      for (const { measure } of variants) await measure();
      measured.set(question.name, await inRounds(variants, rounds));
    }
  } finally {
    for (const { close } of opened) await close();
  }
  return {
    bench: 'query',
    setting: `logs of ${sizes.map((one) => one.toLocaleString('en')).join(' and ')} invitations, ${rounds} rounds of ${turns} turns each`,
    tables: [tableOf(queries, measured, sizes)],
    goals: goalsOf(queries, measured, sizes),
  };
}

async function openSubjects(count: number, turns: number, now: number) {
  const file = await seededFile(count);
  const reads = openSqliteReads(file);
  const service = startServing({ file });
  const url = await service.url();
  const agent = new Agent({ connections: 1 });
  const subjects: Subject[] = [
    {
      name: `store ${count}`,
      measure: (question) => timed(turns, (turn) => question.ask(reads, turn)),
    },
    {
      name: `http ${count}`,
      measure: ({ path }) =>
        path === null
          ? Promise.resolve({ median: Number.NaN, longest: Number.NaN })
          : timed(turns, (turn) => get(agent, `${url}${path(turn)}`)),
    },
  ];
  return {
    subjects,
    own: questions(count, now),
    async close() {
      await agent.close();
      await service.stop();
      await reads.close();
    },
  };
}

async function timed(turns: number, work: (turn: number) => Promise<unknown>): Promise<Figures> {
  const times: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const startedAt = performance.now();
    await work(turn);
    times.push(performance.now() - startedAt);
  }
  return { median: quantile(times, 0.5), longest: Math.max(...times) };
}

/** @throws when the service does not answer 200, because refusals must not be measured */
async function get(dispatcher: Agent, url: string): Promise<void> {
  const headers = { authorization: `Bearer ${adminToken}` };
  const { statusCode, body } = await request(url, { dispatcher, headers });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`${url} was answered ${statusCode}: ${text}`);
}

type Measured = ReadonlyMap<string, readonly Round[]>;

function tableOf(
  queries: readonly Question[],
  measured: Measured,
  sizes: readonly number[],
): Table {
  const subjects = sizes.flatMap((count) => [`store ${count}`, `http ${count}`]);
  return {
    title: 'Median and longest in ms (medians of the rounds)',
    columns: ['question', ...subjects.flatMap((name) => [name, 'longest'])],
    rows: queries.map((question) => [
      question.name,
      ...subjects.flatMap((name): Cell[] => {
        const at = (figure: string) => middle(measured, question, name, figure);
        return Number.isNaN(at('median')) ? ['', ''] : [at('median'), at('longest')];
      }),
    ]),
  };
}

function goalsOf(
  queries: readonly Question[],
  measured: Measured,
  [few = 0, many = 0]: readonly number[],
): Goal[] {
  const goal = (
    label: string,
    maxMs: number,
    count: number,
    kinds: readonly Question['kind'][] = queries.map(({ kind }) => kind),
  ) => {
    const figures = queries
      .filter(({ kind }) => kinds.includes(kind))
      .map((one) => ({ name: one.name, ms: middle(measured, one, `store ${count}`, 'median') }));
    const slowest = figures.reduce((a, b) => (b.ms > a.ms ? b : a), { name: 'none', ms: 0 });
    return atMost(`${count}: ${label}, ms; the slowest is “${slowest.name}”`, maxMs, slowest.ms);
  };
  return [
    goal('a page of a list', 10, few, ['page', 'look-up']),
    goal('search', 50, few, ['q']),
    goal('stats', 25, few, ['stats']),
    goal('anything', 250, many),
  ];
}

function middle(measured: Measured, question: Question, name: string, figure: string): number {
  return spreadOf(figureOf(measured.get(question.name) ?? [], name, figure)).median;
}
