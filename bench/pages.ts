import { request } from 'undici';
import { openSqliteReads } from '../src/store/sqlite/sqlite-store.ts';
import { pinSelf } from './pinned.ts';
import { atMost, type Report } from './report.ts';
import { figureOf, inRounds, quantile, spreadOf } from './rounds.ts';
import type { BenchOptions } from './run.ts';
import { seededFile } from './seeded.ts';
import { adminToken, startServing } from './service.ts';

/*
 * Measures how long each page of the dashboard takes in the compiled service, with a large
 * database.
 */

/** The goal for the median time of a page, in ms. */
const maxMedianMs = 150;

/** @throws when a page is not answered with 200 */
export async function pages({ isShort }: BenchOptions): Promise<Report> {
  const count = isShort ? 500 : 200_000;
  const [rounds, turns] = isShort ? [1, 2] : [5, 21];
  pinSelf('load');
  const file = await seededFile(count);
  const paths = await pathsOf(file);
  const service = startServing({ file });
  try {
    const url = await service.url();
    const cookie = await signIn(url);
    const variants = paths.map((path) => ({
      name: path,
      async measure() {
        const times: number[] = [];
        for (let turn = 0; turn < turns; turn += 1) times.push(await pageMs(url, path, cookie));
        return { median: quantile(times, 0.5), longest: Math.max(...times) };
      },
    }));
    for (const { measure } of variants) await measure();
    const measured = await inRounds(variants, rounds);
    const rows = paths.map((path) => {
      const median = spreadOf(figureOf(measured, path, 'median'));
      const longest = Math.max(...figureOf(measured, path, 'longest'));
      return [path, median.median, median.low, median.high, longest] as const;
    });
    const slowest = rows.reduce((most, row) => (row[1] > most[1] ? row : most));
    return {
      bench: 'pages',
      setting: `a log of ${count.toLocaleString('en')} invitations, ${rounds} rounds of ${turns} turns`,
      tables: [{ title: 'ms a page', columns: ['page', 'median', 'low', 'high', 'longest'], rows }],
      goals: [atMost(`the slowest at the median, ms: ${slowest[0]}`, maxMedianMs, slowest[1])],
    };
  } finally {
    await service.stop();
  }
}

async function pathsOf(file: string): Promise<string[]> {
  const reads = openSqliteReads(file);
  const { items } = await reads.listInvitations({ status: 'welcomed' }, { limit: 1 }, Date.now());
  const [member] = (await reads.listMembers({}, { limit: 1 })).items;
  await reads.close();
  return [
    '/',
    '/?days=7',
    '/?days=90',
    '/invitations',
    '/invitations?q=example.com',
    ...['open', 'issued', 'expired', 'registered', 'activated', 'welcomed', 'failed'].map(
      (status) => `/invitations?status=${status}`,
    ),
    '/invitations?employeeType=Guest&mode=email&since=2020-01-01&until=2100-01-01',
    ...items.map(({ id }) => `/invitations/${id}`),
    '/invite',
    '/people',
    '/people?state=welcomed',
    '/people?needs=address',
    ...(member && member.invitationId === null ? [`/people/${member.userId}`] : []),
    '/health',
    '/health?answer=unreadable',
  ];
}

/** @returns the cookie of a session, as a browser gets it */
async function signIn(url: string): Promise<string> {
  const answer = await request(`${url}/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: url },
    body: new URLSearchParams({ token: adminToken, zone: 'Europe/Berlin', next: '/' }).toString(),
  });
  await answer.body.dump();
  const [cookie = ''] = [answer.headers['set-cookie'] ?? ''].flat();
  return cookie.split(';')[0] ?? '';
}

async function pageMs(url: string, path: string, cookie: string): Promise<number> {
  const begunAt = performance.now();
  const answer = await request(url + path, { headers: { cookie } });
  await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`${path} answered ${answer.statusCode}`);
  return performance.now() - begunAt;
}
