import { request } from 'undici';
import { onTestFinished } from 'vitest';
import { registerWebhook as registerAtPortal } from '../../simulator/admin.ts';
import type { Portal, PortalOptions } from '../../simulator/portal.ts';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config/read.ts';
import type { Config } from '../../src/config/settings.ts';
import { createNewId } from '../../src/ids.ts';
import { createLog } from '../../src/log.ts';
import { type Environment, type Service, startService } from '../../src/service.ts';
import { databaseSettings } from './database.ts';
import { startPortal } from './portal.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { until } from './until.ts';

export { temporaryFolder } from './temporary-folder.ts';

export const adminToken = 'admin-token-of-the-tests-1';
export const webhookSecret = 'Docspace-Webhook-1';

export type Answer = {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects and fails otherwise
  readonly json: any;
  readonly text: string;
};

/** The service with a simulated portal, each on its own socket, and a real database (see database.ts). */
export type World = {
  readonly portal: Portal;
  readonly service: Service;
  readonly config: Config;
  readonly folder: string;
  readonly log: readonly string[];
  readonly api: (method: string, path: string, body?: unknown) => Promise<Answer>;
  /** Stops the service, lets something happen meanwhile, and starts it on the same database. */
  readonly restart: (
    settings?: Readonly<Record<string, string>>,
    meanwhile?: () => void,
  ) => Promise<World>;
};

export type WorldOptions = {
  readonly portal?: PortalOptions;
  readonly settings?: Readonly<Record<string, string>>;
  readonly surroundings?: Partial<Environment>;
  readonly withWebhook?: boolean;
};

/** Starts both, registers the webhook as an admin does, and stops both after the test. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const folder = await temporaryFolder();
  const portal = await startPortal({
    keyCheck: 'any',
    queuePauseMs: 5,
    retryDelaysMs: [10, 20, 40, 80, 160],
    ...options.portal,
  });
  onTestFinished(() => portal.stop());
  const world = await startOn(folder, portal, options);
  if (options.withWebhook !== false) await registerWebhook(portal, world.service.url);
  return world;
}

/** Starts the service on the database in `folder`, as often as a test wants. */
export async function startOn(
  folder: string,
  portal: Portal,
  options: WorldOptions = {},
): Promise<World> {
  const config = configFor(folder, portal, {
    ...(await databaseSettings(folder)),
    ...options.settings,
  });
  const log: string[] = [];
  const started = await startService(config, {
    clock: systemClock,
    random: Math.random,
    newId: createNewId(systemClock.now),
    log: createLog({ level: 'debug', write: (line) => log.push(line) }),
    ...options.surroundings,
  });
  if (started.kind !== 'started') throw new Error(`the service did not start: ${started.kind}`);
  const { service } = started;
  const stop = once(() => service.stop());
  onTestFinished(async () => {
    await stop();
    expectNoLeaks(log, [config.DOCSPACE_API_KEY, adminToken, webhookSecret]);
  });
  return {
    portal,
    service,
    config,
    folder,
    log,
    api: (method, path, body) => call(service.url, method, path, body),
    async restart(settings = {}, meanwhile = () => {}) {
      await stop();
      meanwhile();
      return startOn(folder, portal, {
        ...options,
        settings: { ...options.settings, ...settings },
      });
    },
  };
}

/** No log line of a test may contain a secret, an invitation link or an address. */
function expectNoLeaks(log: readonly string[], secrets: readonly string[]): void {
  const isLeak = (line: string) =>
    secrets.some((secret) => line.includes(secret)) ||
    /\/s\/[\w-]{10,}|[?&]key=|[\w.+-]+@[\w-]+\.\w|sk-[0-9a-f]{16}/i.test(line);
  const leaks = log.filter(isLeak);
  if (leaks.length > 0) throw new Error(`log lines that leak: ${leaks.slice(0, 3).join('')}`);
}

export function configFor(
  folder: string,
  portal: Pick<Portal, 'url' | 'apiKey'>,
  settings: Readonly<Record<string, string>> = {},
): Config {
  const read = readConfig({
    environment: {
      DOCSPACE_URL: portal.url,
      DOCSPACE_API_KEY: portal.apiKey,
      DOCSPACE_WEBHOOK_SECRET: webhookSecret,
      ADMIN_TOKEN: adminToken,
      PORT: '0',
      RECONCILE_EVERY: '0',
      ...settings,
    },
    workingFolder: folder,
    envFile: null,
  });
  if (read.kind === 'ok') return read.config;
  throw new Error(read.faults.join('\n'));
}

/** A person who registered by a personal link, and still has to confirm the e-mail address. */
export async function inviteAndRegister(
  world: World,
  email: string,
): Promise<{ readonly invitationId: string; readonly userId: string }> {
  const { json } = await world.api('POST', '/api/invitations', { employeeType: 'Guest', email });
  const userId = world.portal.control.register({
    link: json.link,
    email,
    firstName: 'Ann',
    lastName: 'O’Hara',
  });
  return { invitationId: json.id, userId };
}

/** Waits until the portal has no delivery that is queued, in progress or waiting for a retry. */
export function deliveriesOut(world: World): Promise<void> {
  return world.portal.control.deliveriesIdle({
    deadlineMs: 8_000,
    label: 'all deliveries are out',
  });
}

/** Registers the webhook as an admin does in the portal. Its HEAD request must succeed. */
export async function registerWebhook(portal: Portal, serviceUrl: string): Promise<void> {
  const uri = `${serviceUrl}/webhooks/docspace`;
  await registerAtPortal(portal, { uri, secretKey: webhookSecret });
}

export async function call(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = { authorization: `Bearer ${adminToken}` },
): Promise<Answer> {
  const answer = await request(`${url}${path}`, {
    method: method as 'GET',
    headers: { 'content-type': 'application/json', ...headers },
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await answer.body.text();
  const json = text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : undefined;
  return { status: answer.statusCode, headers: answer.headers, json, text };
}

/** Waits until the invitation has this status. Returns it with its members and timeline. */
export function invitationBecomes(world: World, id: string, status: string) {
  return until(`invitation ${id} is ${status}`, async () => {
    const { json } = await world.api('GET', `/api/invitations/${id}`);
    return json.status === status ? json : null;
  });
}

/** Waits until the member is in this state. Returns it with its attempts and timeline. */
export function memberBecomes(world: World, userId: string, state: string) {
  let last = '';
  return until(`member ${userId} is ${state}`, async () => {
    const { json, text } = await world.api('GET', `/api/members/${userId}`);
    last = text;
    return json.state === state ? json : null;
  }).catch((error) => {
    throw new Error(`they are not ${state} but: ${last}\n${world.log.slice(-20).join('')}`, {
      cause: error,
    });
  });
}

/** Waits until the service was told by the portal that this person has not confirmed the address. */
export function memberIsUnconfirmed(world: World, userId: string) {
  return until(`member ${userId} is known to be unconfirmed`, async () => {
    const { text } = await world.api('GET', `/api/members/${userId}`);
    return text.includes('has not confirmed');
  });
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}
