import type { ChildProcess } from 'node:child_process';
import { z } from 'zod';
import { type BenchDatabase, type BenchServer, sqliteDatabase } from '../databases.ts';
import { lineOf, spawnPinned } from '../pinned.ts';
import { projectFolder, secret, startServing } from '../service.ts';

/** A running receiver on the core of the server. */
export type Receiver = {
  readonly name: string;
  readonly port: number;
  readonly child: ChildProcess;
  /** The database of its deliveries. Null if it stores nothing. */
  readonly database: BenchDatabase | null;
  /** `GET /metrics`. Only this service has it. */
  readonly metrics?: () => Promise<string>;
};

export const names = {
  bare: 'bare: Hono, HMAC, JSON.parse; stores nothing',
  ours: 'docspace-welcome, worker on',
  honoCommit: 'Hono, one commit a request',
  sample: 'as ONLYOFFICE’s sample: Express; stores nothing',
  expressInsert: 'Express, one insert a request',
  oursOnPostgres: 'docspace-welcome on PostgreSQL, worker on',
  honoCommitOnPostgres: 'Hono, one commit a request on PostgreSQL',
} as const;

export const webhookPath = '/webhooks/docspace';

const tsx = [process.execPath, '--import', 'tsx'];

/** Starts all five receivers. */
export function startReceivers(folder: string, portal: SimulatedPortal): Promise<Receiver[]> {
  const databaseIn = (name: string) => sqliteDatabase(`${folder}/${name}`);
  return Promise.all([
    compared(names.bare, 'hono.ts', null),
    startOurs(names.ours, databaseIn('welcome.db'), folder, portal),
    compared(names.honoCommit, 'hono.ts', databaseIn('hono.db')),
    compared(names.sample, 'express.ts', null),
    compared(names.expressInsert, 'express.ts', databaseIn('express.db')),
  ]);
}

/** Starts the receivers that are compared on PostgreSQL. */
export async function startReceiversOnPostgres(
  folder: string,
  portal: SimulatedPortal,
  { newDatabase }: BenchServer,
): Promise<Receiver[]> {
  return Promise.all([
    compared(names.bare, 'hono.ts', null),
    startOurs(names.oursOnPostgres, await newDatabase(), folder, portal),
    compared(names.honoCommitOnPostgres, 'hono.ts', await newDatabase()),
  ]);
}

async function compared(
  name: string,
  program: string,
  database: BenchDatabase | null,
): Promise<Receiver> {
  const args = [webhookPath, secret, ...(database === null ? [] : [database.url])];
  const path = `${projectFolder}bench/receivers/${program}`;
  const child = spawnPinned('server', [...tsx, path, ...args], { cwd: projectFolder });
  const [, port] = await lineOf(child, /port (\d+)/);
  return { name, port: Number(port), child, database };
}

async function startOurs(
  name: string,
  database: BenchDatabase,
  folder: string,
  portal: SimulatedPortal,
): Promise<Receiver> {
  // The limit against welcoming a whole company by mistake would hold up half of these people.
  const settings = { WELCOME_MAX_PER_HOUR: '100000' };
  const file = `${folder}/welcome.db`;
  const service = startServing({ file, databaseUrl: database.url, portal, settings });
  const invited = await service.api('POST', '/api/invitations', { employeeType: 'User' });
  if (invited.status !== 201) throw new Error(`no open link: ${await invited.text()}`);
  return {
    name,
    port: Number(new URL(await service.url()).port),
    child: service.child,
    database,
    metrics: async () => (await service.api('GET', '/metrics')).text(),
  };
}

/** A portal in its own process, on the core of the load. */
export type SimulatedPortal = {
  readonly url: string;
  readonly apiKey: string;
  readonly userIds: readonly string[];
  readonly child: ChildProcess;
};
const portalLine = z.object({ url: z.string(), apiKey: z.string(), userIds: z.array(z.string()) });

export async function startSimulatedPortal(people: number): Promise<SimulatedPortal> {
  const program = [...tsx, `${projectFolder}bench/portal.ts`, String(people)];
  const child = spawnPinned('load', program, { cwd: projectFolder });
  const [, line = ''] = await lineOf(child, /portal (\{.*\})\n/);
  return { ...portalLine.parse(JSON.parse(line)), child };
}
