import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { registerWebhook } from '../simulator/admin.ts';
import {
  kindOptions,
  type Portal,
  type PortalOptions,
  type ReleaseName,
  startPortal,
} from '../simulator/portal.ts';
import { readConfig } from './config/read.ts';
import type { Config } from './config/settings.ts';
import type { Environment } from './service.ts';
import { type Service, startService } from './service.ts';
import { webhookPath } from './webhook/route.ts';

/** The preferred ports. If one is taken, any free port is used. */
const servicePort = 8080;
const portalPort = 8090;
const guest = 'guest@example.com';
/** How long the simulated portal waits between checks of its queue: short, so that nobody waits. */
const queuePauseMs = 200;

export type DemoOptions = {
  readonly environment: Environment;
  /** Null: the newest release. */
  readonly release: ReleaseName | null;
};

/** A running service and a simulated portal, both on the loopback address. */
export type Demo = {
  readonly portal: Portal;
  readonly service: Service;
  /** The invitation link of `guest`. */
  readonly link: string;
  readonly guest: string;
  /** The folder of the database and a `.env`. With this `.env`, every other verb works on the demo. */
  readonly folder: string;
  readonly adminToken: string;
  /** Stops both and removes the folder. */
  readonly stop: () => Promise<void>;
};

/** Starts a simulated portal and the service, registers the webhook and invites a first guest. */
export async function startDemo({ environment, release }: DemoOptions): Promise<Demo> {
  const cleanups: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'docspace-welcome-demo-'));
    cleanups.push(() => rm(folder, { recursive: true, force: true }));
    const options: PortalOptions = {
      port: await freePort(portalPort),
      ...kindOptions,
      queuePauseMs,
      ...(release === null ? {} : { release }),
    };
    const portal = await startPortal(options);
    cleanups.push(() => portal.stop());
    const config = await writeConfig(portal, folder);
    const started = await startService(config, environment);
    if (started.kind !== 'started') throw new Error('a new temporary database cannot be in use');
    const { service } = started;
    cleanups.push(() => service.stop());
    await registerWebhook(portal, {
      uri: `${service.url}${webhookPath}`,
      secretKey: config.DOCSPACE_WEBHOOK_SECRET,
    });
    const link = await inviteGuest(service, config);
    return { portal, service, link, guest, folder, adminToken: config.ADMIN_TOKEN, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

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

/** @returns `wanted`, or 0 (any free port) if it is taken */
function freePort(wanted: number): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(0));
    probe.listen(wanted, '127.0.0.1', () => probe.close(() => resolve(wanted)));
  });
}
