import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import { openSqliteReads } from '../src/store/sqlite/sqlite-store.ts';
import { pinSelf } from './pinned.ts';
import { waitedMs } from './query/own-time.ts';
import { type Question, questions } from './query/questions.ts';
import { atMost, type Cell, type Goal, type Report, type Table } from './report.ts';
import {
  type Figures,
  figureOf,
  inRounds,
  quantile,
  type Round,
  ratioOf,
  spreadOf,
} from './rounds.ts';
import type { BenchOptions } from './run.ts';
import { seededFile } from './seeded.ts';
import { adminToken, type Running, startServing } from './service.ts';

/*
 * What an admin asks of a log of a thousand and of a million invitations: in the store, and over HTTP
 * of the compiled service. Rounds alternate the two sizes; each question is asked some times a round.
 * In the store, time in which others of the machine had the core is left out.
 */

const loopDelay = fileURLToPath(new URL('query/loop-delay.mjs', import.meta.url));
/** One question after the other is asked for so long before the first is measured. */
const warmUpMs = 4_000;
const answerDeadlineMs = 10_000;

type Subject = {
  readonly name: string;
  readonly measure: (question: Question) => Promise<Figures>;
};

export async function query({ isShort }: BenchOptions): Promise<Report> {
  const sizes = isShort ? [100, 1_000] : [1_000, 1_000_000];
  const rounds = isShort ? 1 : 5;
  const turns = isShort ? 3 : 101;
  pinSelf('load');
  const now = Date.now();
  const asked = questions(sizes[0] ?? 0, now);
  const fullPage = asked.find((one) => one.name === 'invitations, everything');
  if (!fullPage) throw new Error('no question is for a full page');
  const opened = await Promise.all(sizes.map((count) => openSubjects(count, turns, now)));
  let heldUp = { name: 'nothing', ms: 0 };
  const measured = new Map<string, Round[]>();
  try {
    const warmUntil = performance.now() + (isShort ? 0 : warmUpMs);
    for (const at of asked.keys()) {
      for (const { subjects, own } of opened) {
        const question = own[at];
        if (!question || performance.now() > warmUntil) continue;
        for (const { measure } of subjects) await measure(question);
      }
    }
    // What the start held up is no answer to a question.
    for (const { service } of opened) await heldUpMs(service);
    for (const [at, question] of asked.entries()) {
      // Each subject asks about its own log; and beside each question, for a full page of the small one.
      const variants = [
        ...opened.flatMap(({ subjects, own }) =>
          subjects.map(({ name, measure }) => ({
            name,
            measure: () => measure(own[at] ?? question),
          })),
        ),
        ...(opened[0]?.subjects ?? []).map(({ name, measure }) => ({
          name: fullPageOf(name),
          measure: () => measure(fullPage),
        })),
      ];
      // One after the other: what the HTTP client leaves behind is no part of the store's times.
      const inTurn = [];
      for (const where of ['store', 'http']) {
        const own = variants.filter(({ name }) => name.startsWith(where));
        for (const { measure } of own) await measure();
        inTurn.push(await inRounds(own, rounds));
      }
      const [inStore = [], overHttp = []] = inTurn;
      measured.set(
        question.name,
        inStore.map((round, at) => new Map([...round, ...(overHttp[at] ?? [])])),
      );
      for (const { service } of opened) {
        const ms = await heldUpMs(service);
        if (ms > heldUp.ms) heldUp = { name: question.name, ms };
      }
    }
  } finally {
    for (const { close } of opened) await close();
  }
  return {
    bench: 'query',
    setting: `logs of ${sizes.map((one) => one.toLocaleString('en')).join(' and ')} invitations, ${rounds} rounds of ${turns} turns each`,
    tables: [tableOf(asked, measured, sizes)],
    goals: [
      ...goalsOf(asked, measured, sizes),
      atMost(`longest that the event loop was held up, ms: by “${heldUp.name}”`, 20, heldUp.ms),
    ],
  };
}

async function openSubjects(count: number, turns: number, now: number) {
  const file = await seededFile(count);
  const reads = openSqliteReads(file);
  const service = startServing({ file, nodeArgs: ['--import', loopDelay] });
  const url = await service.url();
  const agent = new Agent({ connections: 1 });
  const subjects: Subject[] = [
    {
      name: `store ${count}`,
      measure: async (question) => ({
        ...(await timed(turns, (turn) => question.ask(reads, turn), waitedMs)),
        rows: rowsIn(await question.ask(reads, 0)),
      }),
    },
    {
      name: `http ${count}`,
      measure: ({ path }) =>
        path === null
          ? Promise.resolve({ median: Number.NaN, p99: Number.NaN })
          : timed(turns, (turn) => get(agent, `${url}${path(turn)}`)),
    },
  ];
  return {
    service,
    subjects,
    own: questions(count, now),
    async close() {
      await agent.close();
      await service.stop();
      await reads.close();
    },
  };
}

/** @param lost how much time was no time of this work so far, ms */
async function timed(
  turns: number,
  work: (turn: number) => Promise<unknown>,
  lost: () => number = () => 0,
): Promise<Figures> {
  const times: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const lostBefore = lost();
    const startedAt = performance.now();
    await work(turn);
    const took = performance.now() - startedAt;
    times.push(took - (lost() - lostBefore));
  }
  return { median: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

/** How long an answer is: a page that a small log cannot fill is no measure for one that is full. */
function rowsIn(answer: unknown): number {
  if (Array.isArray(answer)) return answer.length;
  if (typeof answer !== 'object' || answer === null) return 0;
  return Object.values(answer).reduce(
    (sum, part) => sum + (Array.isArray(part) ? part.length : 0),
    0,
  );
}

/** @throws when the service answers anything but 200: nobody measures refusals */
async function get(dispatcher: Agent, url: string): Promise<void> {
  const headers = { authorization: `Bearer ${adminToken}` };
  const { statusCode, body } = await request(url, { dispatcher, headers });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`${url} was answered ${statusCode}: ${text}`);
}

/** @returns for how long its event loop was held up at most since the last time, ms */
async function heldUpMs({ child, said }: Running): Promise<number> {
  const before = said().length;
  const giveUpAt = Date.now() + answerDeadlineMs;
  child.kill('SIGUSR2');
  while (Date.now() < giveUpAt && child.exitCode === null) {
    const [, ms] = /held up ([\d.]+) ms\n/.exec(said().slice(before)) ?? [];
    if (ms) return Number(ms);
    await pause(1);
  }
  throw new Error(`it did not say for how long its loop was held up: ${said()}`);
}

type Measured = ReadonlyMap<string, readonly Round[]>;

function tableOf(asked: readonly Question[], measured: Measured, sizes: readonly number[]): Table {
  const subjects = sizes.flatMap((count) => [`store ${count}`, `http ${count}`]);
  return {
    title: 'Median and p99 in ms (medians of the rounds)',
    columns: ['question', ...subjects.flatMap((name) => [name, 'p99'])],
    rows: asked.map((question) => [
      question.name,
      ...subjects.flatMap((name): Cell[] => {
        const at = (figure: string) => middle(measured, question, name, figure);
        return Number.isNaN(at('median')) ? ['', ''] : [at('median'), at('p99')];
      }),
    ]),
  };
}

function goalsOf(
  asked: readonly Question[],
  measured: Measured,
  [few = 0, many = 0]: readonly number[],
): Goal[] {
  const worst = (kinds: readonly Question['kind'][], figure: (question: Question) => number) => {
    const of = asked.filter((one) => kinds.includes(one.kind));
    const figures = of.map((one) => ({ name: one.name, value: figure(one) }));
    const first = { name: '', value: 0 };
    return figures.reduce((a, b) => (b.value > a.value ? b : a), first);
  };
  const goal = (
    what: string,
    most: number,
    kinds: readonly Question['kind'][],
    subject: string,
  ) => {
    const { name, value } = worst(kinds, (one) => middle(measured, one, subject, 'p99'));
    return atMost(`${what}: the slowest is “${name}”`, most, value);
  };
  const rows = (one: Question, count: number) => middle(measured, one, `store ${count}`, 'rows');
  const isSame = (one: Question) => rows(one, few) === rows(one, many);
  const growth = (where: string, kinds: readonly Question['kind'][]) => {
    const { name, value } = worst(kinds, (one) => {
      const rounds = measured.get(one.name) ?? [];
      const times = () => ratioOf(rounds, 'median', `${where} ${many}`, `${where} ${few}`);
      return isSame(one) ? times().median : 0;
    });
    const alike = asked.filter((one) => kinds.includes(one.kind) && isSame(one)).length;
    return atMost(
      `${kinds.join(', ')}: times its time at ${few}, ${where}, of ${alike} with as many rows: most is “${name}”`,
      2,
      value,
    );
  };
  /** The small log cannot fill these pages: a full one of it is what they are measured by. */
  const longer = (where: string) => {
    const { name, value } = worst(['page', 'look-up', 'q'], (one) => {
      const rounds = measured.get(one.name) ?? [];
      const times = () =>
        ratioOf(rounds, 'median', `${where} ${many}`, fullPageOf(`${where} ${few}`));
      return isSame(one) ? 0 : times().median;
    });
    return atMost(
      `more rows than at ${few}: times a full page there, ${where}: most is “${name}”`,
      2,
      value,
    );
  };
  return [
    goal('page in the store, p99 in ms', 1, ['page'], `store ${many}`),
    goal('look-up in the store, p99 in ms', 1, ['look-up'], `store ${many}`),
    goal('q in the store, p99 in ms', 1, ['q'], `store ${many}`),
    goal('stats in the store, p99 in ms', 5, ['stats'], `store ${many}`),
    goal(
      'any over HTTP, p99 in ms',
      10,
      ['page', 'look-up', 'q', 'story', 'stats'],
      `http ${many}`,
    ),
    ...['store', 'http'].flatMap((where) => [
      growth(where, ['page', 'look-up', 'story', 'stats']),
      growth(where, ['q']),
      longer(where),
    ]),
  ];
}

function fullPageOf(subject: string): string {
  return `${subject}, a full page`;
}

function middle(measured: Measured, question: Question, name: string, figure: string): number {
  return spreadOf(figureOf(measured.get(question.name) ?? [], name, figure)).median;
}
