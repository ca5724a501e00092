import { setTimeout as pace } from 'node:timers/promises';
import pg from 'pg';
import { expect, test } from 'vitest';
import { freshDatabase, hasPostgres } from '../support/postgres.ts';
import { type ServiceProcess, startProcess } from '../support/process.ts';
import { until } from '../support/until.ts';
import { call, registerWebhook } from '../support/world.ts';
import { expectAllKept, greetings, prepareStage, readRows, type Stage } from './stage.ts';

/** `npm run test:faults` sets FAULTS=full. FAULTS_SEED repeats a run. */
const isFull = process.env['FAULTS'] === 'full';
const people = isFull ? 300 : 40;
const kills = isFull ? 30 : 4;
const seed = Number(process.env['FAULTS_SEED'] ?? Date.now() % 1_000_000);
/** A start takes about a second, so some of the kills happen during a start. */
const longestLifeMs = 2_500;
const deadlineMs = isFull ? 300_000 : 38_000;

const stores = hasPostgres ? ['SQLite', 'PostgreSQL'] : ['SQLite'];

test.each(stores)(
  `${people} people come while the service on %s is killed ${kills} times: nobody is greeted twice, and everybody has a final state`,
  async (kind) => {
    const startedAt = performance.now();
    // Printed before anything can fail, so that a failed run can be repeated.
    say(`random kills on ${kind}: seed ${seed}`);
    const database = kind === 'PostgreSQL' ? await freshDatabase() : null;
    const random = seeded(seed);
    const stage = await prepareStage({
      settings: settingsFor(database),
      // The portal soon gives up, so that reconciliation has to find the rest.
      portal: { retryDelaysMs: [50, 100, 200, 400, 800] },
    });
    const first = await stage.start();
    await registerWebhook(stage.portal, stage.url);
    const openLink = await stubbornLink(stage, null);

    const arrivals = Array.from({ length: people }, (_, index) => ({
      email: `person${index}@example.com`,
      afterMs: random() * kills * longestLifeMs * 0.6,
      confirmsAfterMs: random() * 400,
      isPersonal: random() < 0.5,
    }));
    const coming = arrivals.map(async ({ email, afterMs, confirmsAfterMs, isPersonal }) => {
      await pace(afterMs);
      const link = isPersonal ? await stubbornLink(stage, email) : openLink;
      const { control } = stage.portal;
      const userId = control.register({ link, email, firstName: 'Ann', lastName: 'Lee' });
      await pace(confirmsAfterMs);
      control.confirmEmail(userId);
      return userId;
    });
    const last = await killAgainAndAgain(stage, first, random, database);
    const userIds = await Promise.all(coming);
    const killedMs = performance.now() - startedAt;

    await until('the last process answers', () => isUp(stage), 20_000);
    expect(last.child.exitCode, last.output()).toBeNull();
    const label = 'the portal has told or given up';
    await stage.portal.control.deliveriesIdle({ deadlineMs: 20_000, label });
    const run = await call(stage.url, 'POST', '/api/reconcile');
    expect(run.json.interrupted, run.text).toBeNull();
    const members = await until(
      'no member is waiting, ready or sending',
      async () => {
        const { json } = await call(stage.url, 'GET', '/api/stats');
        const { waiting, ready, sending } = json.members;
        return waiting + ready + sending === 0 ? json.members : null;
      },
      deadlineMs - (performance.now() - startedAt),
    );
    const rows = await rowsOf<{ userId: string; state: string }>(
      stage,
      database,
      'SELECT user_id AS "userId", state FROM members',
    );
    const unknown = rows.filter((row) => row.state === 'unknown');
    const unknownIds = unknown.map((row) => row.userId);
    const reached = greetings(stage.portal, unknownIds).filter((count) => count > 0).length;
    say(
      `random kills on ${kind}: seed ${seed}, ${people} people, ${kills} kills in ${Math.round(killedMs)} ms, ` +
        `settled after ${Math.round(performance.now() - startedAt)} ms; ` +
        `welcomed ${members.welcomed}, unknown ${members.unknown} (${reached} of them greeted), failed ${members.failed}, ` +
        `found by the run ${run.json.parts.map((part: { found: number }) => part.found).join('+')}`,
    );
    expectAccounted(stage, userIds, members, rows);
    const kept = await rowsOf<{ id: number }>(
      stage,
      database,
      'SELECT event_id AS id FROM deliveries',
    );
    expectAllKept(stage, kept);
  },
  deadlineMs + 30_000,
);

/**
 * Kills the service at random moments, some of them during a start, and leaves the last process
 * alive.
 */
async function killAgainAndAgain(
  stage: Stage,
  first: ServiceProcess,
  random: () => number,
  database: string | null,
): Promise<ServiceProcess> {
  let current = first;
  const settings = { ...settingsFor(database), PORT: new URL(stage.url).port };
  for (let kill = 0; kill < kills; kill += 1) {
    await pace(200 + random() * (longestLifeMs - 200));
    expect(current.child.exitCode, current.output()).toBeNull();
    await current.kill();
    // `isDoomed`: the test does not wait for it, so the next kill may happen during its start.
    current = await startProcess(stage.portal, stage.folder, { settings, isDoomed: true });
  }
  return current;
}

function settingsFor(database: string | null): Readonly<Record<string, string>> {
  const settings = { WELCOME_MAX_PER_HOUR: '100000', LOG_LEVEL: 'info' };
  return database === null ? settings : { ...settings, DATABASE_URL: database };
}

/** @param database the PostgreSQL database; null reads the SQLite file of the stage */
async function rowsOf<Row extends pg.QueryResultRow>(
  stage: Stage,
  database: string | null,
  statement: string,
): Promise<readonly Row[]> {
  if (database === null) return readRows<Row>(stage.folder, statement);
  const client = new pg.Client({
    connectionString: database,
    options: '-c search_path=docspace_welcome',
  });
  await client.connect();
  try {
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end();
  }
}

/** The link of an invitation, even if the service dies while it is issued. */
function stubbornLink(stage: Stage, email: string | null): Promise<string> {
  return until(
    `a link for ${email ?? 'many'}`,
    async () => {
      const body = { employeeType: 'Guest', ...(email === null ? {} : { email }) };
      const asked = await call(stage.url, 'POST', '/api/invitations', body).catch(() => null);
      if (asked?.status === 201) return asked.json.link;
      if (asked?.status !== 409) return null;
      // The answer was lost, but not the invitation. While it is `issuing` it has no link yet.
      const path = `/api/invitations/${asked.json.invitation}`;
      return (await call(stage.url, 'GET', path).catch(() => null))?.json?.link;
    },
    60_000,
  );
}

async function isUp(stage: Stage): Promise<boolean> {
  const answer = await call(stage.url, 'GET', '/healthz').catch(() => null);
  return answer?.status === 200;
}

function expectAccounted(
  stage: Stage,
  userIds: readonly string[],
  balance: Readonly<Record<string, number>>,
  rows: readonly { readonly userId: string; readonly state: string }[],
): void {
  const { total, ...states } = balance;
  expect(total).toBe(rows.length);
  expect(Object.values(states).reduce((sum, count) => sum + count, 0)).toBe(total);
  const stateOf = new Map(rows.map((row) => [row.userId, row.state]));
  const greeted = greetings(stage.portal, userIds);
  for (const [index, userId] of userIds.entries()) {
    const account = `${userId} is ${stateOf.get(userId)}, greeted ${greeted[index]} times`;
    expect(allowedGreetings[stateOf.get(userId) ?? ''], account).toContain(greeted[index]);
  }
}

/** How often a person in this state may have been greeted. In every other state it is never. */
const allowedGreetings: Readonly<Record<string, readonly number[]>> = {
  welcomed: [1],
  unknown: [0, 1],
  failed: [0],
};

/** The random numbers of mulberry32: the same for the same seed. */
function seeded(start: number): () => number {
  let state = start | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Prints figures, whether the test passes or not. */
function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
