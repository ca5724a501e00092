import type { OpenAPIHono } from '@hono/zod-openapi';
import { createMetrics } from './api/metrics/metrics.ts';
import {
  createChannels,
  invitationLetters,
  loadChannelFiles,
  openMailer,
} from './channels/channels.ts';
import type { ChannelFiles } from './channels/deps.ts';
import { isKeyUnusable } from './channels/docspace.ts';
import { type Clock, sleepUntil } from './clock.ts';
import type { Config } from './config/settings.ts';
import { createInviteRuns, type InviteRuns } from './dashboard/invite-runs.ts';
import { createPortalClient, type PortalClient } from './docspace/client.ts';
import { createEvents, type Events } from './events/events.ts';
import { createReceiver } from './events/receiver.ts';
import { createHealth, type Health } from './health.ts';
import type { NewId } from './ids.ts';
import { createInviter, type Inviter } from './invitations/inviter.ts';
import { createReissuer } from './invitations/reissue.ts';
import { createLetters, type Letters } from './letters/letters.ts';
import type { Log } from './log.ts';
import { reasonText } from './messages/render.ts';
import type { Notices } from './notices/notices.ts';
import { type Account, createAccount } from './onboarding/account.ts';
import { createAttempts } from './onboarding/attempts.ts';
import { createBackpressure } from './onboarding/backpressure.ts';
import { createFirstStart } from './onboarding/first-start.ts';
import { createSwitchesReader } from './onboarding/invitation-switches.ts';
import { createPauses } from './onboarding/pauses.ts';
import { createRecorder } from './onboarding/recorder.ts';
import { createRepeatedDeliveries } from './onboarding/repeated-deliveries.ts';
import { createWorker, type Worker } from './onboarding/worker.ts';
import { createDatabaseWatch } from './operations/database-watch.ts';
import { createForgetter } from './operations/forget.ts';
import { createHousekeeping } from './operations/housekeeping.ts';
import { createOperator } from './operations/operator.ts';
import { createPreviewer } from './operations/preview.ts';
import { createReplayer } from './operations/replay.ts';
import { createReplicas, type Replicas } from './operations/replicas.ts';
import { reportLostKey, reportRestored } from './operations/restored.ts';
import { createTokens } from './operations/tokens.ts';
import { version } from './project.ts';
import { createBaseline } from './reconciliation/baseline.ts';
import { createHints } from './reconciliation/hints.ts';
import { createKeyExpiry } from './reconciliation/key-expiry.ts';
import { createReconciler } from './reconciliation/reconciler.ts';
import { createWebhookCheck } from './reconciliation/webhook-check.ts';
import { type ApiOptions, createRoutes, type Listening, listen } from './server.ts';
import { findDamage, lockDatabase } from './store/database.ts';
import type { Database } from './store/place.ts';
import { ForgetKeyUnusable, type Holder, type Lock, type Store } from './store/store.ts';
import { type DeliveryAnswer, isSignedAnswer, webhookPath } from './webhook/route.ts';

/** How long the portal may be silent during one request. The whole request may take twice as long. */
const portalTimeoutMs = 20_000;
/** How long a stopping service waits for work in progress. It must stop within 10 s of SIGTERM. */
const drainMs = 7_000;
/** How long a closing server waits for open requests. Then it cuts their connections. */
const closeMs = 1_000;
/** A stop takes no longer, even if the database does not answer: see `drainMs`. */
const longestStopMs = 9_000;
/** The shortest time for which a stopping replica still accepts requests, if other replicas run. */
const noticeMs = 2_000;

/** What the process provides: time, randomness, ids and output. */
export type Environment = {
  readonly clock: Clock;
  readonly random: () => number;
  readonly newId: NewId;
  readonly log: Log;
};

/** All services below HTTP, on one database. That is enough for a command without a server. */
export type Core = Awaited<ReturnType<typeof createCore>>;

export type OpenedCore =
  | { readonly kind: 'opened'; readonly core: Core }
  /** Another process serves this database. */
  | { readonly kind: 'busy'; readonly holder: Holder | null; readonly hint?: string }
  /** The database belongs to another portal or was moved, or a file that is needed has a fault. */
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Takes the lock or joins the replicas, migrates the database and creates all services below HTTP.
 * @throws when the database is newer than this program or cannot be used
 */
export async function openCore(config: Config, environment: Environment): Promise<OpenedCore> {
  const read = await loadChannelFiles(config);
  if (read.kind === 'faulty') return { kind: 'refused', reason: read.faults.join('\n') };
  const locked = await lockDatabase(config.database, () => environment.newId('rep'));
  if (locked.kind !== 'held') return locked;
  const { lock } = locked;
  let store: Store | null = null;
  try {
    const { clock, log } = environment;
    if (!lock.isReliable) {
      const text = `the file system of ${config.database.name} does not keep locks, so SQLite cannot protect the database: set DATABASE_URL to a file on a local disk`;
      log.warn({}, text);
    }
    store = locked.openStore({ onTrouble: (detail) => log.warn({}, detail), now: clock.now });
    const otherPortal = await refuseOtherPortal(store, config);
    if (otherPortal === null) {
      const core = await createCore({ config, environment, store, lock, files: read.files });
      return { kind: 'opened', core };
    }
    await store.close();
    await lock.release();
    return { kind: 'refused', reason: otherPortal };
  } catch (error) {
    await store?.close();
    await lock.release();
    if (error instanceof ForgetKeyUnusable) return { kind: 'refused', reason: error.message };
    throw error;
  }
}

/**
 * Compares the configured origin of the portal with the stored origin. If no origin is stored yet, it
 * stores the configured one. `checkPortal` compares the tenant id.
 * @returns why the database is refused, or null
 */
async function refuseOtherPortal(store: Store, config: Config): Promise<string | null> {
  const origin = config.DOCSPACE_URL;
  const known = await store.getValue('portal_origin');
  if (known === null) await store.setValue('portal_origin', origin);
  if (known === null || known === origin) return null;
  return `${config.database.name} belongs to the portal ${known}, but DOCSPACE_URL is ${origin}: if the portal moved, run "portal moved --to ${origin}"; for another portal use another DATABASE_URL`;
}

type CoreOptions = {
  readonly config: Config;
  readonly environment: Environment;
  readonly store: Store;
  readonly lock: Lock;
  readonly files: ChannelFiles;
};

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the composition root
async function createCore(options: CoreOptions) {
  const { config, environment, store, lock } = options;
  const { clock, newId, log } = environment;
  const { now } = clock;
  const replica = newId('rep');
  const startedAt = now();
  let wakeWorker = () => {};
  const wake = () => wakeWorker();
  const { health, databaseWatch } = watchedHealth(options);
  const metrics = createMetrics();
  const client = createPortalClient({
    origin: config.DOCSPACE_URL,
    apiKey: config.DOCSPACE_API_KEY,
    concurrency: config.DOCSPACE_CONCURRENCY,
    timeoutMs: portalTimeoutMs,
    clock,
    random: environment.random,
    onCall: metrics.meters.portalCall,
  });
  const account = createAccount(client, store);
  const switches = createSwitchesReader({ client, store, clock });
  const recorder = createRecorder({ store, now, log });
  const mailer = await openMailer(config, { clock, random: environment.random });
  const channelDeps = {
    settings: config,
    files: options.files,
    portal: portalForChannels(client, account),
    portalCulture: account.culture,
    mailer,
  };
  const channels = createChannels(channelDeps);
  const composeInvitation = invitationLetters(channelDeps);
  const canMail = composeInvitation !== null;
  const pauses = createPauses({
    store,
    clock,
    log,
    health,
    channels: config.WELCOME_CHANNEL,
    channelWarning: warnAboutKey(config, log) ? 'key_not_signed' : null,
  });
  await pauses.load();
  const audience = config.WELCOME_AUDIENCE;
  const baseline = createBaseline({
    client,
    store,
    recorder,
    pending: config.WELCOME_BASELINE_PENDING,
    now,
  });
  const firstStart = createFirstStart({ client, store, now });
  await firstStart.note();
  const keyExpiry = createKeyExpiry({
    client,
    isApiKey: config.DOCSPACE_API_KEY.startsWith('sk-'),
    health,
    clock,
  });
  const address = config.PUBLIC_URL === null ? webhookPath : `${config.PUBLIC_URL}${webhookPath}`;
  const reconciler = createReconciler({
    address,
    keyExpiry,
    firstStart,
    switches,
    onRunEnded: metrics.meters.runEnded,
    client,
    store,
    account,
    hints: createHints({ store, recorder, now, wake }),
    baseline,
    audience,
    isLeader: () => replicas.isLeader(),
    webhookCheck: createWebhookCheck({
      client,
      store,
      address,
      secret: config.DOCSPACE_WEBHOOK_SECRET,
      clock,
      health,
      log,
    }),
    pauses,
    wake,
    everyMs: config.RECONCILE_EVERY,
    clock,
    log,
    health,
  });
  const replicas: Replicas = createReplicas({
    store,
    client,
    pauses,
    reconciler,
    concurrency: config.DOCSPACE_CONCURRENCY,
    wake,
    alone: () => ({ id: replica, version, startedAt, seenAt: clock.now() }),
    health,
    clock,
    log,
  });
  await replicas.start();
  const events = createEventsOf(options, health, replicas);
  const portalOrigin = config.DOCSPACE_URL;
  const mayApply = async () => audience === 'invited' || baseline.isComplete();
  return {
    config,
    environment,
    store,
    lock,
    health,
    databaseWatch,
    metrics,
    client,
    account,
    switches,
    recorder,
    channels,
    /** Null without `SMTP_URL`. */
    mailer,
    /** Null if this service cannot mail the letters of invitations. */
    composeInvitation,
    templates: options.files.templates,
    pauses,
    baseline,
    reconciler,
    keyExpiry,
    firstStart,
    inviter: createInviter({
      store,
      recorder,
      client,
      account,
      switches,
      newId,
      clock,
      log,
      portalOrigin,
      canMail,
      wake,
    }),
    reissuer: createReissuer({
      store,
      recorder,
      client,
      switches,
      portalOrigin,
      canMail,
      now,
      wake,
    }),
    operator: createOperator({
      store,
      recorder,
      pauses,
      hurry: replicas.hurry,
      reconcile: replicas.reconcile,
      now,
    }),
    forgetter: createForgetter({ store, now, log }),
    replayer: createReplayer({ store, recorder, mayApply, wake }),
    previewer: createPreviewer({
      reads: store,
      channels,
      composeInvitation,
      portalUrl: portalOrigin,
      now,
      pauses,
    }),
    tokens: createTokens({ store, adminToken: config.ADMIN_TOKEN, newId, now }),
    replicas,
    /** Null: events are off. */
    events,
    /** Whether deliveries may become hints: with the audience `everyone`, only after the baseline. */
    mayApply,
    /** Called when a member or a letter may have become due. */
    wake,
    /** Sets the function to call whenever a member or a letter may have become due. */
    onWake: (wakeAgain: () => void) => {
      wakeWorker = wakeAgain;
    },
    async close() {
      await events?.stop();
      await replicas.stop();
      for (const channel of channels) channel.close();
      mailer?.close();
      await client.close();
      await store.close();
      await lock.release();
    },
  };
}

/** @returns null if `EVENTS_URL` is not set; then nothing reads the outbox */
function createEventsOf(
  { config, environment, store }: CoreOptions,
  health: Health,
  { isLeader }: Replicas,
): Events | null {
  const { EVENTS_URL: url, EVENTS_SECRET: secret } = config;
  if (url === null || secret === null) return null;
  const { clock, log } = environment;
  const receiver = createReceiver({ url, secret, clock });
  return createEvents({ store, receiver, clock, health, log, isLeader });
}

/** Creates a `Health` that checks the database file before each report. */
function watchedHealth(options: CoreOptions) {
  const { clock, log } = options.environment;
  const health = createHealth();
  const databaseWatch = createDatabaseWatch({
    store: options.store,
    databaseName: options.config.database.name,
    health,
    clock,
    log,
  });
  const report = () => {
    databaseWatch.check();
    return health.report();
  };
  return { health: { ...health, report }, databaseWatch };
}

/** The requests that channels may send to the portal. */
function portalForChannels(client: PortalClient, account: Account) {
  return {
    send: client.sendCongratulations,
    portalNow: client.portalNow,
    isPortalWell: async () => (await account.checkPortal()).kind === 'ok',
    async tenantId() {
      const known = await account.tenantId();
      return known.kind === 'ok' ? known.value : null;
    },
  };
}

/** Logs a warning and returns true if no portal can accept the configured Key. */
function warnAboutKey(config: Config, log: Log): boolean {
  const isUnusable = isKeyUnusable({
    channels: config.WELCOME_CHANNEL,
    key: config.WELCOME_KEY,
    hasMachineKey: config.DOCSPACE_MACHINE_KEY_FILE !== null,
  });
  if (isUnusable) {
    log.warn({}, `WELCOME_KEY is not a signed Key: ${reasonText({ code: 'portal_rejects_key' })}`);
  }
  return isUnusable;
}

/** What the routes of a server need in addition to the core. */
type Serving = {
  readonly inviteRuns: InviteRuns;
  readonly isStopping: () => boolean;
  /** Called after a delivery was stored, and after a delivery could not be stored. */
  readonly onDelivery: () => void;
};

/** Creates all routes on a core, for a server or for requests within this process. */
function routesOf(core: Core, serving: Serving): OpenAPIHono {
  const { config, store, health, metrics, pauses, reconciler } = core;
  const { clock, newId, log } = core.environment;
  const answers: Partial<Record<DeliveryAnswer, number>> = {};
  let lastDeliveryAt: number | null = null;
  const secrets = [config.DOCSPACE_WEBHOOK_SECRET, config.DOCSPACE_WEBHOOK_SECRET_PREVIOUS];
  return createRoutes({
    webhook: {
      store,
      secrets: secrets.filter((secret) => secret !== null),
      now: clock.now,
      log,
      health,
      // If other replicas run, they apply the deliveries that this one still accepts.
      isStopping: () => serving.isStopping() && !core.replicas.hasOthers(),
      wake: serving.onDelivery,
      onRepeat: createRepeatedDeliveries({
        store,
        recorder: core.recorder,
        mayApply: core.mayApply,
        wake: core.wake,
        now: clock.now,
        log,
      }),
      count: (answer) => {
        answers[answer] = (answers[answer] ?? 0) + 1;
        metrics.meters.delivery(answer);
        if (isSignedAnswer(answer)) lastDeliveryAt = clock.now();
      },
    },
    ...apiOptionsOf(core),
    endedSessions: store,
    deliveryAnswers: () => answers,
    countWrongToken: metrics.meters.wrongToken,
    metrics: metrics.routes({
      store,
      health,
      pauses: pauses.current,
      reconciler,
      keyExpiresAt: core.keyExpiry.expiresAt,
      lastDeliveryAt: () => lastDeliveryAt,
      eventsLag: core.events?.lag ?? null,
      now: clock.now,
    }),
    isStopping: serving.isStopping,
    inviteRuns: serving.inviteRuns,
    canMail: core.composeInvitation !== null,
    reconciler,
    portalUrl: config.DOCSPACE_URL,
    publicUrl: config.PUBLIC_URL,
    adminToken: config.ADMIN_TOKEN,
    newId,
  });
}

/** The HTTP API on a core, for requests within this process: `apiOf(core).request(path)`. */
export function apiOf(core: Core): OpenAPIHono {
  return createRoutes(apiOptionsOf(core));
}

function apiOptionsOf(core: Core): ApiOptions {
  const { config } = core;
  const { clock, log } = core.environment;
  return {
    reads: core.store,
    idempotencyKeys: core.store,
    inviter: core.inviter,
    reissuer: core.reissuer,
    replayer: core.replayer,
    operator: core.operator,
    forgetter: core.forgetter,
    previewer: core.previewer,
    pauses: core.pauses.current,
    health: core.health,
    wake: core.wake,
    replicas: core.replicas.live,
    channelChoice: { inUse: [...config.WELCOME_CHANNEL], why: config.channelChoice },
    tokens: core.tokens,
    events: core.events,
    clock,
    log,
  };
}

/** A running service. */
export type Service = {
  readonly url: string;
  readonly store: Store;
  readonly inviter: Inviter;
  /** All routes. A test compares them with the OpenAPI document. */
  readonly routes: readonly { readonly method: string; readonly path: string }[];
  /**
   * Waits for work in progress, records attempts that have not ended, and closes the database. Waits for
   * no more than 9 s.
   */
  readonly stop: () => Promise<void>;
};

export type Started =
  | { readonly kind: 'started'; readonly service: Service }
  | Exclude<OpenedCore, { kind: 'opened' }>;

/**
 * Starts the whole service: core, worker, poll, housekeeping and server.
 * @throws when the address is taken, and as `openCore` does
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the composition root
export async function startService(config: Config, environment: Environment): Promise<Started> {
  const startedAt = environment.clock.now();
  const opened = await openCore(config, environment);
  if (opened.kind !== 'opened') return opened;
  const { core } = opened;
  const { store, health, databaseWatch, lock, reconciler, inviter } = core;
  const { clock, newId, log } = environment;
  /** When a step of a stop fails, because the database is away, the next step follows. */
  const attempted = (step: Promise<unknown> | undefined) =>
    step?.catch((error) =>
      log.error({ err: error }, 'a part of the service could not stop cleanly'),
    );
  health.set('store', 'ok', 'writable');

  const backpressure = createBackpressure(clock.now);
  const worker = createCoreWorker(core, backpressure);
  const letters = createCoreLetters(core);
  core.onWake(() => {
    worker.wake();
    letters?.wake();
  });
  const retentionDays = config.RETENTION_DAYS;
  const notesExpiry = core.events !== null;
  const housekeeping = createHousekeeping({
    store,
    inviter,
    retentionDays,
    notesExpiry,
    isLeader: core.replicas.isLeader,
    clock,
    log,
  });
  const notices = await openNotices(core);
  const inviteRuns = createInviteRuns({ inviter, store, clock, newId, log });
  let isStopping = false;
  const routes = routesOf(core, {
    inviteRuns,
    isStopping: () => isStopping,
    onDelivery() {
      backpressure.arrived();
      worker.wake();
    },
  });

  await store.releaseLeft();
  let server: Listening;
  try {
    server = await listen(routes, config.HOST, config.PORT, {
      publicUrl: config.PUBLIC_URL,
      log,
    });
  } catch (error) {
    await core.close();
    throw error;
  }
  try {
    await lock.announce(server.url);
    await core.replicas.beatNow();
    await core.events?.start();
    await worker.start();
    await letters?.start();
    await reportRestored(store, log);
    await reportLostKey(store, log);
  } catch (error) {
    await stopInTime();
    throw error;
  }
  reconciler.start();
  housekeeping.start(store.replication ? null : startedAt);
  inviteRuns.takeOver();
  databaseWatch.start(core.wake, core.replicas.isLeader);
  notices?.start();
  log.info({ url: server.url, version }, 'the service is ready');
  if (lock.isAfterUncleanStop) checkForDamage(config.database, health, log);

  let stopped: Promise<void> | null = null;

  async function stopAll(): Promise<void> {
    isStopping = true;
    const stopsAt = clock.now();
    const ended = Promise.all(
      [
        databaseWatch.stop(),
        core.events?.stop(),
        reconciler.stop(),
        housekeeping.stop(),
        inviteRuns.stop(),
        notices?.stop(),
      ].map(attempted),
    );
    // The server keeps listening while work ends. If no other replica runs, it answers the portal 503,
    // so the portal tries again.
    const deadlineAt = clock.now() + drainMs;
    const drained = letters?.drain(deadlineAt);
    const cut = async () => {
      await drained;
      for (const channel of core.channels) channel.close();
      core.mailer?.close();
      await core.client.close();
    };
    await attempted(worker.stop(deadlineAt, cut));
    await attempted(letters?.stop());
    await ended;
    // In this time, load balancers notice that this replica is not ready any more.
    if (core.replicas.hasOthers()) await sleepUntil(clock, stopsAt + noticeMs);
    await server.close(closeMs);
    await attempted(core.close());
    log.info({}, 'the service has stopped');
  }

  async function stopInTime(): Promise<void> {
    const stopped = new AbortController();
    const deadline = sleepUntil(clock, clock.now() + longestStopMs, stopped.signal);
    await Promise.race([stopAll().finally(() => stopped.abort()), deadline]);
  }

  return {
    kind: 'started',
    service: {
      url: server.url,
      store,
      inviter,
      routes: routes.routes.map(({ method, path }) => ({ method, path })),
      stop() {
        stopped ??= stopInTime();
        return stopped;
      },
    },
  };
}

/**
 * Creates the notices to the admins. Null without `NOTIFY_EMAIL`. The module is imported only here,
 * because it loads the library for letters.
 */
async function openNotices(core: Core): Promise<Notices | null> {
  const { config, mailer, templates } = core;
  const { NOTIFY_EMAIL: to, WELCOME_FROM: from } = config;
  if (to === null || from === null || mailer === null || templates === null) return null;
  const { createNotices } = await import('./notices/notices.ts');
  const { store, firstStart, health, pauses, keyExpiry } = core;
  return createNotices({
    ...core.environment,
    settings: { ...config, NOTIFY_EMAIL: to, WELCOME_FROM: from },
    mailer,
    templates,
    store,
    firstStart,
    health,
    pauses,
    keyExpiry,
    onEnded: core.metrics.meters.notice,
    isLeader: core.replicas.isLeader,
  });
}

function createCoreWorker(core: Core, backpressure: ReturnType<typeof createBackpressure>): Worker {
  const { config, store, recorder, channels, pauses } = core;
  const { clock, newId, log } = core.environment;
  const attempts = createAttempts({
    store,
    recorder,
    channels,
    pauses,
    onUnknown: config.WELCOME_ON_UNKNOWN,
    clock,
    newId,
    onEnded: core.metrics.meters.ended,
  });
  return createWorker({
    store,
    client: core.client,
    account: core.account,
    recorder,
    baseline: core.baseline,
    attempts,
    pauses,
    maxPerHour: config.WELCOME_MAX_PER_HOUR,
    isLeader: core.replicas.isLeader,
    audience: config.WELCOME_AUDIENCE,
    baselinePending: config.WELCOME_BASELINE_PENDING,
    firstStart: core.firstStart,
    onBaselineComplete: core.reconciler.runSoon,
    onManyWaiting: core.reconciler.readWaitingSoon,
    concurrency: core.client.share,
    backpressure,
    clock,
    log,
    health: core.health,
  });
}

/** @returns null if this service cannot mail letters */
function createCoreLetters(core: Core): Letters | null {
  const { config, store, client, mailer, composeInvitation: compose, pauses } = core;
  if (!mailer || !compose) return null;
  const { clock, newId, log } = core.environment;
  return createLetters({
    store,
    client,
    switches: core.switches,
    mailer,
    compose,
    pauses,
    remindAfterMs: config.INVITE_REMIND_AFTER ?? [],
    // If there are several connections, one of them is left for welcomes.
    concurrency: Math.max(1, config.SMTP_CONNECTIONS - 1),
    clock,
    newId,
    log,
    onEnded: core.metrics.meters.letter,
  });
}

/** Checks the database in a thread after an unclean stop. The service is ready meanwhile. */
function checkForDamage(database: Database, health: Health, log: Log): void {
  log.info({}, 'the last stop was not clean: the database is being checked');
  findDamage(database).then(
    (damage) => {
      if (damage === null) return log.info({}, 'the database is intact');
      health.condemn('store', 'database_damaged');
      return log.error({}, `the database is damaged, restore a backup: ${damage}`);
    },
    (error) => log.error({ err: error }, 'the database could not be checked'),
  );
}
