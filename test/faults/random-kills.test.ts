import { setTimeout as pace } from 'node:timers/promises';
import pg from 'pg';
import { expect, test } from 'vitest';
import { attemptLeaseMs } from '../../src/domain/attempt-limits.ts';
import { type Balancer, startBalancer } from '../support/balancer.ts';
import { freePort } from '../support/free-port.ts';
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
/** Every request of a living process has ended by then. */
const oldMs = 25_000;
const issuingPatienceMs = 10_000;
/** How soon a load balancer notices that a replica does not answer. */
const healthCheckMs = 1_000;
const deadlineMs = isFull ? 420_000 : 80_000;

const onSqlite = { kind: 'one process on SQLite', replicas: 1 };
const onPostgres = { kind: 'three replicas on PostgreSQL', replicas: 3 };

test.each(hasPostgres ? [onSqlite, onPostgres] : [onSqlite])(
  `${people} people come, and there are ${kills} kills of $kind: nobody is greeted twice, and everybody has a final state`,
  async ({ kind, replicas }) => {
    const startedAt = performance.now();
    // Printed before anything can fail, so that a failed run can be repeated.
    say(`random kills on ${kind}: seed ${seed}`);
    const database = replicas > 1 ? await freshDatabase() : null;
    const random = seeded(seed);
    const prepared = await prepareStage({
      // The portal soon gives up, so that reconciliation has to find the rest.
      portal: { retryDelaysMs: [50, 100, 200, 400, 800] },
    });
    const ports = [Number(new URL(prepared.url).port)];
    while (ports.length < replicas) ports.push(await freePort());
    const balancer = replicas > 1 ? await startBalancer(ports) : null;
    const stage: Stage = { ...prepared, url: balancer?.url ?? prepared.url };
    const processes = await Promise.all(
      ports.map((port) => prepared.start({ ...settingsFor(database), PORT: String(port) })),
    );
    await registerWebhook(stage.portal, stage.url);
    const openLink = (await stubbornLink(stage, null)) ?? '';

    const arrivals = Array.from({ length: people }, (_, index) => ({
      email: `person${index}@example.com`,
      afterMs: random() * kills * longestLifeMs * 0.6,
      confirmsAfterMs: random() * 400,
      isPersonal: random() < 0.5,
    }));
    const coming = arrivals.map(async ({ email, afterMs, confirmsAfterMs, isPersonal }) => {
      await pace(afterMs);
      const personal = isPersonal ? await stubbornLink(stage, email) : null;
      const link = personal ?? openLink;
      const { control } = stage.portal;
      const userId = control.register({ link, email, firstName: 'Ann', lastName: 'Lee' });
      await pace(confirmsAfterMs);
      control.confirmEmail(userId);
      return userId;
    });
    const sleeper = balancer ? putToSleep(processes, ports, balancer, database) : null;
    await killAgainAndAgain(stage, processes, ports, random, database);
    const userIds = await Promise.all(coming);
    const killedMs = performance.now() - startedAt;

    await sleeper;
    await until('every process answers', () => areUp(ports), 30_000);
    for (const { child, output } of processes) expect(child.exitCode, output()).toBeNull();
    const label = 'the portal has told or given up';
    await stage.portal.control.deliveriesIdle({ deadlineMs: 20_000, label });
    const run = await call(stage.url, 'POST', '/api/reconcile');
    expect(run.json.interrupted, run.text).toBeNull();
    const members = await until(
      'no member is waiting, ready or sending',
      async () => {
        const { json } = await call(stage.url, 'GET', '/api/stats');
        const { waiting, ready, sending } = json.members;
        // Real time ends the leases of the long run.
        if (database !== null && !isFull && sending > 0) await endLeases(database, oldMs);
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
 * Kills a process at random moments, some of them during a start, and starts it again. All are alive
 * at the end.
 * @param processes changed in place
 */
async function killAgainAndAgain(
  stage: Stage,
  processes: ServiceProcess[],
  ports: readonly number[],
  random: () => number,
  database: string | null,
): Promise<void> {
  // The last replica is only stopped and continued.
  const mortal = processes.length > 1 ? processes.length - 1 : 1;
  for (let kill = 0; kill < kills; kill += 1) {
    await pace(200 + random() * (longestLifeMs - 200));
    const place = Math.floor(random() * mortal);
    const current = processes[place];
    if (current === undefined) throw new Error(`there is no process ${place}`);
    expect(current.child.exitCode, current.output()).toBeNull();
    await current.kill();
    const settings = { ...settingsFor(database), PORT: String(ports[place]) };
    // `isDoomed`: the test does not wait for it, so the next kill may happen during its start.
    processes[place] = await startProcess(stage.portal, stage.folder, { settings, isDoomed: true });
  }
}

/** Stops the last replica until its leases are over, and continues it. */
async function putToSleep(
  processes: readonly ServiceProcess[],
  ports: readonly number[],
  balancer: Balancer,
  database: string | null,
): Promise<void> {
  await pace(longestLifeMs / 2);
  const { child } = processes[ports.length - 1] ?? {};
  const port = ports.at(-1) ?? 0;
  child?.kill('SIGSTOP');
  await pace(healthCheckMs);
  balancer.leaveOut(port);
  await pace(isFull ? attemptLeaseMs + 10_000 : longestLifeMs);
  if (!isFull && database !== null) await endLeases(database, 0);
  child?.kill('SIGCONT');
  balancer.takeBack(port);
}

/**
 * The short run does not wait for two minutes: the leases look as they do after that time.
 * @param ageMs only attempts that began this long ago
 */
async function endLeases(database: string, ageMs: number): Promise<void> {
  await queryPostgres(
    database,
    `UPDATE members SET lease_until = lease_until - ${attemptLeaseMs}, due_at = due_at - ${attemptLeaseMs}
      WHERE state = 'sending' AND lease_until < extract(epoch FROM clock_timestamp()) * 1000 + ${attemptLeaseMs - ageMs}`,
  );
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
  return (await queryPostgres<Row>(database, statement)).rows;
}

async function queryPostgres<Row extends pg.QueryResultRow>(database: string, statement: string) {
  const client = new pg.Client({
    connectionString: database,
    options: '-c search_path=docspace_welcome',
  });
  await client.connect();
  try {
    return await client.query<Row>(statement);
  } finally {
    await client.end();
  }
}

/**
 * The link of an invitation, even if the service dies while it is issued. Null if that takes too long:
 * among replicas, only five minutes show that nobody is issuing it any more.
 */
async function stubbornLink(stage: Stage, email: string | null): Promise<string | null> {
  const giveUpAt = performance.now() + issuingPatienceMs;
  return until(
    `a link for ${email ?? 'many'}`,
    async () => {
      const body = { employeeType: 'Guest', ...(email === null ? {} : { email }) };
      const asked = await call(stage.url, 'POST', '/api/invitations', body).catch(() => null);
      if (asked?.status === 201) return { link: String(asked.json.link) };
      if (asked?.status !== 409) return null;
      // The answer was lost, but not the invitation. While it is `issuing` it has no link yet.
      const path = `/api/invitations/${asked.json.invitation}`;
      const link = (await call(stage.url, 'GET', path).catch(() => null))?.json?.link;
      if (link) return { link: String(link) };
      return performance.now() > giveUpAt ? { link: null } : null;
    },
    60_000,
  ).then(({ link }) => link);
}

async function areUp(ports: readonly number[]): Promise<boolean> {
  const answers = ports.map((port) =>
    call(`http://127.0.0.1:${port}`, 'GET', '/healthz').catch(() => null),
  );
  return (await Promise.all(answers)).every((answer) => answer?.status === 200);
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
