import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type BenchServer, sqliteDatabase } from '../databases.ts';
import { spawnPinned } from '../pinned.ts';
import type { Figures } from '../rounds.ts';
import { startServing } from '../service.ts';
import { cpuMsOf } from './cpu.ts';
import type { PortalWithPeople } from './portals.ts';
import { seedDue, seedDueInPostgres } from './seed-due.ts';

/** The first part of each run is the warm-up. */
const warmUpShare = 0.4;
const deadlineMs = 120_000;

/**
 * Lets the compiled service welcome all people of the portal. They are `waiting` and due at the
 * start.
 * @param options.main the main file of the measured build
 * @param options.postgres where its database is; if left out, it is a file
 * @returns people a second after the warm-up, and for each of them the CPU time in µs and the
 *   requests to the portal
 * @throws when a person was not welcomed exactly once
 */
export async function drainWithService(options: {
  readonly portal: PortalWithPeople;
  readonly main: string;
  readonly connections: number;
  readonly postgres?: BenchServer | null;
}): Promise<Figures> {
  const { portal, main, connections, postgres } = options;
  const folder = mkdtempSync(join(tmpdir(), 'docspace-welcome-bench-'));
  const file = join(folder, 'welcome.db');
  const database = postgres ? await postgres.newDatabase() : sqliteDatabase(file);
  const seeds = { people: portal.people, now: Date.now() };
  if (postgres) await seedDueInPostgres({ url: database.url, ...seeds });
  else seedDue({ file, ...seeds });
  const service = startServing({
    file,
    databaseUrl: database.url,
    main,
    portal,
    settings: {
      DOCSPACE_CONCURRENCY: String(connections),
      WELCOME_MAX_PER_HOUR: '1000000',
      RECONCILE_EVERY: '0',
    },
  });
  let cpuUs = Number.NaN;
  try {
    const warm = await used(portal, service.child, portal.people.length * warmUpShare);
    const whole = await used(portal, service.child, portal.people.length);
    cpuUs = ((whole.cpuMs - warm.cpuMs) / (whole.people - warm.people)) * 1_000;
    await until(portal.people.length, 'is welcomed', database.welcomed);
  } catch (error) {
    throw new Error(`the service logged: ${service.logged().slice(-2_000)}`, { cause: error });
  } finally {
    await service.stop();
    rmSync(folder, { recursive: true });
  }
  const congratulated = new Set(portal.congratulated().map(({ userId }) => userId));
  const isOnce = portal.congratulated().length === congratulated.size;
  if (!isOnce || congratulated.size !== portal.people.length) {
    throw new Error(`${congratulated.size} people, ${portal.congratulated().length} welcomes`);
  }
  const times = portal.congratulated().map(({ at }) => at);
  const first = Math.floor(times.length * warmUpShare);
  const tookMs = (times.at(-1) ?? 0) - (times[first] ?? 0);
  const requests = portal.requests() / portal.people.length;
  return { rate: (times.length - 1 - first) / (tookMs / 1_000), cpuUs, requests };
}

/** Reads the CPU time when this number of people were congratulated. */
async function used(portal: PortalWithPeople, process: ChildProcess, people: number) {
  const count = () => portal.congratulated().length;
  await until(people, 'is congratulated', count);
  return { people: count(), cpuMs: cpuMsOf(process.pid) };
}

async function until(
  wanted: number,
  what: string,
  count: () => number | Promise<number>,
): Promise<void> {
  const giveUpAt = Date.now() + deadlineMs;
  for (let found = await count(); found < wanted; found = await count()) {
    if (Date.now() > giveUpAt) throw new Error(`only ${found} of ${wanted}: ${what}`);
    await pause(50);
  }
}

const bareClient = fileURLToPath(new URL('../drain-bare.ts', import.meta.url));

/**
 * Lets plain undici make the same two requests for each person, again and again.
 * @returns people a second after the warm-up, and the CPU time for each in µs
 */
export async function drainBare(options: {
  readonly portal: PortalWithPeople;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly measuredMs: number;
}): Promise<Figures> {
  const { portal, connections, warmUpMs, measuredMs } = options;
  const folder = mkdtempSync(join(tmpdir(), 'docspace-welcome-bench-'));
  const ids = join(folder, 'ids.json');
  writeFileSync(ids, JSON.stringify(portal.people.map(({ userId }) => userId)));
  const client = spawnPinned(
    'server',
    [process.execPath, '--import', 'tsx', bareClient, portal.url, ids, String(connections)],
    { env: { DOCSPACE_API_KEY: portal.apiKey } },
  );
  const ended = new Promise((resolve) => client.once('exit', resolve));
  try {
    while (portal.congratulated().length === 0) await pause(20);
    await pause(warmUpMs);
    const before = await used(portal, client, 0);
    const beganAt = performance.now();
    await pause(measuredMs);
    const tookMs = performance.now() - beganAt;
    const after = await used(portal, client, 0);
    const people = after.people - before.people;
    const cpuUs = ((after.cpuMs - before.cpuMs) / people) * 1_000;
    return { rate: people / (tookMs / 1_000), cpuUs };
  } finally {
    client.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true });
  }
}
