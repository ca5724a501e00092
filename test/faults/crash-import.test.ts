import { setTimeout as pace } from 'node:timers/promises';
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { adminToken } from '../support/world.ts';
import { prepareStage, readRows, type Stage, testTimeoutMs } from './stage.ts';

const byMail = 60;
const byLink = 60;
const open = 20;
const total = byMail + byLink + open + 2;

/** A file with letters of the portal, links, equal open links, and two rows that ask for nothing. */
function file(): string {
  const rows = [
    ...Array.from({ length: byMail }, (_, i) => `mail${i}@example.com,User,email`),
    ...Array.from({ length: byLink }, (_, i) => `link${i}@example.com,Guest,link`),
    ...Array.from({ length: open }, () => ',Guest,open-link'),
    'mail0@example.com,User,email',
    ',User,email',
  ];
  // The kinds are mixed: 142 and 7 have no common divisor.
  const mixed = rows.map((_, i) => rows[(i * 7) % rows.length]);
  return ['email,type,mode', ...mixed].join('\n');
}

async function ask(stage: Stage, path: string, init: RequestInit = {}, cookie = '') {
  const headers = { origin: stage.url, cookie };
  return fetch(`${stage.url}${path}`, { redirect: 'manual', headers, ...init });
}

async function signIn(stage: Stage): Promise<string> {
  const body = new URLSearchParams({ token: adminToken, zone: 'UTC' });
  const { headers } = await ask(stage, '/sign-in', { method: 'POST', body });
  return headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

async function answered(stage: Stage): Promise<number> {
  const sql = 'SELECT count(*) AS count FROM run_rows WHERE result IS NOT NULL';
  const [row] = await readRows<{ count: number }>(stage.folder, sql);
  return row?.count ?? 0;
}

test(
  'kill -9 in the middle of an import of the dashboard, twice: it continues, and invites each row once',
  async () => {
    const stage = await prepareStage();
    const { control } = stage.portal;
    let current = await stage.start();
    const isInvite = ({ method, path }: { method: string; path: string }) =>
      method === 'POST' && path.endsWith('/people/invite');
    // Without it, all letters could be mailed before the first kill.
    const endDelay = control.interfere({ on: isInvite, act: { kind: 'delay', ms: 300 } });
    const cookie = await signIn(stage);
    const form = new FormData();
    form.append('file', new Blob([file()]), 'people.csv');
    const sent = await ask(stage, '/invite/file', { method: 'POST', body: form }, cookie);
    expect(sent.status).toBe(303);
    const page = sent.headers.get('location') ?? '';

    const before = await answered(stage);
    await until('it makes progress', async () => (await answered(stage)) > before, 20_000);
    expect(await answered(stage)).toBeLessThan(total);
    await current.kill();
    // The letters of this request are mailed, and its answer never arrives.
    endDelay();
    let isHanging = false;
    control.interfere({
      on: (request) => {
        isHanging ||= isInvite(request);
        return isInvite(request);
      },
      times: 1,
      act: { kind: 'effectThenHang' },
    });
    current = await stage.start();
    await until('a request hangs', () => isHanging, 20_000);
    await current.kill();
    await stage.start();
    const csv = await until(
      'the run is finished',
      async () => {
        const text = await (await ask(stage, page, {}, cookie)).text();
        if (text.includes('<progress')) return pace(100).then(() => null);
        return (await ask(stage, `${page}.csv`, {}, cookie)).text();
      },
      30_000,
    );

    const rows: { row: string; email: string; result: string; id: string; link: string }[] = parse(
      csv,
      { bom: true, columns: true },
    );
    expect(rows).toHaveLength(total);
    const results = rows.map(({ result }) => result);
    const count = (result: string) => results.filter((one) => one === result).length;
    expect([count('invited'), count('duplicate in the file'), count('not valid')]).toEqual([
      total - 2,
      1,
      1,
    ]);
    const issued = await readRows<{ id: string; stage: string }>(
      stage.folder,
      'SELECT id, stage FROM invitations',
    );
    expect(issued.map((one) => one.stage)).toEqual(issued.map(() => 'issued'));
    const ids = rows.flatMap(({ id }) => (id === '' ? [] : id));
    expect(ids.sort()).toEqual(issued.map(({ id }) => id).sort());
    expect(rows.filter(({ link }) => link !== '')).toHaveLength(byLink + open);
    const letters = control.letters().filter(({ to }) => to.startsWith('mail'));
    expect(letters).toHaveLength(byMail);
    expect(new Set(letters.map(({ to }) => to)).size).toBe(byMail);
  },
  testTimeoutMs,
);
