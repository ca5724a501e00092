import type { ChildProcess } from 'node:child_process';
import { z } from 'zod';
import { lineOf, spawnPinned } from '../pinned.ts';
import { projectFolder, secret, startServing } from '../service.ts';

/** A running receiver on the core of the server. */
export type Receiver = {
  readonly name: string;
  readonly port: number;
  readonly child: ChildProcess;
  /** The file of its deliveries. Null if it stores nothing. */
  readonly file: string | null;
  /** `GET /metrics`. Only this service has it. */
  readonly metrics?: () => Promise<string>;
};

export const names = {
  bare: 'bare: Hono, HMAC, JSON.parse; stores nothing',
  ours: 'docspace-welcome, worker on',
  honoCommit: 'Hono, one commit a request',
  sample: 'as ONLYOFFICE’s sample: Express; stores nothing',
  expressInsert: 'Express, one insert a request',
} as const;

export const webhookPath = '/webhooks/docspace';

const tsx = [process.execPath, '--import', 'tsx'];

/** Starts all five receivers. */
export async function startReceivers(folder: string, portal: SimulatedPortal): Promise<Receiver[]> {
  const compared = async (
    name: string,
    program: string,
    file: string | null,
  ): Promise<Receiver> => {
    const args = [webhookPath, secret, ...(file === null ? [] : [file])];
    const path = `${projectFolder}bench/receivers/${program}`;
    const child = spawnPinned('server', [...tsx, path, ...args], { cwd: projectFolder });
    const [, port] = await lineOf(child, /port (\d+)/);
    return { name, port: Number(port), child, file };
  };
  return Promise.all([
    compared(names.bare, 'hono.ts', null),
    startOurs(folder, portal),
    compared(names.honoCommit, 'hono.ts', `${folder}/hono.db`),
    compared(names.sample, 'express.ts', null),
    compared(names.expressInsert, 'express.ts', `${folder}/express.db`),
  ]);
}

async function startOurs(folder: string, portal: SimulatedPortal): Promise<Receiver> {
  const file = `${folder}/welcome.db`;
  // The limit against welcoming a whole company by mistake would hold up half of these people.
  const settings = { WELCOME_MAX_PER_HOUR: '100000' };
  const service = startServing({ file, portal, settings });
  const invited = await service.api('POST', '/api/invitations', { employeeType: 'User' });
  if (invited.status !== 201) throw new Error(`no open link: ${await invited.text()}`);
  return {
    name: names.ours,
    port: Number(new URL(await service.url()).port),
    child: service.child,
    file,
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
