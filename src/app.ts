import type { Clock } from './clock.ts';
import type { Config } from './config/settings.ts';
import { createPortalClient, type PortalClient } from './docspace/client.ts';
import { createHealth } from './health.ts';
import { createRoutes, type Listening, listen } from './http/server.ts';
import type { NewId } from './id.ts';
import type { Log } from './log.ts';
import type { ChannelName } from './outcome.ts';
import { acquireLock, type Holder, type Lock } from './store/sqlite/lock.ts';
import { openSqliteStore } from './store/sqlite/sqlite-store.ts';
import type { Store } from './store/store.ts';
import type { Channel } from './welcome/channel.ts';
import { createDocspaceChannel } from './welcome/docspace-channel.ts';
import { type Account, createAccount } from './worker/account.ts';
import { createInviter, type Inviter } from './worker/invite.ts';
import { createPauses } from './worker/pauses.ts';
import { createQuota } from './worker/quota.ts';
import { createRecorder, type Recorder } from './worker/record.ts';
import { createSender } from './worker/send.ts';
import { createWorker } from './worker/worker.ts';

/** What the outside gives: the only ways to time, chance and output. */
export type Surroundings = {
  readonly clock: Clock;
  readonly random: () => number;
  readonly newId: NewId;
  readonly log: Log;
};

/** The rooms below HTTP, opened on one database; enough for a command without a server. */
export type Workshop = {
  readonly store: Store;
  readonly client: PortalClient;
  readonly account: Account;
  readonly recorder: Recorder;
  readonly inviter: Inviter;
  readonly lock: Lock;
  readonly close: () => Promise<void>;
};

export type Opened =
  | { readonly kind: 'opened'; readonly workshop: Workshop }
  /** Another process serves this database. */
  | { readonly kind: 'busy'; readonly holder: Holder | null }
  /** The database belongs to another portal. */
  | { readonly kind: 'refused'; readonly reason: string };

/** One request's deadline; a read with its repetitions is bounded in the client. */
const portalTimeoutMs = 20_000;
/** SIGTERM drains and stops within 10 s: this much is for what is under way. */
const drainMs = 7_000;
/** After that, open requests are cut. */
const closeMs = 1_000;

/**
 * Takes the lock, migrates the database and makes the rooms below HTTP.
 * @param nudge called when something may have become due
 * @throws when the database is newer than this program or cannot be used
 */
export async function openWorkshop(
  config: Config,
  surroundings: Surroundings,
  nudge: () => void,
): Promise<Opened> {
  const locked = acquireLock(config.databaseFile);
  if (locked.kind === 'busy') return locked;
  const { lock } = locked;
  const { clock, random, newId, log } = surroundings;
  const store = openSqliteStore(config.databaseFile);
  const origin = config.DOCSPACE_URL;
  const known = await store.progress('portal_origin');
  if (known !== null && known !== origin) {
    await store.close();
    lock.release();
    return {
      kind: 'refused',
      reason: `${config.databaseFile} belongs to the portal ${known}, but DOCSPACE_URL is ${origin}: use another DATABASE_URL for another portal`,
    };
  }
  if (known === null) await store.remember('portal_origin', origin);
  const client = createPortalClient({
    origin,
    apiKey: config.DOCSPACE_API_KEY,
    concurrency: config.DOCSPACE_CONCURRENCY,
    timeoutMs: portalTimeoutMs,
    clock,
    random,
  });
  const account = createAccount(client, store);
  const recorder = createRecorder({ store, now: clock.now, log });
  const inviter = createInviter({ store, recorder, client, newId, now: clock.now, log, nudge });
  return {
    kind: 'opened',
    workshop: {
      store,
      client,
      account,
      recorder,
      inviter,
      lock,
      async close() {
        await client.close();
        await store.close();
        lock.release();
      },
    },
  };
}

/** A running service. */
export type Service = {
  readonly url: string;
  readonly store: Store;
  readonly inviter: Inviter;
  /** Drains: no new work, what is under way ends or is recorded as it is, the file is closed. */
  readonly stop: () => Promise<void>;
};

export type Started =
  | { readonly kind: 'started'; readonly service: Service }
  | Exclude<Opened, { kind: 'opened' }>;

/**
 * The composition root: builds everything in order and starts it.
 * @throws when the address is taken, or as `openWorkshop`
 */
export async function startService(config: Config, surroundings: Surroundings): Promise<Started> {
  const { clock, newId, log } = surroundings;
  let nudge = () => {};
  const opened = await openWorkshop(config, surroundings, () => nudge());
  if (opened.kind !== 'opened') return opened;
  const { store, client, account, recorder, inviter, lock, close } = opened.workshop;
  const health = createHealth();
  health.say('store', 'ok', 'writes');

  const channels = config.WELCOME_CHANNEL.map((name) =>
    createChannel(name, config, client, account),
  );
  const channelNames = channels.map((channel) => channel.name);
  const pauses = createPauses({ store, clock, log, health, channels: channelNames });
  const quota = createQuota({ store, maxPerHour: config.WELCOME_MAX_PER_HOUR, now: clock.now });
  const onUnknown = config.WELCOME_ON_UNKNOWN;
  const sender = createSender({
    store,
    recorder,
    channels,
    pauses,
    quota,
    onUnknown,
    clock,
    newId,
  });
  const worker = createWorker({
    store,
    client,
    account,
    recorder,
    sender,
    pauses,
    quota,
    audience: config.WELCOME_AUDIENCE,
    concurrency: config.DOCSPACE_CONCURRENCY,
    clock,
    log,
    health,
  });
  nudge = worker.nudge;

  let isStopping = false;
  const routes = createRoutes({
    webhook: {
      store,
      secrets: [config.DOCSPACE_WEBHOOK_SECRET, config.DOCSPACE_WEBHOOK_SECRET_PREVIOUS].filter(
        (secret) => secret !== null,
      ),
      now: clock.now,
      log,
      health,
      isStopping: () => isStopping,
      nudge: worker.nudge,
      count: () => {},
    },
    reads: store,
    inviter,
    health,
    adminToken: config.ADMIN_TOKEN,
    clock,
    log,
  });

  let server: Listening;
  try {
    server = await listen(routes, config.HOST, config.PORT);
  } catch (error) {
    await close();
    throw error;
  }
  lock.announce(server.url);
  await worker.start();
  await inviter.settleIssuing(clock.now());
  log.info({ url: server.url }, 'the service is ready');

  return {
    kind: 'started',
    service: {
      url: server.url,
      store,
      inviter,
      async stop() {
        isStopping = true;
        const deadlineAt = clock.now() + drainMs;
        // The door stays open while work ends, so that the portal hears 503 and comes again.
        await worker.stop(deadlineAt);
        await server.close(closeMs);
        await close();
        log.info({}, 'the service has stopped');
      },
    },
  };
}

function createChannel(
  name: ChannelName,
  config: Config,
  client: PortalClient,
  account: Account,
): Channel {
  switch (name) {
    case 'docspace':
      return createDocspaceChannel({
        send: client.sendCongratulations,
        isPortalWell: async () => (await account.control()).kind === 'ok',
        key: config.WELCOME_KEY,
      });
    default:
      return name satisfies never;
  }
}
