import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { registerWebhook } from '../../simulator/admin.ts';
import { kindOptions, type Portal, startPortal } from '../../simulator/portal.ts';
import { readConfig } from '../config/read.ts';
import type { Config } from '../config/settings.ts';
import { createLog } from '../log.ts';
import { type Service, startService } from '../service.ts';
import { webhookPath } from '../webhook/route.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { readableLines } from './readable-log.ts';
import { surroundings } from './serve.ts';
import { signalled } from './signals.ts';
import { style, type Terminal } from './terminal.ts';

/** Where people expect them; any free port when they are taken. */
const servicePort = 8080;
const portalPort = 8090;
const guest = 'guest@example.com';
/** The simulated portal looks into its queue this often, so that a visitor need not wait. */
const queuePauseMs = 200;

/** The service beside a simulated portal on loopback, in a temporary folder that goes with it. */
export async function demo(terminal: Terminal): Promise<ExitCode> {
  const stop = signalled();
  const folder = await mkdtemp(join(tmpdir(), 'docspace-welcome-demo-'));
  try {
    const portal = await startPortal({
      port: await freePort(portalPort),
      ...kindOptions,
      queuePauseMs,
    });
    try {
      return await besidePortal(terminal, portal, folder, stop);
    } finally {
      await portal.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function besidePortal(
  terminal: Terminal,
  portal: Portal,
  folder: string,
  stop: Promise<void>,
): Promise<ExitCode> {
  const config = await writeConfig(portal, folder);
  // What the start says is for the log of a real service: here the explanation comes first.
  let isExplained = false;
  const readable = readableLines(terminal);
  const write = (line: string) => (isExplained ? readable(line) : undefined);
  const log = createLog({ level: config.LOG_LEVEL, write });
  const started = await startService(config, surroundings(log));
  if (started.kind !== 'started') throw new Error('a new temporary database cannot be in use');
  const { service } = started;
  try {
    await registerWebhook(portal, {
      uri: `${service.url}${webhookPath}`,
      secretKey: config.DOCSPACE_WEBHOOK_SECRET,
    });
    const link = await inviteGuest(service, config);
    isExplained = true;
    explain(terminal, { portal, service, link, folder, adminToken: config.ADMIN_TOKEN });
    await stop;
    terminal.print('\nStopping; the temporary folder goes with it.');
    return exitCodes.done;
  } finally {
    await service.stop();
  }
}

/** Written as a `.env`, so that every other verb works on the demo from a second terminal. */
async function writeConfig(portal: Portal, folder: string): Promise<Config> {
  const envFile = join(folder, '.env');
  const lines = [
    `DOCSPACE_URL=${portal.url}`,
    `DOCSPACE_API_KEY=${portal.apiKey}`,
    'DOCSPACE_WEBHOOK_SECRET=Demo-secret-1',
    'ADMIN_TOKEN=demo-admin-token-0123456789',
    `PORT=${await freePort(servicePort)}`,
  ];
  await writeFile(envFile, `${lines.join('\n')}\n`, { mode: 0o600 });
  const read = readConfig({ environment: {}, workingFolder: folder, envFile });
  if (read.kind === 'ok') return read.config;
  throw new Error(read.faults.join('; '));
}

async function inviteGuest(service: Service, config: Config): Promise<string> {
  const answer = await request(`${service.url}/api/invitations`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${config.ADMIN_TOKEN}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ employeeType: 'Guest', email: guest, note: 'first guest of the demo' }),
  });
  const text = await answer.body.text();
  const invitation: unknown = JSON.parse(text);
  if (typeof invitation === 'object' && invitation && 'link' in invitation) {
    return String(invitation.link);
  }
  throw new Error(`the service did not invite: ${text}`);
}

function explain(
  terminal: Terminal,
  shown: {
    readonly portal: Portal;
    readonly service: Service;
    readonly link: string;
    readonly folder: string;
    readonly adminToken: string;
  },
): void {
  const { portal, service, link, folder, adminToken } = shown;
  const cli = `npm run cli -- --env-file ${join(folder, '.env')}`;
  const lines = [
    '',
    style('bold', 'docspace-welcome beside a simulated portal, all on this machine'),
    '',
    `  1  A guest is invited. Open the link, register as ${guest}, confirm the e-mail:`,
    `     ${style('cyan', link)}`,
    `  2  See them arrive and be welcomed, here below and among the portal’s people:`,
    `     ${style('cyan', `${portal.url}/`)}`,
    '  3  Open the dashboard and watch it there; this token signs you in:',
    `     ${style('cyan', `${service.url}/`)}   ${adminToken}`,
    '  4  Or ask the log from a second terminal, and invite more people:',
    `     ${cli} list`,
    `     ${cli} invite anna@example.com`,
    `     curl -H "Authorization: Bearer ${adminToken}" ${service.url}/api/invitations`,
    '',
    style(
      'dim',
      '  This portal accepts WELCOME_KEY as it is; a real one does not: see the README.',
    ),
    style('dim', '  Ctrl-C stops everything and leaves nothing behind.'),
    '',
  ];
  for (const line of lines) terminal.print(line);
}

/** @returns `wanted`, or 0 (any free port) when somebody has it */
function freePort(wanted: number): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(0));
    probe.listen(wanted, '127.0.0.1', () => probe.close(() => resolve(wanted)));
  });
}
